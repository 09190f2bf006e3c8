"""From points to marks: points by hand, what comes off for being late, tables, and what moved between two runs."""
