"""The command `handout`: builds what is generated, checks it, shows it, verifies it, and begins a new question."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder import entry
from autograder.core.console import make_console
from autograder.core.errors import AutograderError
from autograder.core.store import write_whole
from autograder.handout.build import Generated, Inputs, constants_now, generate, pages_of, rubric_of
from autograder.handout.edit.merged import demand_merged
from autograder.handout.edit.new_question import NewQuestion, lay_down, missing
from autograder.handout.edit.remove import remove
from autograder.handout.edit.rename import promote, rename
from autograder.handout.files.public_answers import reference_inputs
from autograder.handout.mystery.commands import mystery
from autograder.handout.pages.fill import number, total_points
from autograder.handout.pages.preview import Preview, serve
from autograder.handout.pages.stale import constants_built, stale_in
from autograder.handout.repository import RELEASE, Drift, find_drift, install
from autograder.handout.term.chosen import as_variant
from autograder.handout.term.gradescope_zip import gradescope_zip
from autograder.handout.term.release import release_files
from autograder.handout.verify import Step, Told, steps
from autograder.reference.frozen import PATH as FIXTURES
from autograder.reference.moved import find_moved, moved_table

MEANT = "Nothing was written. If this is meant: `handout build --accept`."
MEND = "Nothing was written, and nothing of this can be accepted: nobody can be judged by it. Mend solutions/."
ACCEPTED = "This is accepted, as --accept says."
STYLES = {"+": "green", "-": "red", "@": "cyan"}
NOTES = {"missing": "is missing", "changed": "differs", "foreign": "is not generated, so it does not belong there"}

CHANGES: Mapping[str, tuple[Callable[..., list[str]], str]] = {
    "rename": (rename, "is {} now"),
    "promote": (promote, "is the core question {} now"),
    "remove": (remove, "is gone"),
}
"""Commands that change the list of questions, and their last words."""
OpenInputs = Callable[[Path], AbstractContextManager[Inputs]]


def main(argv: Sequence[str], open_inputs: OpenInputs = reference_inputs) -> int:
    """Run one command; returns the exit status: 0, or 1 when `check` finds a difference."""
    arguments = _parser().parse_args(argv)
    root = _find_root(arguments.root)
    if arguments.command == "preview":
        serve(Preview(root, pages_of), arguments.port, lambda address: print(f"{address} (Ctrl-C ends it)", flush=True))
        return 0
    if arguments.command == "new-question":
        return _begin(
            root, NewQuestion(arguments.id, arguments.title, arguments.file, arguments.function, arguments.points)
        )
    if arguments.command in CHANGES:
        return _change(arguments.command, root, arguments)
    if arguments.command == "gradescope":
        content = gradescope_zip(root, arguments.torch_index, arguments.leaderboard, not arguments.no_sandbox)
        write_whole(arguments.output, content)
        print(f"{arguments.output}: upload it as the assignment's autograder; handouts/ta_gradescope.html goes on.")
        return 0
    if arguments.command == "mystery":
        return mystery(root, arguments.roster, arguments.output, arguments.accept)
    demand_merged(root)
    building = arguments.command == "build"
    accept = building and arguments.accept
    with as_variant(root, arguments.variant if building else None) as (sources, settings):
        files = _made(sources, open_inputs, accept)
    if files is None:
        return 1
    if arguments.command == "verify":
        return _verify(steps(root, files))
    files = {**files, **settings}
    drift = find_drift(root, files)
    return _build(root, files, drift) if building else _report(drift, len(files))


def _made(root: Path, open_inputs: OpenInputs, accept: bool) -> Generated | None:
    """Make the generated files; None, after saying why, if the reference does not give the fixtures' answers."""
    with open_inputs(root) as inputs:
        moved = find_moved(rubric_of(root), inputs.source, root / FIXTURES, inputs.common)
        if not moved:
            return generate(root, inputs)
        taken = accept and not moved.wrong
        end = MEND if moved.wrong else ACCEPTED if accept else MEANT
        make_console(sys.stdout).print(moved_table(moved, end))
        return {**generate(root, inputs), **moved.files} if taken else None


def _build(root: Path, files: Generated, drift: list[Drift]) -> int:
    before = constants_built(root)
    install(root, {**files, **release_files(root, files)})
    for line in stale_in(root, before, constants_now(root)):
        print(f"read this: {line}")
    for change in drift:
        stays = change.kind == "foreign" and (root / change.path).exists()
        done = (
            "left alone, though it is not generated" if stays else "removed" if change.kind == "foreign" else "written"
        )
        print(f"{change.path}: {done}")
    print(f"{len(files)} files are as solutions/ and handouts/source/ make them.")
    rubric = rubric_of(root)
    bonus = sum(question.points for question in rubric.questions if question.bonus)
    print(f"{number(total_points(rubric))} points in all, and {number(bonus)} of bonus questions.")
    print(f"What to upload is in {RELEASE}/; its README.md says where.")
    return 0


def _change(command: str, root: Path, arguments: argparse.Namespace) -> int:
    """Give a question another id, or remove it."""
    change, said = CHANGES[command]
    ids = [arguments.id, *([] if command == "remove" else [arguments.new])]
    for line in change(root, *ids):
        print(line)
    print(f"Question {ids[0]} {said.format(*ids[1:])}. Run `handout build`, then `handout verify`.")
    return 0


