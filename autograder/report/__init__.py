"""Stage 4: results become things that people read."""
