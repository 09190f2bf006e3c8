"""STAGE 3b: finds the known mistake that gives exactly the answers of the student's code."""
