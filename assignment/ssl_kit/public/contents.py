"""Finds out what a file of the five is if it is not Python, and whether it is still as it was handed out."""

from __future__ import annotations

import io
import re
import tokenize
from functools import lru_cache
from pathlib import Path

from ssl_kit.public.blocks import stubs
from ssl_kit.hand_in import handed_out
from ssl_kit.public.walk import FOREIGN, open_regular
from ssl_kit.hand_in import MIB

HEAD = 4096
MOST_CODE = MIB // 16
"""The most bytes of a file whose statements are compared: finding them takes seconds per megabyte."""
BEGINNINGS = (
    *((beginning, "a web page; take the file itself (Raw or Download)") for beginning in (b"<!doctype", b"<html")),
    (b"<?xml", "an XML document, not Python code"),
    (b"{\\rtf", "a TextEdit document (RTF); save it as plain text"),
    (b"version https://git-lfs.github.com/", "a Git LFS pointer, not the file; run `git lfs pull` first"),
    (b"%pdf", "a PDF; hand in the Python file"),
    (b"pk\x03\x04", "a zip archive or an office document, not plain text; hand in the Python file"),
    (b"\x1f\x8b", "a packed file (gzip); hand in the Python file"),
    (b"\xd0\xcf\x11\xe0", "an office document; save it as plain text"),
    (b"bplist00", "a property list of macOS, not Python code; hand in the Python file"),
    *((magic.lower(), f"{kind}; hand in the Python file") for magic, kind in FOREIGN.items()),
)
"""The beginnings of files that are often handed in under a name of the five, in small letters, and their kind."""
NOT_CODE = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.ENCODING))
CLOSING = ".icloud"


def what_else(path: Path) -> str:
    """Say what a file is instead of Python code, and what to do, to continue "criterion.py is …"; empty for text."""
    try:
        with open_regular(path) as file:
            head = file.read(HEAD)
    except OSError:
        return ""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        return "empty" if path.stat().st_size <= HEAD else ""
    if start.startswith(b"{") and any(word in head for word in (b'"cells"', b'"nbformat"', b'"cell_type"')):
        return "a notebook; call it .ipynb"
    return next((kind for beginning, kind in BEGINNINGS if start.startswith(beginning)), "")


def is_placeholder(name: str, wanted: str) -> bool:
    """Whether a file is the placeholder that iCloud leaves for another that it has moved away."""
    return name == f".{wanted}{CLOSING}"


def is_untouched(path: Path, name: str) -> bool:
    """Whether a file is one of the five as handed out, apart from comments, blank lines and line ends."""
    data = _read(path)
    if len(data) > MOST_CODE or not handed_out(name):
        return False
    given, code, stubs_say = _handed_out(name)
    if not all(sentence in data for sentence in stubs_say):  # to take a file apart takes long
        return False
    return data == given or _code(data) == code


def is_same(one: Path, other: Path) -> bool:
    """Whether two files are the same, apart from comments, blank lines and line ends."""
    data = _read(one), _read(other)
    return data[0] == data[1] or (
        max(map(len, data)) <= MOST_CODE and bool(code := _code(data[0])) and code == _code(data[1])
    )


def answers(path: Path, name: str) -> bool:
    """Whether a file defines a function that is asked for in one of the five, and not as it was handed out."""
    if what_else(path) or is_untouched(path, name):
        return False
    asked = {names[-1] for found in stubs(handed_out(name)).values() for names in found}
    return any(re.search(rb"\bdef %s\b" % one.encode(), _read(path)) for one in asked)


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(MOST_CODE + 1)
    except OSError:
        return b""


@lru_cache
def _handed_out(name: str) -> tuple[bytes, list[tuple[int, str]], list[bytes]]:
    """A file as it was handed out, its statements, and the sentences of its stubs."""
    data = handed_out(name).encode()
    return data, _code(data), re.findall(rb"Question \S+ is not implemented yet", data)


def _code(data: bytes) -> list[tuple[int, str]]:
    """The statements of a file, without comments and blank lines; none if they cannot be separated."""
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(data.replace(b"\r\n", b"\n")).readline))
    except Exception:  # each version of Python has its own for code that is broken
        return []
    kept = (token for token in tokens if token.type not in NOT_CODE)
    return [(token.type, "" if token.type == tokenize.NEWLINE else token.string) for token in kept]
