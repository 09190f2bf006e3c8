"""The pages that a course reads first when it adopts the kit: its citation, its numbers, its changes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

from autograder import __version__

ROOT = Path(__file__).parent.parent


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_citation_agrees_with_the_package() -> None:
    """The keys that version 1.2.0 of the format demands, and the facts that stand elsewhere, too."""
    cited = yaml.safe_load(read("CITATION.cff"))
    assert cited["cff-version"] == "1.2.0" and cited["message"] and cited["title"]
    assert cited["version"] == __version__
    assert cited["license"] == tomllib.loads(read("pyproject.toml"))["project"]["license"]
    assert [author["name"] for author in cited["authors"]] == re.findall(r"Copyright \(c\) \d+ (.+)", read("LICENSE"))


def test_each_line_of_the_changelogs_says_what_it_touches() -> None:
    for name in ("CHANGELOG.md", "handouts/source/changes.md"):
        lines = [line for line in read(name).splitlines() if line.startswith("- ")]
        assert lines or name == "handouts/source/changes.md"  # a course begins it again
        assert all(re.match(r"- (?:\d{4}-\d\d-\d\d )?(?:code|handout): \S", line) for line in lines), name


def test_the_notice_names_a_source_for_each_published_table() -> None:
    notice = read("NOTICE")
    assert re.search(r"Copyright \(c\).*", read("LICENSE"))[0] in notice  # type: ignore[index]
    assert all(name in notice for name in ("Tables 1 to 4", "DirectPred's table", "Queue size"))
