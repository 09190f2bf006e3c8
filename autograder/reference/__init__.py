"""The reference solution: its process, this year's variant of it, its stored answers, and the known mistakes."""
