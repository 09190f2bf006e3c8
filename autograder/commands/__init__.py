"""The commands: the flags and the summary of a grading run, `export`, `diff` and `show`."""
