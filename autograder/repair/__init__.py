"""Finds the smallest change of a student's own lines that makes every check of a question pass."""
