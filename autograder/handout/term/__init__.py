"""What a term needs: its seed, its variant, and what is uploaded."""
