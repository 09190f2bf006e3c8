"""nbgrader's gradebook: scores of `autograde` next to marks that people give by hand (`autograde --gradebook`)."""
