"""What a person calls besides a grading run: its flags, its summary, `export`, `diff` and `show`."""
