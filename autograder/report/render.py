"""Turns a template into a page; everything that a template prints is made harmless here, in one place."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.core.text import clip, first_line, number, printable
from autograder.language import ENGLISH, wording
from autograder.language.wording import Wording

LONGEST = 8_000
"""The most characters of one message; a student's exception can have any length."""

CODE = re.compile(r"`([^`\n]+)`")


def _harmless(value: object) -> object:
    """Pass every printed string through `printable`; Jinja then escapes it for HTML."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, multiline=True)
    return value


def prose(text: str) -> Markup:
    """Turn a sentence into HTML, with the text in backquotes as code."""
    harmless = str(escape(printable(clip(text.strip(), LONGEST), multiline=True)))
    return Markup(CODE.sub(r"<code>\1</code>", harmless))


TEMPLATES = Path(__file__).parent / "templates"


def script_policy(name: str) -> Markup:
    """The policy by which a page runs only this script of ours, whatever else a student got into it."""
    # As `{% include %}` puts it between the tags, with a line end before it.
    digest = hashlib.sha256(b"\n" + (TEMPLATES / name).read_bytes()).digest()
    return Markup(f"; script-src 'sha256-{base64.b64encode(digest).decode()}'")


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = {"number": number, "line": printable, "first_line": first_line, "prose": prose}
    environment.filters["say"] = partial(_say, wording(language))
    environment.globals["language"] = language
    environment.filters.update(filters)
    environment.filters["message"] = lambda text: clip(text.strip("\n"), LONGEST)
    return environment


def _say(say: Wording, text: str) -> str:
    """A sentence in the language of the page; markup in it stays markup."""
    return Markup(say(str(text))) if isinstance(text, Markup) else say(text)


def render(template: str, language: str = ENGLISH, **context: object) -> str:
    """Fill one of the templates; sentences for students go through the filter `say`."""
    return _environment(language).get_template(template).render(**context)
