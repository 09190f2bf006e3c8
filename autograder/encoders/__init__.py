"""Trained encoders that students handed in, measured."""
