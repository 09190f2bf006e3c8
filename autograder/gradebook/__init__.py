"""nbgrader's gradebook: what `autograde` found, beside what people mark by hand (`autograde --gradebook`)."""
