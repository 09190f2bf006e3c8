"""Turns filled Markdown into a web page and a PDF: the same bytes each time, with packages from pip, without network.

Pandoc reads the Markdown. Formulas become MathML for the web, and Typst's own notation for the PDF.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jinja2
import markupsafe
import pypandoc

from autograder.core.course_names import UNNAMED, Names
from autograder.core.errors import AutograderError
from autograder.handout.pages.accessible import FIGURE_WORD, SPOKEN, described, focusable, quoted, scrolling
from autograder.handout.pages.fonts import families, set_pdf
from autograder.handout.pages.listing import demand_narrow
from autograder.language import wording

TEMPLATES = Path(__file__).parents[1] / "templates"
READER = "markdown-raw_html-raw_tex-smart"
"""Pandoc's Markdown; HTML in it is shown as text and not passed on."""
LATER = TEMPLATES / "later.lua"
"""Pandoc's filter that folds a block `::: later` on the web, and moves it to the end of the PDF."""
TOGETHER = TEMPLATES / "together.lua"
"""Pandoc's filter that keeps a line of introduction on the page of what follows."""
CODE, FLAG = re.compile(r"<code>[^<]*</code>"), re.compile(r"(?<![\w-])--?\w+")
"""Code in a line of text; a flag in it, which is not divided behind its hyphens."""
IMAGE = re.compile(r'<img[^>]*\bsrc="figures/([^"]+)"[^>]*>')
PRIME = re.compile(r"<msup>(<mi>\w</mi>)<mo>([′″‴])</mo></msup>")
"""A letter with a prime. Fonts without mathematics have a prime that is raised by itself; raised again it floats."""
SECONDS = 60.0


def web_page(markdown: str, title: str, term: str, figures: Mapping[str, str], names: Names = UNNAMED) -> str:
    """One page, self-contained: no script, nothing from the network; `figures` are SVG texts by name."""
    plain = focusable(_pandoc(markdown, "html5", "--mathml", f"--lua-filter={LATER}"))
    plain = PRIME.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', plain)
    whole = CODE.sub(lambda match: FLAG.sub(r'<span class="flag">\g<0></span>', match[0]), plain)
    body = IMAGE.sub(lambda match: _figure(match[1].removesuffix(".svg"), figures), whole)
    template = _environment().get_template("page.html.j2")
    return (
        template.render(
            title=title, term=term, names=names, head=_head(term, names), body=markupsafe.Markup(body)
        ).rstrip()
        + "\n"
    )


def pdf_page(markdown: str, title: str, term: str, figures: Mapping[str, str], names: Names = UNNAMED) -> bytes:
    """The same as PDF on A4, accessible by PDF/UA-1, with a fixed date."""
    body = _pandoc(markdown, "typst", *(f"--lua-filter={one}" for one in (LATER, TOGETHER, SPOKEN)))
    demand_narrow(body, title)
    said = {
        "title": quoted(title),
        "running": quoted(title if title == names.homework else f"{names.homework}: {title}"),
        "term": quoted(term),
        "author": "".join(f"{quoted(name)}, " for name in (names.instructor, names.university) if name),
        "head": [quoted(line) for line in _head(term, names)],
        "lang": names.language,
        "fonts": [quoted(family) for family in families(names.language)],
    }
    text = _environment(autoescape=False).get_template("page.typ.j2").render(**said, body=described(body, figures))
    with tempfile.TemporaryDirectory(prefix="handout-") as folder:
        root = Path(folder)
        (root / "figures").mkdir()
        for name, svg in figures.items():
            (root / "figures" / f"{name}.svg").write_text(svg, encoding="utf-8")
        page = root / "page.typ"
        page.write_text(text, encoding="utf-8")
        return set_pdf(page, title)


def _head(term: str, names: Names) -> list[str]:
    """The lines above the title: the course, and the person to ask."""
    course = " · ".join(filter(None, (names.university, names.course, term)))
    teacher = wording(names.language)(f"Instructor: {names.instructor}") if names.instructor else ""
    people = " · ".join(filter(None, (teacher, names.contact)))
    return [course, people] if people else [course]


def _pandoc(markdown: str, writer: str, *options: str) -> str:
    command = [pypandoc.get_pandoc_path(), "--from", READER, "--to", writer, "--wrap", "preserve", "--sandbox"]
    command += ["--syntax-highlighting", "none", "--fail-if-warnings", *options]
    done = subprocess.run(
        command, input=markdown, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    if done.returncode:
        problem = f"Pandoc cannot read the handout: {done.stderr.strip()[:300]}"
        raise AutograderError(problem, "Mend the formula or link in handouts/source/.")
    return done.stdout


def _figure(name: str, figures: Mapping[str, str]) -> str:
    if name not in figures:
        problem = f"The handout shows a figure {name!r} that nothing draws."
        hint = f"Put an SVG or a PNG of that name into handouts/source/figures/, or name one of {', '.join(figures)}."
        raise AutograderError(problem, hint)
    return scrolling(figures[name], FIGURE_WORD)


def _environment(autoescape: bool = True) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, autoescape=autoescape
    )
