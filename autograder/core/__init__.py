"""The base of everything else: records, settings, errors, text, and files that are whole or not there."""
