"""What everything else stands on: the nouns, the settings, errors, text, and files that are whole or not there."""
