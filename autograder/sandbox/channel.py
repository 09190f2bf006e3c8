"""The connections to a forked process: a socket for messages, and a pipe that it prints into."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from collections import deque
from collections.abc import Iterable

from autograder.sandbox import wire
from autograder.sandbox.patience import Patience

_PIECE = 1 << 16


class Printed:
    """The text that a process prints. All of it is read, so that the process never waits, and kept up to a limit."""

    def __init__(self, descriptor: int, most: int) -> None:
        """`descriptor` is the end of a pipe to read from; `most` bytes are kept."""
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._most = most
        self._kept = bytearray()

    @property
    def text(self) -> str:
        """The text printed so far, up to the limit."""
        return self._kept.decode(errors="replace")

    def drain(self) -> bool:
        """Read everything that is there; False at the end."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.descriptor, _PIECE)
            self._kept += data[: max(0, self._most - len(self._kept))]
            return bool(data)
        return True

    def close(self) -> None:
        """Read the rest, up to the limit, and close the pipe."""
        for _ in range(self._most // _PIECE + 1):
            if not self.drain():
                break
        os.close(self.descriptor)


class Channel:
    """Messages to and from one process. A process that never reads does not block the sender."""

    def __init__(self, connection: socket.socket, printed: Printed) -> None:
        self._connection = connection
        self._printed = printed
        self._selector = selectors.DefaultSelector()
        self._selector.register(connection, selectors.EVENT_READ)
        self._selector.register(printed.descriptor, selectors.EVENT_READ)
        self._reader = wire.Reader()
        self._messages: deque[wire.Message] = deque()
        self._outgoing = bytearray()

    def deliver(self, messages: Iterable[bytes], timeout: float) -> None:
        """Send the first messages of a process, waiting `timeout` seconds at most for each."""
        self._connection.settimeout(timeout)
        for message in messages:
            self._connection.sendall(message)
        self._connection.setblocking(False)

    def send(self, message: bytes) -> None:
        """Send a message without waiting: the part that the socket does not take now goes while `receive` waits."""
        self._outgoing += message
        self._push()

    def receive(self, patience: Patience) -> wire.Message | None:
        """The next message; None once the process is gone or its time is up. Raises WireError, OSError."""
        while not self._messages:
            for key, events in self._selector.select(patience.left()):
                if key.fd == self._printed.descriptor:
                    if not self._printed.drain():
                        self._selector.unregister(key.fd)
                    continue
                if events & selectors.EVENT_WRITE:
                    self._push()
                if events & selectors.EVENT_READ:
                    if not (data := self._read()):
                        return None
                    self._messages += self._reader.feed(data)
            if not self._messages and patience.over():
                return None
        return self._messages.popleft()

    def close(self) -> None:
        """Close the connection and the pipe."""
        self._selector.close()
        self._connection.close()
        self._printed.close()

    def _push(self) -> None:
        """Send as much as the socket takes."""
        try:
            while self._outgoing:
                del self._outgoing[: self._connection.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:  # the process is gone, as the next read will show
            self._outgoing.clear()
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        self._selector.modify(self._connection, events)

    def _read(self) -> bytes:
        """Read what has come; nothing once the process is gone. The kernel reports that by an end, or by a reset if
        the process left questions unread."""
        try:
            return self._connection.recv(1 << 20)
        except ConnectionResetError:
            return b""
