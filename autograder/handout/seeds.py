"""Whether this term's seed is its own: not the one that came with the kit, and not an earlier term's.

`handout build` keeps in `autograder/rubric.json`, under `terms`, a digest of the seed of each term that was built.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.handout.course import load_course
from autograder.rubric import is_published, seed_digest

RUBRIC = "autograder/rubric.json"
CHOOSE = (
    'set another `seed` in solutions/course.toml (python -c "import secrets; print(secrets.token_hex())" makes one)'
)


def terms_of(text: str) -> dict[str, str]:
    """The terms that a rubric's text tells of, each with the digest of its seed; none where it tells of none."""
    try:
        terms = json.loads(text)["terms"]
        return {str(term): str(digest) for term, digest in terms.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}


def terms_with(root: Path, term: str, seed: str) -> dict[str, str]:
    """The terms that were built before, and this one."""
    path = root / RUBRIC
    before = terms_of(path.read_text("utf-8", errors="replace")) if path.is_file() else {}
    return dict(sorted({**before, term: seed_digest(seed)}.items()))


def seed_problems(root: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Why this term's hidden inputs could be known to somebody; `files` are what a build makes."""
    course = load_course(root / "solutions" / "course.toml")
    if is_published(course.seed):
        yield f"the seed is that with which the kit was published, and anybody can compute the hidden inputs: {CHOOSE}"
    for term, digest in terms_of(files[RUBRIC].decode()).items():
        if term != course.term and digest == seed_digest(course.seed):
            yield (
                f"the seed is that of the term {term}, whose hidden inputs students may have kept: {CHOOSE}; where "
                f"{term} is this term under another name, delete it from `terms` in {RUBRIC} and build again"
            )
