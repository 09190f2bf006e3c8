"""What a course calls itself and its assignment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """What students and staff read of a course; what is empty is left out. `language` is a code like `en`."""

    homework: str = "Homework"
    course: str = ""
    university: str = ""
    instructor: str = ""
    contact: str = ""
    language: str = "en"


UNNAMED = Names()
"""A course that has said nothing of itself."""
