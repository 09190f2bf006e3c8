"""STAGE 3b: which known mistake gives exactly what the student's code gave."""
