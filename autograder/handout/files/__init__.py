"""The files that students get, made from `solutions/`."""
