"""Tests `handout preview`: pages follow their sources, errors are shown, and only this machine is served."""

from __future__ import annotations

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.build import pages_of
from autograder.handout.pages.preview import Preview, handler_of, serve


@pytest.fixture
def address(repository: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(Preview(repository, pages_of)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{server.server_name}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=600) as answer:
        assert answer.headers["Refresh"] or not address.endswith(".html")
        return answer.read().decode("utf-8", errors="replace")


def test_a_page_follows_its_source(repository: Path, address: str) -> None:
    assert "assignment.pdf" in get(f"{address}/")
    assert get(f"{address}/assignment.pdf").startswith("%PDF-")
    source = repository / "handouts/source/questions/2.md"
    for text in ("Halving is not asked.", "Nor is tripling."):
        source.write_text(text)
        os.utime(source, ns=(source.stat().st_mtime_ns + 1, source.stat().st_mtime_ns + len(text)))
        assert text in get(f"{address}/assignment.html")
    source.write_text("{{ nothing }}")
    assert "has a slot" in get(f"{address}/assignment.html")
    source.write_text("Mended now.")
    assert "Mended" in get(f"{address}/assignment.html")


@pytest.mark.parametrize("name", ["none.html", "../solutions/course.toml", "%2e%2e/solutions/course.toml"])
def test_nothing_else_is_served(address: str, name: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(f"{address}/{name}")
    caught.value.close()
    assert caught.value.code == 404


def test_a_port_in_use_is_said(repository: Path, address: str) -> None:
    with pytest.raises(AutograderError, match="is not to be had"):
        serve(Preview(repository, pages_of), int(address.rpartition(":")[2]), print)
