"""The instructor's tool: makes everything that students get from `solutions/` and `handouts/source/`."""
