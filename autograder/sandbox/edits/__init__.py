"""Small changes of a function of the student's that may be its repair: found in its text, and made for one call."""
