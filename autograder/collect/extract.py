"""The only archive extractor: unpacks zip and tar (plain, gz, bz2, xz, zst) into a private folder.

Libraries only read the archives; `Target` checks every name and writes every byte. 7-Zip's archives are refused: with
the library that reads them, an archive decides how much memory that takes. A bad member that nobody grades does not
make the archive refused: it is left out and reported.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import zstandard

from autograder.collect import packed
from autograder.collect.inventory import Parts
from autograder.collect.member_names import PLAIN_HINT
from autograder.collect.target import Readable, Target, size_text
from autograder.collect.walk import FOREIGN, PART, TAKEN, Kind, regular_descriptor, shown
from autograder.core.errors import SubmissionProblem
from autograder.core.settings import MIB, Limits
from autograder.core.student_files import STUDENT_FILES

MAX_PIECE = 16 * MIB
"""The most bytes read at once, which is also the most that a zip's directory of members may take."""
MAX_HEADER = 32 * 1024
"""The most bytes that tarfile may read as headers of one member; hostile ones cost its parser quadratic time."""
ENCRYPTED = 0x1
FLAGGED_UTF8 = 0x800
ZIP_END = b"PK\x05\x06"
READ_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
OWN_METHODS = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
MAX_ENDING = 22 + 0xFFFF
"""The bytes at the end of a zip that hold its last record: the record and a comment."""
ZIP64 = 0xFFFF
WHOLE_HINT = "Make one archive that is not split, and hand that in."
AGAIN_HINT = "Make the archive again as .zip or .tar.gz, open it once to see that it is whole, and hand that in."
# The exceptions of the standard library's readers for damaged and for hostile archives.
DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    ArithmeticError,
    lzma.LZMAError,
    zstandard.ZstdError,
)


def extract(archive: Path, into: Path, limits: Limits) -> None:
    """Unpack an archive into the folder `into`; raises SubmissionProblem for one that is damaged, hostile or too large.

    Links are never made.
    """
    unpack(archive, Target(into, limits))


def unpack(archive: Path, target: Target, called: str = "") -> None:
    """Unpack an archive, which messages name as `called`, into a target, which records what was left out."""
    name = called or shown(archive.name)
    try:
        raw = _BoundedFile(regular_descriptor(archive), target.check_time)
    except OSError as error:
        raise SubmissionProblem(
            f"{name} cannot be opened: {error.strerror or 'it is not a file'}.", "Check the file and its permissions."
        ) from None
    with raw:
        try:
            with target.unwrapping() as again:
                read = _reader(raw, name, archive.name)
                read(raw, target)
                if again():
                    raw.seek(0)
                    read(raw, target)
        except DAMAGE:
            raise SubmissionProblem(f"{name} is damaged or cut short.", AGAIN_HINT) from None


def _reader(raw: _BoundedFile, name: str, file_name: str) -> Callable[[_BoundedFile, Target], None]:
    """Choose by content, not by name: a tar.gz that was called .zip is still a submission."""
    start = raw.read(512)
    raw.seek(0)
    if not start:
        raise SubmissionProblem(f"{name} is empty.", AGAIN_HINT)
    for magic, opened in packed.KINDS.items():
        if start.startswith(magic):
            return _packed_tar(opened)
    if start[257:262] == b"ustar":
        return _tar
    if start.startswith(b"PK") or zipfile.is_zipfile(raw):
        if PART.fullmatch(file_name) or _is_part(raw):
            raise SubmissionProblem(f"{name} is one part of several.", WHOLE_HINT)
        return _zip
    kind = next((kind for magic, kind in FOREIGN.items() if start.startswith(magic)), "not an archive")
    raise SubmissionProblem(f"{name} is {kind}, which is not read: hand in {TAKEN}.", AGAIN_HINT)


def _is_part(raw: _BoundedFile) -> bool:
    """Whether the end of a zip says that it is not the first and only disk."""
    raw.seek(max(0, raw.seek(0, io.SEEK_END) - MAX_ENDING))
    ending = raw.read(MAX_ENDING)
    raw.seek(0)
    at = ending.rfind(ZIP_END)
    disk = int.from_bytes(ending[at + 4 : at + 6], "little") if at >= 0 else 0
    return 0 < disk < ZIP64


def _packed_tar(opened: packed.Opened) -> Callable[[_BoundedFile, Target], None]:
    def read(raw: _BoundedFile, target: Target) -> None:
        with opened(raw) as plain:
            _tar(plain, target)

    return read


class _BoundedFile(io.FileIO):
    """An archive's file; `check` is called at every read, and no read may bring in more than MAX_PIECE."""

    def __init__(self, descriptor: int, check: Callable[[], None]) -> None:
        super().__init__(descriptor, "rb")
        self._check = check

    def read(self, size: int | None = -1, /) -> bytes:
        self._check()
        wanted = MAX_PIECE + 1 if size is None or size < 0 else min(size, MAX_PIECE + 1)
        data = bytes(super().read(wanted) or b"")
        if len(data) > MAX_PIECE:
            raise SubmissionProblem("The archive lists too many files and folders.", PLAIN_HINT)
        return data


