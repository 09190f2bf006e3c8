"""Makes the mystery runs: trains them, tells how far apart they are, and writes each student's folder.

Training runs in a process of its own (`python -m autograder.handout.mystery`), so that nothing else loads PyTorch.
"""
