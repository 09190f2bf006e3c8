"""Edits the kit itself: a question more, another id, one less; in a copy first."""
