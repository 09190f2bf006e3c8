"""Stage 1: a path becomes Submissions, and a Submission becomes a private folder of plain files."""
