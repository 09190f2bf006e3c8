"""Messages over a socket: a JSON header and raw arrays, every size capped before it is believed; never pickle.

A message is: 4 bytes header length, 8 bytes payload length (both big-endian), the header as UTF-8 JSON, the
payload. The header's `arrays` lists `[dtype, shape]` of the arrays that follow each other in the payload.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from autograder.core.records import Param
from autograder.core.values import DTYPES, Array

HEADER_CAP = 1024 * 1024
PAYLOAD_CAP = 64 * 1024 * 1024
ARRAYS_CAP = 4096
DIMENSIONS_CAP = 8
_BY_NAME = {name: dtype for dtype, name in DTYPES.items()}
_PREFIX = struct.Struct("!IQ")

Json = Param | Sequence["Json"] | Mapping[str, "Json"]


class WireError(Exception):
    """Bytes that are not one of our messages."""


@dataclass(frozen=True)
class Message:
    """A header (always a JSON object, without `arrays`) and the arrays that came with it."""

    header: dict[str, Json]
    arrays: tuple[Array, ...]


def encode(header: Mapping[str, Json], arrays: Sequence[Array] = ()) -> bytes:
    """The bytes of one message; raises WireError for an array that the other side would refuse."""
    listed: list[Json] = []
    parts: list[bytes] = []
    for array in arrays:
        if array.dtype not in DTYPES or array.ndim > DIMENSIONS_CAP:
            raise WireError(f"an array of {array.dtype} with {array.ndim} dimensions cannot be sent")
        listed.append([DTYPES[array.dtype], list(array.shape)])
        parts.append(np.ascontiguousarray(array).tobytes())
    text = json.dumps({**header, "arrays": listed}).encode()
    length = sum(map(len, parts))
    if len(text) > HEADER_CAP or length > PAYLOAD_CAP or len(listed) > ARRAYS_CAP:
        raise WireError("the answer is larger than the limit")
    return b"".join((_PREFIX.pack(len(text), length), text, *parts))


class Reader:
    """Turns a stream of untrusted bytes into messages, whatever pieces it arrives in."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take the next bytes and yield every message that is complete; raises WireError."""
        self._buffer += data
        while len(self._buffer) >= _PREFIX.size:
            header_length, payload_length = _PREFIX.unpack_from(self._buffer)
            if header_length > HEADER_CAP or payload_length > PAYLOAD_CAP:
                raise WireError("a message is larger than the limit")
            total = _PREFIX.size + header_length + payload_length
            if len(self._buffer) < total:
                return
            header = bytes(self._buffer[_PREFIX.size : _PREFIX.size + header_length])
            payload = bytes(self._buffer[_PREFIX.size + header_length : total])
            del self._buffer[:total]
            yield decode(header, payload)


def decode(text: bytes, payload: bytes) -> Message:
    """Check one message's two parts and take them apart; raises WireError."""
    try:
        header = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is not JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise WireError("the header is not an object")
    listed = header.pop("arrays", None)
    if not isinstance(listed, list) or len(listed) > ARRAYS_CAP:
        raise WireError("the list of arrays is missing or too long")
    arrays: list[Array] = []
    offset = 0
    for entry in listed:
        dtype, shape, count = _array_header(entry)
        size = count * dtype.itemsize
        if offset + size > len(payload):
            raise WireError("an array is longer than what was sent")
        try:
            arrays.append(np.ndarray(shape, dtype, payload, offset))
        except ValueError:  # no element, and sizes whose product overflows all the same
            raise WireError("an array's sizes are too large") from None
        offset += size
    if offset != len(payload):
        raise WireError("bytes are left over")
    return Message(header, tuple(arrays))


def receive(connection: socket.socket, reader: Reader) -> Iterator[Message]:
    """Yield messages from a blocking socket until the other side closes it."""
    while data := connection.recv(1 << 20):
        yield from reader.feed(data)


def _array_header(entry: object) -> tuple[np.dtype[np.generic], tuple[int, ...], int]:
    """Type, shape and number of entries. There are hundreds of arrays a submission, and `match` takes twice as long."""
    if type(entry) is list and len(entry) == 2:
        name, shape = entry
        if type(name) is str and name in _BY_NAME and type(shape) is list and len(shape) <= DIMENSIONS_CAP:
            dtype, count = _BY_NAME[name], 1
            for size in shape:
                if type(size) is not int or not 0 <= size <= PAYLOAD_CAP:
                    break
                count *= size
            else:
                if count * dtype.itemsize <= PAYLOAD_CAP:
                    return dtype, tuple(shape), count
    raise WireError("an array's header is not well formed")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
