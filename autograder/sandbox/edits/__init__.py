"""Small changes of a student's function that may be its repair: found in its text, and made for one call."""
