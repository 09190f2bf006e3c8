"""Checks that this term's seed is its own: not the published one, and not an earlier term's.

`handout build` keeps in `autograder/core/rubric.json`, under `terms`, a digest of each seed with which a term was
built. No seed is forgotten if a term gets another seed, or if a new term is built before it has its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.core.rubric import is_published, seed_digest
from autograder.handout.course import load_course

RUBRIC = "autograder/core/rubric.json"
CHOOSE = (
    'set another `seed` in solutions/course.toml (python -c "import secrets; print(secrets.token_hex())" makes one)'
)


def terms_of(text: str) -> dict[str, list[str]]:
    """The terms in a rubric's text, each with the digests of its seeds; none if it names none."""
    try:
        terms = json.loads(text)["terms"]
        return {str(term): [digests] if isinstance(digests, str) else list(digests) for term, digests in terms.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}


def terms_with(root: Path, term: str, seed: str) -> dict[str, list[str]]:
    """The terms that were built before, and this one."""
    path = root / RUBRIC
    terms = terms_of(path.read_text("utf-8", errors="replace")) if path.is_file() else {}
    terms[term] = list(dict.fromkeys([*terms.get(term, ()), seed_digest(seed)]))
    return dict(sorted(terms.items()))


def seed_problems(root: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the reasons why somebody could know this term's hidden inputs; `files` are those of a build."""
    course = load_course(root / "solutions" / "course.toml")
    if is_published(course.seed):
        yield f"the seed is that with which the kit was published, and anybody can compute the hidden inputs: {CHOOSE}"
    terms = terms_of(files[RUBRIC].decode())
    digest = seed_digest(course.seed)
    if earlier := " and ".join(term for term in terms if term != course.term and digest in terms[term]):
        yield (
            f"the seed is that of the term {earlier}, whose hidden inputs students may have kept: {CHOOSE}; where "
            f"{earlier} is this term under another name, delete it from `terms` in {RUBRIC} and build again"
        )
