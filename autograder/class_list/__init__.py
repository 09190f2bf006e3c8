"""The list of the class: its students, the damage that a spreadsheet does to it, and the names of its columns."""