class _Names:
    """Notes two files whose names differ only in capital letters or the form of an accent: here both are kept."""

    def __init__(self, target: Target) -> None:
        self._seen: dict[str, str] = {}
        self._target = target

    def claim(self, parts: Parts) -> None:
        name = "/".join(parts)
        folded = unicodedata.normalize("NFC", name).casefold()
        other = self._seen.setdefault(folded, name)
        if other != name:
            why = f"one name with {other} on many machines (capital letters do not count there)"
            five = folded.rpartition("/")[2] if folded.endswith(STUDENT_FILES) else ""
            self._target.leave_out(parts, why, "Rename or leave out one of them.", five)


def _zip(raw: _BoundedFile, target: Target) -> None:
    names = _Names(target)
    with zipfile.ZipFile(raw) as archive:
        for info in archive.infolist():
            name = zip_name(info)
            is_folder = name.endswith("/") or stat.S_ISDIR(info.external_attr >> 16)
            parts = target.place(name, is_folder)
            if not parts:
                continue
            if is_folder:
                target.folder(parts)
            else:
                _zip_file(archive, info, parts, names, target)


def _zip_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts: Parts, names: _Names, target: Target) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        target.skip(parts, Kind.LINK if kind == stat.S_IFLNK else Kind.SPECIAL)
    elif info.flag_bits & ENCRYPTED:
        target.leave_out(parts, "encrypted", "Make the archive again without a password.")
    elif info.compress_type not in (*READ_METHODS, *OWN_METHODS):
        why = f"packed in an unusual way (zip method {info.compress_type})"
        target.leave_out(parts, why, "Make the archive again with your system's own zip program.")
    else:
        names.claim(parts)
        try:
            with _opened(archive, info) as source:
                target.file(parts, source)
        except DAMAGE:
            target.drop(parts)
            target.leave_out(parts, "damaged", AGAIN_HINT)


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> AbstractContextManager[Readable]:
    return packed.zip_member(archive, info) if info.compress_type in OWN_METHODS else archive.open(info)


def zip_name(info: zipfile.ZipInfo) -> str:
    r"""Return a member's name as it was meant: macOS does not flag its UTF-8, Windows programs write `\` for `/`."""
    name = info.filename
    if not info.flag_bits & FLAGGED_UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _tar(plain: packed.Plain, target: Target) -> None:
    stream = _TarStream(plain, target)
    names = _Names(target)
    with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
        while (info := stream.header(archive.next)) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # keeps every header otherwise, however many
            parts = target.place(info.name, info.isdir())
            if parts:
                _tar_member(archive, info, parts, names, target)
            elif parts is None:
                stream.pass_by(info.size)
    # The checksum is at the very end: only reading that far shows that the archive is whole.
    while stream.read(MIB):
        pass


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, parts: Parts, names: _Names, target: Target) -> None:
    if info.isdir():
        target.folder(parts)
    elif info.isreg() and (source := archive.extractfile(info)) is not None:
        names.claim(parts)
        target.file(parts, source)
    else:
        target.skip(parts, Kind.LINK if info.issym() or info.islnk() else Kind.SPECIAL)


class _TarStream(io.BufferedIOBase):
    """The stream for tarfile: goes forward only, and limits the bytes of headers and of the whole archive."""

    def __init__(self, plain: packed.Plain, target: Target) -> None:
        self._plain = plain
        self._check = target.check_time
        self._limit = target.limits.unpacked
        self._cap = target.limits.unpacked + 2048 * target.limits.members + MIB
        self._position = 0
        self._header_left: int | None = MAX_HEADER

    def header(self, read_next: Callable[[], tarfile.TarInfo | None]) -> tarfile.TarInfo | None:
        """Let tarfile read the headers of one member, which may take MAX_HEADER bytes."""
        self._header_left = MAX_HEADER
        try:
            return read_next()
        finally:
            self._header_left = None

    def pass_by(self, size: int) -> None:
        """Skip a member that is left out without counting its bytes: only time limits it."""
        self._cap += size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = MAX_PIECE if size is None or size < 0 else size
        if self._header_left is not None:
            self._header_left -= wanted
            if self._header_left < 0:
                raise tarfile.ReadError("a header is too long")
        return self._take(min(wanted, MAX_PIECE))

    def seek(self, position: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or position < self._position:
            raise tarfile.ReadError("a header leads backwards")
        while self._position < position and self._take(min(MIB, position - self._position)):
            pass
        return self._position

    def _take(self, size: int) -> bytes:
        self._check()
        data = bytes(self._plain.read(size) or b"")
        self._position += len(data)
        if self._position > self._cap:
            raise SubmissionProblem(
                f"The submission unpacks to more than {size_text(self._limit)}.",
                "Hand in your own files only, without data sets or checkpoints.",
            )
        return data
