"""The names of a course and its assignment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The names that students and staff read; empty ones are left out. `language` is a code like `en`."""

    homework: str = "Homework"
    course: str = ""
    university: str = ""
    instructor: str = ""
    contact: str = ""
    language: str = "en"


UNNAMED = Names()
"""A course that has said nothing of itself."""
