"""The base of everything else: nouns, settings, errors, text, and files that are whole or not there."""
