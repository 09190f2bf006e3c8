"""Sets a PDF in Typst's own fonts, and in others only if these lack a character, so that its bytes stay the same.

A character that no font has would be an empty box: PDF/UA-1 forbids it, and so the build stops.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import typst

from autograder.core.errors import AutograderError

STANDARD: Final = "ua-1"
"""The standard that Typst checks: no character without a glyph, no drawing without words, no skipped heading."""
PACKAGE = "manimgx_fonts_cjk"
"""Noto Sans CJK (SIL Open Font License), which has Hangul, kana and Chinese characters."""
REGIONS = {"ja": "JP", "zh": "SC"}
MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')
TO_INSTALL = (
    "For Korean, Japanese and Chinese `pip install manimgx-fonts-cjk`, or `apt install fonts-noto-cjk`; for other "
    "scripts install a font that has them, such as Debian's fonts-noto-core."
)
MOST = 12
"""The most characters that a message names."""


def families(language: str) -> tuple[str, str]:
    """The first font of a text, and one for missing characters. The CJK font has Latin letters of its own."""
    cjk = f"Noto Sans CJK {REGIONS.get(language, 'KR')}"
    return (cjk, "Libertinus Serif") if language in ("ko", *REGIONS) else ("Libertinus Serif", cjk)


def set_pdf(page: Path, title: str) -> bytes:
    """Compile a Typst file; raises AutograderError with the characters that no installed font has."""
    for fonts in _fonts():
        try:
            made = typst.compile(str(page), root=str(page.parent), timestamp=0, pdf_standards=STANDARD, **fonts)
        except (RuntimeError, ValueError) as error:
            if MISSING.search(str(error)):
                continue
            problem = f"The PDF of {title!r} cannot be made: {str(error).replace(str(page.parent), '')[:300]}"
            raise AutograderError(problem, "Look for the formula or figure in handouts/source/.") from error
        assert isinstance(made, bytes)
        return made
    lacking = ", ".join(f"{one} ({unicodedata.name(one[0], 'unnamed')})" for one in _lacking(page))
    problem = f"The PDF of {title!r} cannot be made: no font has {lacking}."
    raise AutograderError(problem, TO_INSTALL)


def _fonts() -> Iterator[Mapping[str, Any]]:
    """Yield sets of fonts: Typst's own, those of a Python package that the lock file pins, those of the machine."""
    yield {"ignore_system_fonts": True}
    spec = find_spec(PACKAGE)
    if spec is not None and spec.origin is not None:
        yield {"ignore_system_fonts": True, "font_paths": [str(Path(spec.origin).parent)]}
    yield {"ignore_system_fonts": False}


def _lacking(page: Path) -> Iterator[str]:
    """Yield the first few characters of a page that no font has, each found by setting those that are left."""
    left = {char for char in page.read_text("utf-8") if ord(char) > 0x7F and char.isprintable()}
    fonts = list(_fonts())[-1]
    for _ in range(MOST):
        text = f'#set document(title: "characters")\n#"{"".join(sorted(left))}"'
        try:
            typst.compile(text.encode(), timestamp=0, pdf_standards=STANDARD, **fonts)
        except RuntimeError as error:
            if found := MISSING.search(str(error)):
                yield found[1]
                left -= {*found[1]}
                continue
        return
