"""Stage 1, continued: a Submission becomes a private folder of plain files."""
