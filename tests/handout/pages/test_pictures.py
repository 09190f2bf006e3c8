"""A course's own pictures: an SVG with words or a PNG, on the web and in the PDF, and what is said of others."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.build import pages_of

SECTION = "handouts/source/questions/1.2.md"
SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" {}><rect width="9" height="9"/></svg>\n'


def png(width: int, height: int) -> bytes:
    """A black picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def shown(repository: Path, file: str, content: bytes | None) -> tuple[str, bytes]:
    """The handout as a web page and as a PDF, with this picture in the section of question 1.2."""
    (repository / SECTION).write_text(f"![A logo, *ours*](figures/{file})\n")
    folder = repository / "handouts/source/figures"
    folder.mkdir(exist_ok=True)
    if content is not None:
        (folder / file).write_bytes(content)
    pages = pages_of(repository)
    web, pdf = pages["handouts/assignment.html"], pages["handouts/assignment.pdf"]
    assert isinstance(web, str) and isinstance(pdf, bytes)
    return web, pdf


@pytest.mark.parametrize(
    "said",
    ['width="300" height="60" role="img" aria-label="A tower"', 'aria-label="A tower" height="60px" width="300px"'],
)
def test_an_svg_has_words_in_any_order(repository: Path, said: str) -> None:
    web, pdf = shown(repository, "logo.svg", SVG.format(said).encode())
    assert 'aria-label="A tower"' in web and "<?xml" not in web
    assert b"/Alt(A tower)" in pdf


def test_a_png_has_its_caption_for_words_and_is_not_wider_than_the_page(repository: Path) -> None:
    web, pdf = shown(repository, "logo.png", png(1248, 10))
    assert 'width="624" height="5" role="img" aria-label="A logo, *ours*"' in web and "data:image/png;base64," in web
    assert b"/Alt(A logo, *ours*)" in pdf


@pytest.mark.parametrize("said", ['width="300" height="60"', 'aria-label="A tower" width="100%"'])
def test_an_svg_without_words_or_width_is_named(repository: Path, said: str) -> None:
    with pytest.raises(AutograderError, match=r"figures/logo\.svg lacks a width in pixels or an aria-label") as caught:
        shown(repository, "logo.svg", SVG.format(said).encode())
    assert "aria-label=" in caught.value.hint


def test_a_picture_of_another_kind_is_named(repository: Path) -> None:
    with pytest.raises(AutograderError, match=r"figures/logo\.jpg is neither an SVG nor a PNG"):
        shown(repository, "logo.jpg", b"\xff\xd8\xff")


@pytest.mark.parametrize("file", ["none.svg", "none.png", "none.jpg"])
def test_a_picture_that_is_not_there_is_named_with_its_page(repository: Path, file: str) -> None:
    with pytest.raises(AutograderError, match=r"^handouts/source/questions/1\.2\.md: .*'none") as caught:
        shown(repository, file, None)
    assert "handouts/source/figures/" in caught.value.hint


@pytest.mark.parametrize("page", ["questions/1.4.md", "lab0.md", "ta_guide.md"])
def test_a_formula_that_is_none_is_named_with_its_page(repository: Path, page: str) -> None:
    with (repository / "handouts/source" / page).open("a") as source:
        source.write("\n$\\frac{1}{$\n")
    with pytest.raises(AutograderError, match=rf"^handouts/source/{page}: Pandoc cannot read"):
        pages_of(repository)
