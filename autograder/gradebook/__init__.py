"""nbgrader's gradebook: what `autograde` found, next to what people mark by hand (`autograde --gradebook`)."""
