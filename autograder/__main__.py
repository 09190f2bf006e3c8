"""`python -m autograder` is `autograde`."""

from autograder.entry import autograde

autograde()
