"""Map one function over submissions; know nothing of grading."""
