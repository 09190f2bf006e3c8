"""Who is in the class: the list, what a spreadsheet does to it, and what its columns are called."""
