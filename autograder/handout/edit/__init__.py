"""Edits the kit itself: adds, renames or removes a question; in a copy first."""
