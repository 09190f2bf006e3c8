"""Tests of autograder/sandbox/client.py: each request gets the reply to itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from autograder.core.errors import WorkerLost
from autograder.core.settings import Limits
from autograder.sandbox import client
from autograder.sandbox.client import Zygote

LATE = """
import os, socket, sys
control = socket.socket(fileno=int(sys.argv[1]))
slow = not os.listdir(sys.argv[2])
open(os.path.join(sys.argv[2], "started"), "w").close()
while control.recv(65536):
    if slow:
        control.recv(65536)
        control.send(b'{"pid": 1}')
    control.send(b'{"pid": 2}')
"""
"""A zygote that answers its first request after it has got the second one; one that is started again is in time."""


class Late(Zygote):
    program = ("-c", LATE)


def test_a_late_reply_is_not_taken_for_that_to_the_next_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "START_SECONDS", 3.0)
    ours, theirs = socket.socketpair()
    with ours, theirs, Late(tmp_path) as zygote:
        with pytest.raises(WorkerLost, match="timed out"):
            zygote.start_server(theirs, str(tmp_path), True, Limits())
        assert zygote.start_server(theirs, str(tmp_path), True, Limits()) == 2
