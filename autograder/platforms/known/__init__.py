"""One file per platform: its `PLATFORM` registers it, and nothing else names it."""
