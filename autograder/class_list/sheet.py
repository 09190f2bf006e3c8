"""A CSV file whose untouched cells stay as they are, character for character."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from pathlib import Path

from autograder.core.errors import AutograderError

_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DELIMITERS = ",;\t"
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_DECIMAL_POINT = re.compile(r"\d+\.\d{1,2}")
_LARGEST = 64 * 1024 * 1024
_FOREIGN = re.compile(rb"[\x80-\xff]+")


@dataclass
class Sheet:
    """Rows of cells as written, quotes included; the last cell of a row ends with the row's line end.

    Empty lines are rows with one empty cell, so that nothing is lost.
    """

    rows: list[list[str]]
    ends: list[str]
    delimiter: str
    encoding: str
    mark: bytes

    @property
    def headings(self) -> list[str]:
        """The cells of the first row."""
        return [self.value(0, at) for at in range(len(self.rows[0]))]

    def column(self, names: Sequence[str]) -> int | None:
        """The column with the first of these headings that is there once; None if there is none."""
        return next((self._places[name] for name in map(plain, names) if name in self._places), None)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """The column of each heading that is there once."""
        headings = list(map(plain, self.headings))
        return {heading: at for at, heading in enumerate(headings) if headings.count(heading) == 1}

    def value(self, row: int, column: int) -> str:
        """The text of a cell, without quotes and outer blanks; empty if the row is shorter."""
        cells = self.rows[row]
        return _unquoted(cells[column]).strip() if column < len(cells) else ""

    def write(self, row: int, column: int, text: str) -> None:
        """Change one cell; it is quoted if it was quoted or must be."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].lstrip().startswith('"') or any(sign in text for sign in f'{self.delimiter}"\r\n')
        doubled = text.replace('"', '""')
        cells[column] = f'"{doubled}"' if quoted else text

    def number(self, points: float) -> str:
        """Write a number with at most two decimals, rounded as on paper, with the sheet's own decimal sign."""
        cents = Decimal(f"{points:.4f}").quantize(Decimal("0.01"), ROUND_HALF_UP)
        text = f"{cents}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self._decimal_comma() else text

    def to_bytes(self) -> bytes:
        """The file, in its own encoding."""
        lines = (self.delimiter.join(cells) + end for cells, end in zip(self.rows, self.ends, strict=True))
        return self.mark + "".join(lines).encode(self.encoding, "surrogateescape")

    def _decimal_comma(self) -> bool:
        """Whether numbers are written 12,5: most of them decide, then the delimiter."""
        found: Counter[str] = Counter()
        for row in range(len(self.rows)):
            for cell in map(_unquoted, self.rows[row]):
                found[","] += bool(_DECIMAL_COMMA.fullmatch(cell.strip()))
                found["."] += bool(_DECIMAL_POINT.fullmatch(cell.strip()))
        return found[","] > found["."] if found[","] != found["."] else self.delimiter == ";"


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file with any of the usual delimiters and encodings; raises AutograderError if it is not one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AutograderError(
            f"{path} cannot be read ({error.strerror}).", "Name the sheet that you downloaded."
        ) from error
    if len(data) > _LARGEST or (b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise AutograderError(
            f"{path} is not a CSV file.", "Export the sheet as CSV; an Excel file cannot be filled in."
        )
    mark, encoding = next(((mark, name) for mark, name in _ENCODINGS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp949" if _is_korean(data) else "cp1252"
        text = data.decode(encoding, "surrogateescape") if not mark else ""
    delimiter = _delimiter(text)
    rows, ends = _split(text, delimiter)
    if len(rows) < 2 or len(rows[0]) < 2:
        raise AutograderError(f"{path} has no table in it.", "Export the sheet again, as CSV.")
    return Sheet(rows, ends, delimiter, encoding, mark)


def find_column(headings: Sequence[str], names: Sequence[str]) -> int | None:
    """The one column with one of these headings, in any case; None if there is none or more than one."""
    wanted = {plain(name) for name in names}
    found = [at for at, heading in enumerate(headings) if plain(heading) in wanted]
    return found[0] if len(found) == 1 else None


@cache
def plain(heading: str) -> str:
    """A heading without case, blanks around it, and differences in the encoding of letters and apostrophes."""
    return unicodedata.normalize("NFC", heading).strip().casefold().replace("’", "'")


def _is_korean(data: bytes) -> bool:
    """Tell whether bytes that are not UTF-8 are in the encoding of Korean Excel.

    Its syllables take two bytes each and most stand in words; in a Western text most accents stand alone.
    """
    try:
        data.decode("cp949")
    except UnicodeDecodeError:
        return False
    words = [len(word) for word in _FOREIGN.findall(data)]
    return sum(length > 3 for length in words) >= max(1, words.count(1))


def _delimiter(text: str) -> str:
    outside = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return max(_DELIMITERS, key=outside.count)


def _split(text: str, delimiter: str) -> tuple[list[list[str]], list[str]]:
    """Cells as written, by row, and each row's line end."""
    token = re.compile(
        rf'(?P<cell> *"(?:[^"]|"")*"[^{re.escape(delimiter)}\r\n]*|[^{re.escape(delimiter)}\r\n]*)'
        rf"(?P<end>{re.escape(delimiter)}|\r\n|\n|\r|\Z)"
    )
    rows: list[list[str]] = []
    ends: list[str] = []
    cells: list[str] = []
    at = 0
    while at < len(text):
        match = token.match(text, at)
        assert match is not None  # the second way to be a cell takes everything up to the next delimiter
        cells.append(match["cell"])
        if match["end"] != delimiter:
            rows.append(cells)
            ends.append(match["end"])
            cells = []
        at = match.end()
    if cells:  # the text ends with a delimiter
        rows.append([*cells, ""])
        ends.append("")
    return rows, ends


def _unquoted(cell: str) -> str:
    text = cell.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text
