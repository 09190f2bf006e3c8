"""The TA's desk: changes to grades, on the command line and on a local page."""
