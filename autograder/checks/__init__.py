"""STAGE 3, TRUSTED: compares answers with the reference's. `pytest autograder/checks --submission PATH` does, too."""
