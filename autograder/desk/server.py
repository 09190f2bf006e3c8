"""Serves the desk to one browser user of this machine.

A page of another origin must neither read nor change anything here. So the server listens on 127.0.0.1 alone, answers
to its own host name alone (a name that was rebound to 127.0.0.1 is another), opens only to a random token, which then
stays in a cookie that no other site can send, and takes a form only with a second token that its own pages hold. All
pages lie below a random folder, and so does the cookie: browsers send cookies to any port of a host, and another user
of this machine may have a server on one.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from autograder.collect.report_file import NAME as REPORT_NAME
from autograder.core.errors import AutograderError
from autograder.core.records import Rubric
from autograder.core.settings import SKELETON
from autograder.desk import notebook, pages
from autograder.desk.changes import Desk, lacks_reason
from autograder.desk.hand_ins import HandIns
from autograder.desk.queue import Filter
from autograder.marks.overrides import Change, Kind, new, points_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
COOKIE = "autograde_desk"
LARGEST = 256 * 1024
"""The most bytes of a form."""


class App:
    """The desk as a WSGI application."""

    def __init__(self, desk: Desk, hand_ins: HandIns, by: str, port: int) -> None:
        """Serve a desk, and the reports of its class; `by` is the name under which changes are recorded."""
        self.token, self.form_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.base = f"/{secrets.token_urlsafe(12)}"
        self._desk, self._hand_ins, self._by, self._host = desk, hand_ins, by, f"{HOST}:{port}"
        self._background = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        views: dict[str, Callable[..., Response]] = {
            "/": self._list,
            "/student/<path:student>": self._student,
            "/report/<path:student>": self._report,
            "/change": self._change,
        }
        methods = {"/change": ["POST"]}
        self._map = Map(
            [Rule(f"{self.base}{path}", endpoint=path, methods=methods.get(path, ["GET"])) for path in views]
        )
        self._views = views

    @property
    def address(self) -> str:
        """The address to open, with the token."""
        return f"http://{self._host}/?token={self.token}"

    def close(self) -> None:
        """Write what is left to write; raises AutograderError or OSError if that fails."""
        self._background.shutdown()
        self._hand_ins.close()
        if self._desk.unwritten:
            self._desk.write_tables()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI demands."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = LARGEST
        try:
            response = self._answer(request)
        except AutograderError as error:  # the record was damaged by hand
            response = pages.sent(pages.refused(500, f"{error.message} {error.hint}"), 500)
        except HTTPException as error:
            response = pages.sent(pages.refused(error.code or 500, error.description or ""), error.code or 500)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Host") != self._host:
            raise Forbidden("This desk answers to its own address only.")
        if "token" in request.args and secrets.compare_digest(request.args["token"].encode(), self.token.encode()):
            response = redirect(f"{self.base}/")
            response.set_cookie(COOKIE, self.token, path=self.base, httponly=True, samesite="Strict")
            return response
        if not secrets.compare_digest(request.cookies.get(COOKIE, "").encode(), self.token.encode()):
            raise Forbidden("Open the address that `autograde review` printed.")
        if request.method == "POST":
            self._demand_own_form(request)
        if self._desk.reread():
            self._hand_ins.close()
        path, arguments = self._map.bind_to_environ(request.environ).match()
        return self._views[path](request, **arguments)

    def _demand_own_form(self, request: Request) -> None:
        """Raise Forbidden for a form that does not come from a page of the desk."""
        if request.headers.get("Origin", f"http://{self._host}") != f"http://{self._host}":
            raise Forbidden("This form comes from another page.")
        if (request.content_length or 0) > LARGEST:
            raise RequestEntityTooLarge(f"A form has at most {LARGEST // 1024} KiB.")
        given = request.form.get("form_token", "")
        if not secrets.compare_digest(given.encode(), self.form_token.encode()):
            raise Forbidden("This form is of an earlier run of the desk: open the page again.")

    def _list(self, request: Request) -> Response:
        return pages.sent(pages.list_page(self._desk, Filter.of(request.args), self.base))

    def _student(self, request: Request, student: str) -> Response:
        if student not in self._desk.checked:
            raise NotFound("Nobody in this class has this id.")
        made = pages.made(self._desk, student, request.args.get("made", ""))
        chosen = Filter.of(request.args)
        return pages.sent(pages.student_page(self._desk, student, chosen, self.base, self.form_token, made=made))

    def _report(self, request: Request, student: str) -> Response:
        if student not in self._desk.checked:
            raise NotFound("Nobody in this class has this id.")
        try:
            handed_in = self._hand_ins.report(student)
        except AutograderError as error:
            return pages.sent(pages.refused(404, f"{error.message} {error.hint}"), 404, notebook.policy())
        name = self._desk.checked[student].about.name or student
        page = notebook.report_page(handed_in, (SKELETON / REPORT_NAME).read_text("utf-8"), name)
        return pages.sent(page, policy=notebook.policy())

    def _change(self, request: Request) -> Response:
        form, chosen = request.form, Filter.of(dict(parse_qsl(request.form.get("list", ""))))
        student = form.get("student", "")
        try:
            wanted = self._wanted(request)
            if lacks_reason(wanted):
                raise ValueError("A change of points needs a reason. Write one into the field Reason.")
            shown = {student: form["shown"]} if "shown" in form else {}
            made = self._desk.change(wanted, int(form["seen"]) if "seen" in form else None, shown)
        except (AutograderError, ValueError) as error:
            if student not in self._desk.checked:
                raise NotFound("Nobody in this class has this id.") from None
            said = f"{error.message} {error.hint}" if isinstance(error, AutograderError) else str(error)
            self._desk.reread()
            page = pages.student_page(self._desk, student, chosen, self.base, self.form_token, said, form)
            return pages.sent(page, 409)
        self._write_tables()
        place = f"#q{made.question}" if made.question else ""
        return redirect(f"{pages.address(student, chosen, self.base, made=made.id)}{place}", 303)

    def _write_tables(self) -> None:
        """Write the tables in the background, once for all changes that come meanwhile."""
        if self._writing is not None:
            self._writing.cancel()  # nothing happens if it has begun
        self._writing = self._background.submit(self._written)

    def _written(self) -> None:
        """Write the tables; the next page says why that failed, and the next change and the end try again."""
        try:
            self._desk.write_tables()
        except Exception as error:  # nobody looks at what the background raises
            hint = error.hint if isinstance(error, AutograderError) else "The next change tries again."
            self._desk.unwritten = f"{error} {hint}"
        else:
            self._desk.unwritten = ""

    def _wanted(self, request: Request) -> Change:
        """The change that a form asks for; raises ValueError."""
        form = request.form
        words = {"reason": form.get("reason", "").strip(), "comment": form.get("comment", "").strip()}
        kind = Kind(form.get("kind", ""))
        if kind is Kind.UNDO:
            return new(kind, self._by, undoes=int(form.get("undoes", "0")))
        if kind is Kind.ANSWER:
            return new(kind, self._by, answers=int(form.get("answers", "0")), comment=words["comment"])
        student, question = form.get("student", ""), form.get("question", "")
        if kind not in (Kind.POINTS, Kind.COMMENT):
            return new(kind, self._by, [student], **words)
        written = form.get("points", "").strip()
        asked = next((one for one in self._desk.rubric.questions if one.id == question), None)
        if not written and asked is not None and (items := pages.items_of(asked, form)):
            points = sum(items.values())
            return new(Kind.POINTS, self._by, [student], question=question, points=points, items=items, **words)
        if not written and not words["comment"]:
            raise ValueError("There are neither points nor a comment. Write one of them.")
        students = self._desk.undecided(student, question) if form.get("alike") else [student]
        about = {"question": question, "check": form.get("check", "")}
        if not written:
            return new(Kind.COMMENT, self._by, students, **about, **words)
        return new(Kind.POINTS, self._by, students, points=points_of(written), **about, **words)


class _Quiet(WSGIRequestHandler):
    """Prints nothing for a request."""

    def log(self, *_: object) -> None:
        pass


def serve(output: Path, rubric: Rubric, hand_ins: HandIns, by: str, port: int, opened: Callable[[str], None]) -> None:
    """Serve the desk until Ctrl-C; `opened` gets the address. Raises AutograderError."""
    desk = Desk(output, rubric)
    try:
        with redirect_stderr(io.StringIO()):  # on a port in use it prints advice of its own, and exits
            server = make_server(HOST, port, lambda *_: iter(()), threaded=True, request_handler=_Quiet)
    except (OSError, SystemExit) as error:
        raise AutograderError(f"Port {port} of this machine is in use.", "Give another one with --port.") from error
    app = App(desk, hand_ins, by, server.server_port)
    server.app = app
    opened(app.address)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        app.close()
