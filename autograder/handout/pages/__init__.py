"""The pages that people read, made from `handouts/source/`."""
