"""`handout preview`: shows the pages while they are being written, made again whenever a source changes."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from autograder.core.errors import AutograderError

KINDS = {".html": "text/html; charset=utf-8", ".pdf": "application/pdf"}
SECONDS = 2
"""Seconds until a browser asks again."""

Make = Callable[[Path], Mapping[str, str | bytes]]
Stamp = Mapping[Path, int]


class Preview:
    """The pages of a repository from its present sources; `make` returns them by path."""

    def __init__(self, root: Path, make: Make) -> None:
        self._root, self._make = root, make
        self._lock = Lock()
        self._stamp: Stamp = {}
        self._pages: Mapping[str, bytes] = {}

    def page(self, name: str) -> bytes | None:
        """A page by its file name; a page with the error if the sources cannot be read; None for an unknown name."""
        with self._lock:
            stamp = self._now()
            if stamp != self._stamp:
                self._stamp, self._pages = stamp, self._made()
            failed = self._pages.get("error.html")
            return failed if failed and name.endswith(".html") else self._pages.get(name)

    def _made(self) -> Mapping[str, bytes]:
        try:
            pages = self._make(self._root)
        except AutograderError as error:
            text = html.escape(f"{error.message}\n{error.hint}")
            return {"error.html": f"<!doctype html><title>Error</title><pre>{text}</pre>".encode()}
        made = {Path(path).name: text.encode() if isinstance(text, str) else text for path, text in pages.items()}
        links = "".join(f'<li><a href="{html.escape(name)}">{html.escape(name)}</a>' for name in sorted(made))
        return {**made, "index.html": f"<!doctype html><title>Handouts</title><ul>{links}</ul>".encode()}

    def _now(self) -> Stamp:
        paths = [
            *self._root.glob("solutions/*.*"),
            *self._root.glob("solutions/ssl_kit/*.*"),
            *(self._root / "handouts" / "source").rglob("*.*"),
        ]
        return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}


def serve(preview: Preview, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C, to this machine only; `ready` gets the address."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(preview))
    except OSError as error:
        problem = f"Port {port} is not to be had ({error.strerror})."
        raise AutograderError(problem, "Give another one with --port.") from error
    with server:
        ready(f"http://{server.server_name}:{server.server_port}/")
        server.serve_forever()


def handler_of(preview: Preview) -> type[BaseHTTPRequestHandler]:
    """The handler that answers a browser."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0].lstrip("/") or "index.html"
            content = preview.page(name)
            if content is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", KINDS.get(Path(name).suffix, "text/plain"))
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            if name.endswith(".html"):
                self.send_header("Refresh", str(SECONDS))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Log nothing: a line every two seconds would hide everything else."""

    return Handler
