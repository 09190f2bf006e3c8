"""Grades one submission inside a Gradescope container: `python -m autograder.gradescope`."""
