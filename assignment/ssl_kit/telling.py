"""Prints what the public checks say, in the language of the course; finds the files of the download. Given."""

from __future__ import annotations

import functools
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

KIT = Path(__file__).resolve().parent
HERE, PUBLIC = KIT.parent, KIT / "public"
"""The folder of your files, and the folder with the parts of the checks."""
NOT_THEIRS = (
    "check.py",
    *(f"ssl_kit/{name}.py" for name in ("check", "differences", "hand_in", "hints", "step_checks", "telling")),
    "ssl_kit/public/",
)
"""Files in which no line is named when something is raised: they are not yours."""


class Failure(Exception):
    """The reason why a check cannot compare anything; the text is all that the student reads.

    `kind` is the grader's word for it.
    """

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


def tell(text: str, file: TextIO | None = None) -> None:
    """Print a text in the language of the course."""
    print(wording()[1](text), file=file)


def tell_verdict(problem: str) -> None:
    """Print that a check passed, or that it failed and the problem."""
    tell(f"[-----failed-----]\n{problem}" if problem else "[-----passed-----]")


@functools.cache
def wording() -> tuple[str, Callable[[str], str]]:
    """The assignment's name, and the translator into the course's language; neither if their file is damaged."""
    spec = importlib.util.spec_from_file_location("wording", PUBLIC / "wording.py")
    caching, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        assert spec is not None and spec.loader is not None
        spec.loader.exec_module(module := importlib.util.module_from_spec(spec))
        return stored("words.json", "heading"), module.Wording(stored("words.json", "words"))
    except (OSError, Failure):
        return "", str
    finally:
        sys.dont_write_bytecode = caching


def stored(file: str, key: str) -> Any:
    """Read a key of a JSON file of the download; raises Failure with the file's name."""
    try:
        return json.loads((PUBLIC / file).read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError) as error:
        raise Failure(f"ssl_kit/public/{file}") from error


def said(error: BaseException, kind: str = "exception", source: Any = None) -> Failure:
    """Word an exception as the feedback does, with the lines of yours that it came from."""
    from ssl_kit.public.describe import describe

    told = describe(error, kind, HERE, source, NOT_THEIRS)
    return Failure("\n".join(part for part in (told["message"], told["trace"]) if part), told["kind"])
