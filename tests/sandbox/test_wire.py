"""Messages survive the wire as they were, and nothing else gets through."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.core import values
from autograder.sandbox import wire

DTYPES = st.sampled_from(sorted(values.DTYPES, key=str))


def one(data: bytes) -> wire.Message:
    (message,) = wire.Reader().feed(data)
    return message


def frame(header: object, payload: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!IQ", len(text), len(payload)) + text + payload


@given(st.lists(arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0)), max_size=4))
def test_arrays_come_back_as_they_were(sent: list[np.ndarray]) -> None:
    message = one(wire.encode({"type": "answer"}, sent))
    assert message.header == {"type": "answer"}
    for before, after in zip(sent, message.arrays, strict=True):
        assert after.dtype == before.dtype
        assert after.shape == before.shape
        assert after.tobytes() == before.tobytes()


@given(st.binary(max_size=200), st.integers(1, 40))
def test_pieces_of_any_size_make_the_same_messages(text: bytes, size: int) -> None:
    payload = np.frombuffer(text, np.uint8)
    data = wire.encode({"n": 1}, [payload]) + wire.encode({"n": 2})
    reader = wire.Reader()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    messages = [message for piece in pieces for message in reader.feed(piece)]
    assert [message.header["n"] for message in messages] == [1, 2]
    assert messages[0].arrays[0].tobytes() == text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(struct.pack("!IQ", wire.HEADER_CAP + 1, 0), id="header too long"),
        pytest.param(struct.pack("!IQ", 2, wire.PAYLOAD_CAP + 1), id="payload too long"),
        pytest.param(frame(b"\xff\xfe"), id="not UTF-8"),
        pytest.param(frame(b"[" * 100_000), id="deep JSON"),
        pytest.param(frame([1]), id="not an object"),
        pytest.param(frame({}), id="no list of arrays"),
        pytest.param(frame({"arrays": [["object", [1]]]}, b"12345678"), id="objects"),
        pytest.param(frame({"arrays": [["float32", [2]]]}, b"1234"), id="too short"),
        pytest.param(frame({"arrays": [["uint8", [1]]]}, b"12"), id="bytes left over"),
        pytest.param(frame({"arrays": [["uint8", [-1]]]}, b""), id="negative size"),
        pytest.param(frame({"arrays": [["uint8", [True]]]}, b"1"), id="a flag for a size"),
        pytest.param(frame({"arrays": [["uint8", [2**40, 2**40]]]}), id="size overflows"),
        pytest.param(frame({"arrays": [["uint8", [1] * 9]]}, b"1"), id="too many dimensions"),
        pytest.param(frame({"arrays": [["uint8", [0]]] * (wire.ARRAYS_CAP + 1)}), id="too many arrays"),
        pytest.param(frame(b'{"arrays": [], "x": NaN}'), id="NaN in the header"),
        pytest.param(frame(b'{"arrays": [], "x": 1' + b"0" * 5000 + b"}"), id="a number of 5,000 digits"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        list(wire.Reader().feed(data))


@given(st.binary(max_size=300))
def test_random_bytes_never_surprise(data: bytes) -> None:
    reader = wire.Reader()
    try:
        list(reader.feed(data))
        list(reader.feed(frame(data)))
    except wire.WireError:
        pass


def test_what_the_other_side_would_refuse_is_not_sent() -> None:
    with pytest.raises(wire.WireError):
        wire.encode({}, [np.array([object()])])
    with pytest.raises(wire.WireError):
        wire.encode({}, [np.zeros(wire.PAYLOAD_CAP + 1, np.uint8)])
