"""Writes a mail for each student, with the page of feedback attached. Nothing is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from email import message_from_string, policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from string import Template

from autograder.core.course_names import Names
from autograder.core.errors import AutograderError
from autograder.core.records import About
from autograder.core.store import file_name
from autograder.core.text import printable
from autograder.marks.marks import Sent
from autograder.platforms.platform import Page

TEMPLATE = """\
From: $contact
Subject: $homework: your feedback

Dear $name,

your feedback on $homework is attached. Open the page in a browser.

$mark
"""
"""Headers, an empty line, and the text; a header that ends up empty is left out."""
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
"""An address that needs no quotes (RFC 5322, section 3.2.3, dot-atom), and so cannot hold another one."""


def read_template(path: Path) -> str:
    """The text of a template; raises AutograderError if it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise AutograderError(f"{path} cannot be read: {error}.", "Give a text file in UTF-8.") from None


def mails(
    pages: Sequence[Page], about: Mapping[str, About], sent: Mapping[str, Sent], names: Names, template: str
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The mails by file name, and by student, why there is none; raises AutograderError for a template without use."""
    made, left = {}, {}
    for page in pages:
        email = about[page.student].email
        if ADDRESS.fullmatch(email):
            fields = {"name": page.name or page.student, "student": page.student, "mark": sent[page.student].text}
            course = {"homework": names.homework, "course": names.course, "contact": names.contact}
            made[f"{file_name(page.student)}.eml"] = _mail(page, email, fields | course, template)
        else:
            why = f"{email!r} is not an address" if email else "no address is known: grade with --roster"
            left[page.student] = why
    return made, left


def _mail(page: Page, email: str, fields: Mapping[str, str], template: str) -> bytes:
    """One mail, the same bytes each time: it has neither a date nor an id, which the sending program adds."""
    # The template is taken apart before names are put in, so a name cannot begin a header.
    parsed = message_from_string(template, policy=policy.compat32)
    shown = {key: printable(value) for key, value in fields.items()}
    message = EmailMessage(policy=policy.SMTP)
    try:
        for header, value in parsed.items():
            if filled := Template(str(value)).substitute(shown).strip():
                message[header] = filled
        message["To"] = Address(printable(page.name), addr_spec=email)
        message["X-Unsent"] = "1"  # Outlook then opens it as a draft
        message.set_content(Template(str(parsed.get_payload())).substitute(shown), cte="base64")
    except (KeyError, ValueError, MessageError) as error:
        problem = f"The template of the mails cannot be filled in: {error}."
        hint = "Write headers, an empty line and the text, with no other fields than those of docs/exports.md."
        raise AutograderError(problem, hint) from error
    message.add_attachment(page.html, maintype="text", subtype="html", filename="feedback.html", params=UTF_8)
    message.set_boundary(hashlib.sha256(page.html + email.encode()).hexdigest())
    return message.as_bytes()


UTF_8 = {"charset": "utf-8"}
