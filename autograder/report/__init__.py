"""Stage 4: results become pages that people read."""
