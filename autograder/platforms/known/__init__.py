"""One file a platform: it is registered by its `PLATFORM`, and nothing else names it."""
