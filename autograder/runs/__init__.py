"""Runs that students handed in as evidence: one is repeated with the reference, and the two logs are compared."""
