"""Opens the compression of a packed tar or of a zip's member, each within the same memory, whatever it asks for."""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol, cast

import zstandard

from autograder.core.settings import MIB

MEMORY = 128 * MIB
"""Memory for unpacking, in addition to the bytes themselves; an archive states how much it needs."""


class Plain(Protocol):
    """A source of unpacked bytes."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most `size` bytes, none at the end."""
        ...


Opened = Callable[[io.FileIO], AbstractContextManager[Plain]]


def _gzip(raw: io.FileIO) -> AbstractContextManager[Plain]:
    return gzip.GzipFile(fileobj=raw, mode="rb")


def _bzip2(raw: io.FileIO) -> AbstractContextManager[Plain]:
    return bz2.BZ2File(cast(BinaryIO, raw), "rb")


def _xz(raw: io.FileIO) -> AbstractContextManager[Plain]:
    return io.BufferedReader(_Reader(raw, lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)))


def _zstd(raw: io.FileIO) -> AbstractContextManager[Plain]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=MEMORY)
    return unpacker.stream_reader(raw, read_across_frames=True, closefd=False)


class _Unpacker(Protocol):
    """An unpacker of `bz2` or `lzma`, a piece at a time."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Reader(io.RawIOBase):
    """Like `lzma.LZMAFile`, with the limit on memory that it lacks."""

    def __init__(self, raw: Plain, unpacker: _Unpacker) -> None:
        self._raw = raw
        self._unpacker = unpacker

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        while not self._unpacker.eof:
            data = self._raw.read(MIB // 4) or b"" if self._unpacker.needs_input else b""
            if self._unpacker.needs_input and not data:
                return self._ended()
            if unpacked := self._unpacker.decompress(data, len(view)):
                view[: len(unpacked)] = unpacked
                return len(unpacked)
        return 0

    def _ended(self) -> int:
        """Handle the end of the bytes before the marked end of the packed data."""
        raise EOFError("the archive is cut short")


class _Member(_Reader):
    """A member of a zip, compared with the size and the checksum that the zip's list of members states."""

    def __init__(self, raw: Plain, unpacker: _Unpacker, info: zipfile.ZipInfo) -> None:
        super().__init__(raw, unpacker)
        self._info = info
        self._size = self._checksum = 0

    def readinto(self, buffer: Any, /) -> int:
        size = super().readinto(buffer)
        self._size += size
        self._checksum = zlib.crc32(memoryview(buffer).cast("B")[:size], self._checksum)
        if not size and (self._size, self._checksum) != (self._info.file_size, self._info.CRC):
            raise zipfile.BadZipFile("a member is not what it should be")
        return size

    def _ended(self) -> int:
        return 0


def zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> io.BufferedReader:
    """Open a member that is packed with BZIP2 or LZMA, whose errors it raises, and zipfile's.

    `zipfile` itself unpacks four kibibytes of it at once, whatever size that gives.
    """
    stored = copy.copy(info)
    stored.compress_type, stored.file_size = zipfile.ZIP_STORED, info.compress_size
    del stored.CRC
    raw = archive.open(stored)
    unpacker = bz2.BZ2Decompressor() if info.compress_type == zipfile.ZIP_BZIP2 else _zip_lzma(raw.read(4), raw)
    return io.BufferedReader(_Member(raw, unpacker, info))


def _zip_lzma(head: bytes, raw: Plain) -> lzma.LZMADecompressor:
    """The decompressor for LZMA in a zip: a version, the size of the properties, the properties, then plain data."""
    properties = raw.read(int.from_bytes(head[2:4], "little")) or b""
    if len(properties) != 5 or properties[0] >= 225:
        raise lzma.LZMAError("the properties are not LZMA's")
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    size = int.from_bytes(properties[1:], "little")
    if size > MEMORY:
        raise lzma.LZMAError("the dictionary is too large")
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": lc, "lp": lp, "pb": pb}]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)


KINDS: Mapping[bytes, Opened] = {b"\x1f\x8b": _gzip, b"BZh": _bzip2, b"\xfd7zXZ": _xz, b"\x28\xb5\x2f\xfd": _zstd}
"""The function that opens each kind of compression, by the first bytes."""
