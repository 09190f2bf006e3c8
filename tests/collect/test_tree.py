"""Tests of autograder/collect/tree.py."""

from __future__ import annotations

import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from archive_making import make_tar, make_zip

from autograder.collect.tree import Tree, materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.settings import MIB, SKELETON, Limits

LIMITS = Limits(unpacked=MIB, members=40)
MODULES = {name.removesuffix(".py") for name in STUDENT_FILES}


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Make the folder of a student who handed in all five files, each in a place of its own."""
    for depth, name in enumerate(STUDENT_FILES):
        path = tmp_path.joinpath("ann", *["deep"] * depth, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path / "ann"


def tree(origin: Path, limits: Limits = LIMITS) -> Tree:
    return materialise(Submission("ann", origin), origin.parent / "into", limits)


def test_the_five_files_are_found_however_deep(origin: Path) -> None:
    (origin / "helper.py").write_text("help")
    found = tree(origin)
    assert set(found.files) == MODULES and not found.problems
    assert {(found.root / path).read_text() for path in found.files.values()} == {f"# {n}\n" for n in STUDENT_FILES}
    assert found.files["criterion"] == Path("deep/criterion.py")
    assert (found.root / "helper.py").read_text() == "help"


def test_an_archive_gives_what_the_folder_gives(origin: Path) -> None:
    with zipfile.ZipFile(origin.with_name("bob.zip"), "w") as archive:
        for path in origin.rglob("*.py"):
            archive.write(path, path.relative_to(origin.parent))
    found = tree(origin.with_name("bob.zip"))
    assert set(found.files) == MODULES and not found.problems
    assert found.files["criterion"] == Path("ann/deep/criterion.py")


def test_litter_is_neither_searched_nor_copied(origin: Path) -> None:
    for name in (".ipynb_checkpoints", "__MACOSX", "__pycache__", ".git"):
        (origin / name).mkdir()
        (origin / name / "criterion.py").write_text("old")
    found = tree(origin)
    assert "criterion" in found.files
    assert not (found.root / ".git").exists()


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        (["a", "b"], "criterion.py occurs twice (a/criterion.py and b/criterion.py); hand in one of them."),
        (
            ["a", "b", "c", "d"],
            "criterion.py occurs 4 times (a/criterion.py, b/criterion.py, c/criterion.py and …); hand in one of them.",
        ),
    ],
)
def test_a_file_that_occurs_more_than_once(origin: Path, places: list[str], sentence: str) -> None:
    (origin / "deep" / "criterion.py").unlink()
    for place in places:
        (origin / place).mkdir()
        (origin / place / "criterion.py").write_text(f"# {place}\n")
    found = tree(origin)
    assert found.problems == {"criterion": sentence}
    assert set(found.files) == MODULES - {"criterion"}


def test_copies_that_are_equal_are_passed_over_and_told(origin: Path) -> None:
    shutil.copytree(origin, origin / "backup")
    found = tree(origin)
    assert found.problems == {}
    assert found.files["criterion"] == Path("deep/criterion.py")
    assert found.notes["criterion"] == ("backup/deep/criterion.py is a copy of deep/criterion.py, and is passed over.",)


def test_of_equal_copies_the_one_beside_the_others_counts(origin: Path) -> None:
    (origin / "a").mkdir()
    shutil.copy(origin / "deep" / "criterion.py", origin / "a" / "criterion.py")
    shutil.copy(origin / "deep" / "criterion.py", origin / "criterion.py")
    assert tree(origin).files["criterion"] == Path("criterion.py")


def test_a_copy_as_handed_out_gives_way_to_a_filled_one(origin: Path) -> None:
    shutil.copy(SKELETON / "criterion.py", origin / "criterion.py")
    found = tree(origin)
    assert found.files["criterion"] == Path("deep/criterion.py")
    assert found.notes["criterion"] == ("criterion.py is as it was handed out, and is passed over.",)


def test_a_package_of_the_name_stands_in(origin: Path) -> None:
    (origin / "deep" / "criterion.py").unlink()
    (origin / "criterion").mkdir()
    (origin / "criterion" / "__init__.py").write_text("from .losses import SSLLoss\n")
    assert tree(origin).files["criterion"] == Path("criterion/__init__.py")


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("latin-1", "Latin-1"), ("utf-8-sig", "")]
)
def test_a_file_in_another_encoding_is_read_as_that(origin: Path, encoding: str, said: str) -> None:
    text = "x = 'Größe'\r\n"
    (origin / "model_factory.py").write_bytes(text.encode(encoding))
    found = tree(origin)
    written = (found.root / "model_factory.py").read_bytes()
    assert written.decode("utf-8-sig") == text
    wanted = (f"model_factory.py is in {said}, and is read as that; save it as UTF-8.",) if said else ()
    assert found.notes.get("model_factory", ()) == wanted


def test_a_file_that_names_its_encoding_is_left_to_python(origin: Path) -> None:
    data = "# coding: latin-1\nx = 'Größe'\n".encode("latin-1")
    (origin / "model_factory.py").write_bytes(data)
    found = tree(origin)
    assert (found.root / "model_factory.py").read_bytes() == data and found.notes == {}


def missing(origin: Path) -> str:
    """Return the sentence about criterion.py, which is the only file that is missing."""
    found = tree(origin)
    assert set(found.problems) == {"criterion"} and "criterion" not in found.files
    return found.problems["criterion"]


def test_missing(origin: Path) -> None:
    (origin / "deep" / "criterion.py").unlink()
    assert missing(origin) == "criterion.py is missing."


@pytest.mark.parametrize("aim", ["helper.py", "/etc/passwd", "nowhere"])
def test_a_link_is_not_followed_and_said(origin: Path, aim: str) -> None:
    (origin / "deep" / "criterion.py").unlink()
    (origin / "deep" / "criterion.py").symlink_to(aim)
    sentence = (
        "criterion.py is missing: deep/criterion.py is a link, and links are not followed; hand in the file itself."
    )
    assert missing(origin) == sentence
    assert not os.path.lexists(origin.parent / "into" / "deep" / "criterion.py")


def test_a_link_in_an_archive_is_said_too(origin: Path) -> None:
    path = origin.with_name("bob.tgz")
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("hw/criterion.py")
        link.type, link.linkname = tarfile.SYMTYPE, "loss.py"
        archive.addfile(link)
    problems = tree(path).problems
    assert problems["criterion"].startswith("criterion.py is missing: hw/criterion.py is a link")
    assert problems["main"] == "main.py is missing."


def test_a_pipe_does_not_hang(origin: Path) -> None:
    (origin / "deep" / "criterion.py").unlink()
    os.mkfifo(origin / "criterion.py")
    assert "neither a file nor a folder" in missing(origin)


def test_a_folder_of_that_name_is_said(origin: Path) -> None:
    (origin / "deep" / "criterion.py").unlink()
    (origin / "criterion.py").mkdir()
    assert "criterion.py is a folder" in missing(origin)


def test_another_spelling_is_said(origin: Path) -> None:
    (origin / "deep" / "criterion.py").rename(origin / "Criterion.py")
    assert "there is Criterion.py; rename it" in missing(origin)


def test_what_was_left_out_is_said(origin: Path) -> None:
    (origin / "deep" / "criterion.py").unlink()
    (origin / "src").symlink_to("/")
    assert missing(origin) == "criterion.py is missing. Left out: src is a link, and links are not followed."


def test_another_student_file_that_was_left_out_is_said_at_its_own_place_only(origin: Path) -> None:
    (origin / "deep" / "criterion.py").unlink()
    (origin / "main.py").symlink_to("/")
    assert missing(origin) == "criterion.py is missing."


def test_a_file_that_may_not_be_read(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Path, *args: int, **named: int) -> int:
        if Path(path).name == "criterion.py":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **named)

    monkeypatch.setattr(os, "open", refuse)
    assert "deep/criterion.py is not readable" in missing(origin)


@pytest.mark.parametrize(
    ("limits", "message"), [(Limits(members=3), "more than 3 files"), (Limits(unpacked=30), "more than 30 bytes")]
)
def test_a_folder_has_the_same_limits(origin: Path, limits: Limits, message: str) -> None:
    with pytest.raises(SubmissionProblem, match=message):
        tree(origin, limits)


def test_a_sparse_file_is_counted_by_what_it_reads_as(origin: Path) -> None:
    with open(origin / "huge", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SubmissionProblem, match="more than 1 MiB"):
        tree(origin)


def test_names_that_are_not_utf8_become_printable(origin: Path) -> None:
    os.rename(origin / "deep", os.fsencode(origin) + b"/d\xe9ep")
    found = tree(origin)
    assert found.files["criterion"] == Path("d\\xe9ep/criterion.py")
    assert (found.root / found.files["criterion"]).is_file()


def test_names_may_differ_in_capital_letters_in_a_folder(origin: Path) -> None:
    (origin / "notes").write_text("")
    (origin / "NOTES").write_text("")
    assert not tree(origin).problems


@pytest.mark.parametrize("kind", ["vanished", "link", "stray"])
def test_what_can_not_be_a_submission(origin: Path, kind: str) -> None:
    path = origin.with_name("x.zip")
    if kind == "link":
        path.symlink_to(origin)
    problem = "This is a single file." if kind == "stray" else None
    with pytest.raises(SubmissionProblem, match="cannot be opened" if problem is None else "single file"):
        materialise(Submission("x", path, problem), origin.parent / "into", LIMITS)


def test_a_folder_that_can_not_be_listed(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(SubmissionProblem, match="cannot be read"):
        tree(origin)


def test_an_archive_in_an_archive_is_unpacked_two_levels_deep(tmp_path: Path) -> None:
    inmost = make_zip(tmp_path / "inmost.zip", [("model_factory.py", b"deep")])
    inner = make_zip(tmp_path / "inner.zip", [("main.py", b"3"), ("inmost.zip", inmost.read_bytes())])
    middle = make_tar(tmp_path / "hw.tar.xz", [("src/criterion.py", b"1"), ("b.zip", inner.read_bytes())], "w:xz")
    outer = make_zip(tmp_path / "ann.zip", [("hw.tar.xz", middle.read_bytes()), ("validation.py", b"2")])
    tree = materialise(Submission("ann", outer), tmp_path / "into", Limits())
    found = sorted(map(str, tree.files.values()))
    assert found == ["hw.tar.xz/b.zip/main.py", "hw.tar.xz/src/criterion.py", "validation.py"]
    assert (tree.root / "hw.tar.xz" / "b.zip" / "inmost.zip").is_file()


def test_both_levels_share_the_limits(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "a.zip", [("criterion.py", b"x" * 600_000)])
    outer = make_zip(tmp_path / "ann.zip", [("a.zip", inner.read_bytes()), ("main.py", b"y" * 600_000)])
    tree = materialise(Submission("ann", outer), tmp_path / "into", Limits(unpacked=1_000_000))
    assert set(tree.files) == {"main"}
    assert "a.zip is not unpacked: The submission unpacks to more than" in tree.problems["criterion"]


def test_a_damaged_archive_inside_costs_what_is_in_it_only(tmp_path: Path) -> None:
    root = tmp_path / "ann"
    root.mkdir()
    (root / "main.py").write_text("# main\n")
    whole = make_zip(tmp_path / "a.zip", [("criterion.py", b"x"), ("validation.py", b"y" * 5000)]).read_bytes()
    (root / "a.zip").write_bytes(whole[: len(whole) // 2])
    tree = materialise(Submission("ann", root), tmp_path / "into", Limits())
    assert set(tree.files) == {"main"}
    assert (
        tree.problems["criterion"]
        == "criterion.py is missing. Left out: a.zip is not unpacked: it is damaged or cut short."
    )


def test_an_archive_beside_all_five_files_is_left_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "ann"
    root.mkdir()
    for name in STUDENT_FILES:
        (root / name).write_text(f"# {name}\n")
    make_zip(root / "data.zip", [("main.py", b"")])
    tree = materialise(Submission("ann", root), tmp_path / "into", Limits())
    assert not tree.problems
    assert (tree.root / "data.zip").is_file()
