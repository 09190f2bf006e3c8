"""STAGE 3, TRUSTED: answers against the reference's. `pytest autograder/checks --submission PATH` runs it too."""
