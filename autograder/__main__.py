"""`python -m autograder` is `autograde`."""

from autograder.cli import entry_point

entry_point()
