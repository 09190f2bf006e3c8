"""A habit: what somebody does to right answers out of habit, and what it must get."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.sample_class import RIGHT, hand_in


@dataclass(frozen=True)
class Habit:
    """One hand-in: the six right answers with the changes given here.

    `top` goes below the imports of `file`, `first` above everything, `bottom` to its end; `answers` replace the right
    ones by question; `replace` are edits of the file's text; `beside` are further files. `lost` has the questions that
    get fewer points, with these points; `says` is a sentence that the student must read. `check` is false if the
    student's machine differs from the grader's, so that `check.py` cannot be asked. `broken`: others of the five import
    missing names, for which the grader uses the skeleton's and the student has none.
    """

    name: str
    file: str = "criterion.py"
    first: str = ""
    top: str = ""
    bottom: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    lost: Mapping[str, float] = field(default_factory=dict)
    says: str = ""
    check: bool = True
    broken: bool = False

    def write(self, folder: Path) -> None:
        """Write the five files, and what lies next to them."""
        hand_in(folder, {**RIGHT, **self.answers})
        path = folder / self.file
        text = path.read_text("utf-8")
        for old, new in self.replace.items():
            assert text.count(old) >= 1, f"{self.name}: {self.file} has no {old!r}"
            text = text.replace(old, new)
        if self.top:
            text = _below_imports(text, textwrap.dedent(self.top).strip("\n"))
        text = textwrap.dedent(self.first) + text + textwrap.dedent(self.bottom)
        path.write_bytes(text.encode(self.encoding))
        for name, content in self.beside.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(content), "utf-8")


def _below_imports(text: str, lines: str) -> str:
    """The text with lines after the last import at the margin."""
    last = max(found.end() for found in re.finditer(r"^(?:import|from) .*$", text, re.MULTILINE))
    return f"{text[:last]}\n\n{lines}\n{text[last:]}"