def _begin(root: Path, question: NewQuestion) -> int:
    for line in lay_down(root, question):
        print(line)
    left = list(missing(root, question))
    for line in left:
        print(f"to do: {line}")
    print(
        f"{len(left)} things are left; handouts/source/instructor_guide.md goes through them."
        if left
        else "Nothing is left: run `handout build --accept`, then `handout verify`."
    )
    return 0


def _verify(steps: Sequence[Step]) -> int:
    failed = 0
    for step in steps:
        print(f"{step.title} ... ", end="", flush=True)
        found = list(step.find())
        wrong = any(not isinstance(line, Told) for line in found)
        failed += wrong and not step.note
        print(("not wholly" if step.note else "no") if wrong else "yes")
        for line in found:
            print(f"    {line}")
    print(f"{failed} of {len(steps)} do not hold." if failed else "All of it holds: ready for release.")
    return 1 if failed else 0


def entry_point() -> None:
    """The entry of `python -m autograder.handout.cli`."""
    entry.handout()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="handout", description="Make what students get from solutions/.")
    parser.add_argument(
        "--root", type=Path, metavar="DIR", help="the repository (default: the one around the current folder)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser(
        "build", help="write assignment/, the pages in handouts/, autograder/core/rubric.json and release/"
    )
    build.add_argument(
        "--accept", action="store_true", help="keep what the reference gives now in autograder/fixtures/, too"
    )
    build.add_argument("--variant", metavar="NAME", help="switch to another of solutions/variants.toml first")
    commands.add_parser("check", help="show how these differ from what build would write; exit status 1 if they do")
    commands.add_parser("verify", help="look at everything that must hold before release; takes some minutes")
    preview = commands.add_parser("preview", help="show the pages in a browser, made again when a source changes")
    preview.add_argument("--port", type=int, default=8000, help="(default: %(default)s; 0 takes a free one)")
    scope = commands.add_parser("gradescope", help="make the zip that is uploaded as Gradescope's autograder")
    scope.add_argument("--output", type=Path, default=Path("gradescope.zip"), help="(default: %(default)s)")
    scope.add_argument("--torch-index", metavar="URL", help="PyTorch's own package index, for its small CPU build")
    scope.add_argument("--leaderboard", action="store_true", help="show scores on the assignment's leaderboard")
    scope.add_argument("--no-sandbox", action="store_true", help="run student code unconfined in the container")
    begin = commands.add_parser("new-question", help="lay down the files of a new question, or say what it still lacks")
    begin.add_argument("id", metavar="ID", help="B6 for a bonus question, 7 or 1.5 for a core question")
    begin.add_argument("--title", required=True, help="what the handout and the feedback call it")
    begin.add_argument("--file", required=True, help="the student file that it belongs to")
    begin.add_argument(
        "--function", required=True, metavar="NAME(ARGUMENTS)", help='like "vicreg_loss(z1, z2)", tensors'
    )
    begin.add_argument("--points", type=int, default=5, help="(default: %(default)s)")
    _add_changes(commands)
    _add_mystery(commands)
    return parser


def _add_changes(commands: Any) -> None:
    other = commands.add_parser("rename", help="give a question another id, everywhere")
    other.add_argument("id", metavar="ID", help="the id that it has")
    other.add_argument("new", metavar="NEW", help="1.5 or 5 for a core question, B7 for a bonus one")
    core = commands.add_parser("promote", help="make a bonus question a core question")
    core.add_argument("id", metavar="BONUS", help="its id, like B2")
    core.add_argument("new", metavar="ID", help="the id that it shall have, like 7 or 1.5")
    gone = commands.add_parser("remove", help="take a question out, with all that only it needs")
    gone.add_argument("id", metavar="ID", help="its id")


def _add_mystery(commands: Any) -> None:
    run = commands.add_parser("mystery", help="write each student's mystery run: curves, and the file to hand in")
    run.add_argument("roster", type=Path, nargs="?", metavar="ROSTER", help="the class, or a platform's list")
    run.add_argument(
        "--output", type=Path, default=Path("mystery"), metavar="FOLDER", help="a folder a student (default: mystery)"
    )
    run.add_argument("--accept", action="store_true", help="train the runs first, with seeds that follow the course's")


def _find_root(given: Path | None) -> Path:
    here = (given or Path.cwd()).resolve()
    for folder in [here] if given else [here, *here.parents]:
        if (folder / "solutions" / "course.toml").is_file():
            return folder
    where = f"{here} is not a repository of this kit" if given else f"There is no repository of this kit around {here}"
    raise AutograderError(f"{where}: it has no solutions/course.toml.", "Go into the repository, or give --root DIR.")


def _report(drift: list[Drift], files: int) -> int:
    if not drift:
        print(f"All {files} generated files are as solutions/ and handouts/source/ make them.")
        return 0
    console = Console(highlight=False, soft_wrap=True)
    for change in drift:
        console.print(Text(f"{change.path} {NOTES[change.kind]}", "bold"))
        for line in change.diff:
            console.print(Text(line, STYLES.get(line[:1], "")))
    console.print(
        Text(f"{len(drift)} files differ from what `handout build` would write; run it and commit the result.")
    )
    return 1


if __name__ == "__main__":
    entry_point()
