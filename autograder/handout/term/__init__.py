"""Everything for one term: its seed, its variant, and the files to upload."""
