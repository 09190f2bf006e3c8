"""From points to marks: points by hand, deductions for lateness, tables, and differences between two runs."""
