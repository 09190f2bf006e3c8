"""What leaves the grader for a learning platform: marks written into the sheet that the platform exported."""
