"""The mystery run: each student gets the curves of a training run and names the mistake that was made in it, if any."""

FILE = "mystery.toml"
"""The file to hand in. The `[[manual]]` question of `solutions/course.toml` that has this file is the mystery."""
