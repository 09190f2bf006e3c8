"""Opens what a packed tar is packed with, each kind within the same memory, whatever the archive asks for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol, cast

import zstandard

from autograder.settings import MIB

MEMORY = 128 * MIB
"""What unpacking may take besides the bytes themselves; an archive states what it needs."""


class Plain(Protocol):
    """What unpacked bytes come from."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most `size` bytes, none at the end."""
        ...


Opened = Callable[[io.FileIO], AbstractContextManager[Plain]]


def _gzip(raw: io.FileIO) -> AbstractContextManager[Plain]:
    return gzip.GzipFile(fileobj=raw, mode="rb")


def _bzip2(raw: io.FileIO) -> AbstractContextManager[Plain]:
    return bz2.BZ2File(cast(BinaryIO, raw), "rb")


def _xz(raw: io.FileIO) -> AbstractContextManager[Plain]:
    return io.BufferedReader(_XzReader(raw))


def _zstd(raw: io.FileIO) -> AbstractContextManager[Plain]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=MEMORY)
    return unpacker.stream_reader(raw, read_across_frames=True)


class _XzReader(io.RawIOBase):
    """What `lzma.LZMAFile` does, with a limit on memory, which that class does not have."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        while not self._unpacker.eof:
            data = self._raw.read(MIB // 4) if self._unpacker.needs_input else b""
            if self._unpacker.needs_input and not data:
                raise EOFError("the archive is cut short")
            if unpacked := self._unpacker.decompress(data, len(view)):
                view[: len(unpacked)] = unpacked
                return len(unpacked)
        return 0


KINDS: Mapping[bytes, Opened] = {b"\x1f\x8b": _gzip, b"BZh": _bzip2, b"\xfd7zXZ": _xz, b"\x28\xb5\x2f\xfd": _zstd}
"""How each kind begins."""
