"""Reads a student's file that is not UTF-8. Python refuses it, but an editor's setting is not a mistake."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from ssl_kit.public.walk import open_regular

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of a file; a longer one is left as it is."""
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def recoded(path: Path) -> tuple[str, str]:
    """The text of a file that is in another encoding than UTF-8 and that encoding's name; nothing for other files."""
    try:
        with open_regular(path) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return "", ""
    encoding = _encoding(data)
    if not encoding or len(data) > MOST_BYTES:
        return "", ""
    try:
        text = data.decode(encoding)
    except ValueError:
        return "", ""
    return text, {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}.get(encoding, "Latin-1")


def settle(path: Path) -> None:
    """Rewrite a file as UTF-8 if it is in another encoding that is recognised."""
    text, encoding = recoded(path)
    if encoding:
        path.write_text(text, "utf-8", newline="")


def _encoding(data: bytes) -> str:
    """The encoding of a file; empty if that is UTF-8, or if the file names it itself."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    head = data[:2]
    if b"\0" in head:
        return "utf-16-le" if head.endswith(b"\0") else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # Windows means cp1252 by it, which lacks some bytes; Latin-1 has every one.
        return "" if any(_COOKIE.match(line) for line in data.split(b"\n", 2)[:2]) else _western(data)
    return ""


def _western(data: bytes) -> str:
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
