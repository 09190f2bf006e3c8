"""Tests of whose files count (autograder/collect/choose.py, missing.py): what people's folders and archives hold."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from archive_making import make_tar, make_zip, tar_member

from autograder.collect.tree import Tree, materialise
from autograder.core.errors import SubmissionProblem
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.settings import SKELETON, Limits
from autograder.platforms.folders import collect_submissions

MODULES = {name.removesuffix(".py") for name in STUDENT_FILES}
FIVE = {name: f"# {name}\n".encode() for name in STUDENT_FILES}
STARTER = {name: (SKELETON / name).read_bytes() for name in STUDENT_FILES}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make the folder of a student who handed in all five files."""
    put(tmp_path / "ann", FIVE)
    return tmp_path / "ann"


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def tree(origin: Path) -> Tree:
    return materialise(Submission("ann", origin), origin.with_name(f"{origin.name}-out"), Limits())


def packed(root: Path) -> Path:
    return make_zip(root.with_name("x.zip"), [(f"hw3/{name}", data) for name, data in FIVE.items()])


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["venv/pyvenv.cfg", "venv/lib/python3.11/site-packages/pip/_internal/main.py"], "venv"),
        (["env/pyvenv.cfg", "env/Lib/site-packages/pip/_internal/main.py"], "env"),
        (["me/Lib/site-packages/a/main.py", "me/lib/python3.12/unittest/main.py"], "me"),
        (["wandb/run-2026/files/code/main.py"], "wandb"),
        (["mlruns/0/abc/artifacts/code/main.py"], "mlruns"),
        ([".venv/lib/main.py", "src/.ipynb_checkpoints/main.py"], ".venv, src/.ipynb_checkpoints"),
        (["__MACOSX/main.py"], ""),
        (["__pycache__/main.py"], ""),
    ],
)
def test_what_programs_install_and_record_is_passed_over(root: Path, as_zip: bool, names: list[str], told: str) -> None:
    put(root, dict.fromkeys(names, b"x = 1\n"))
    origin = root
    if as_zip:
        files = [path for path in sorted(root.rglob("*")) if path.is_file()]
        origin = make_zip(root.with_name("x.zip"), [(str(p.relative_to(root)), p.read_bytes()) for p in files])
    found = tree(origin)
    assert found.problems == {} and found.files["main"] == Path("main.py")
    wanted = (f"Not looked into, since no answer needs it: {told}.",) if told else ()
    assert found.remarks == wanted and found.notes == {}


@pytest.mark.parametrize("place", ["exp/run1/src", "outputs/2026", "old"])
def test_the_folder_in_which_all_five_lie_is_meant(root: Path, place: str) -> None:
    put(root / place, {"criterion.py": b"x = 1\n"})
    found = tree(root)
    assert found.problems == {} and found.files["criterion"] == Path("criterion.py")
    (note,) = found.notes["criterion"]
    assert note.startswith(f"{place}/criterion.py is not next to all five")


def test_two_whole_folders_that_differ_are_refused_where_they_do(root: Path) -> None:
    put(root / "new", {**FIVE, "criterion.py": b"x = 1\n"})
    found = tree(root)
    assert set(found.problems) == {"criterion"} and "occurs twice" in found.problems["criterion"]
    assert found.files["main"] == Path("main.py")


def test_an_environment_around_the_answers_is_not_called_passed_over(root: Path) -> None:
    put(root.with_name("in"), {f"env/{name}": data for name, data in FIVE.items()})
    put(root.with_name("in"), {"env/pyvenv.cfg": b"", "env/lib/python3.11/site-packages/a/main.py": b"x = 1\n"})
    found = tree(root.with_name("in"))
    assert found.problems == {} and found.files["main"] == Path("env/main.py")
    assert found.remarks == ("Not looked into, since no answer needs it: env/lib/python3.11.",)


def test_a_whole_copy_that_a_program_made_gives_way(root: Path) -> None:
    put(root / "build" / "lib", {**FIVE, "criterion.py": b"x = 1\n"})
    found = tree(root)
    assert found.problems == {} and found.files["criterion"] == Path("criterion.py")


def test_the_folder_that_is_meant_is_found_beside_a_whole_copy_that_a_program_made(root: Path) -> None:
    put(root / "dist", {**FIVE, "criterion.py": b"x = 1\n"})
    put(root / "old", {"criterion.py": b"y = 1\n"})
    assert tree(root).files["criterion"] == Path("criterion.py")


def test_one_file_among_what_a_program_made_counts_where_it_is_the_only_one(root: Path) -> None:
    (root / "main.py").unlink()
    put(root, {"myenv/pyvenv.cfg": b"", "myenv/hw/main.py": b"x = 1\n"})
    assert tree(root).files["main"] == Path("myenv/hw/main.py")
    put(root / "b", {"main.py": b"y = 1\n"})
    assert materialise(Submission("a", root), root.parent / "again", Limits()).files["main"] == Path("b/main.py")


@pytest.mark.parametrize("comment", [b"", b"# Ann\r\n\r\n"])
def test_the_starter_beside_the_filled_folder_gives_way(tmp_path: Path, comment: bytes) -> None:
    starter = {f"assignment/{name}": comment + data for name, data in STARTER.items()}
    put(tmp_path / "ann", {**starter, **{f"hw3/{name}": FIVE[name] for name in STUDENT_FILES[:4]}})
    found = tree(tmp_path / "ann")
    assert found.problems == {}
    assert {str(path.parent) for module, path in found.files.items() if module != "main_linclis"} == {"hw3"}
    assert found.notes["main"] == ("assignment/main.py is as it was handed out, and is passed over.",)


def test_what_is_not_python_gives_way_to_what_is(root: Path) -> None:
    put(root / "a", {"criterion.py": b"<!DOCTYPE html>", "main.py": b""})
    assert tree(root).problems == {}


@pytest.mark.parametrize("name", ["criterion (1).py", "criterion.py.txt", "Copy of criterion.py", "criterion_1001.py"])
def test_the_file_that_was_probably_meant_is_named(root: Path, name: str) -> None:
    (root / "criterion.py").rename(root / name)
    sentence = f"criterion.py is missing: there is {name}; if that is your answer, call it criterion.py."
    assert tree(root).problems == {"criterion": sentence}


def test_an_untouched_stub_beside_a_filled_near_copy_is_a_problem(root: Path) -> None:
    put(root, {"criterion.py": STARTER["criterion.py"], "criterion (1).py": b"def contrastive_loss(): return 1\n"})
    assert "criterion (1).py is not; if that is your answer" in tree(root).problems["criterion"]


LOSS = b"def contrastive_loss(): return 1\n"


@pytest.mark.parametrize("name", ["criterion (2).py", "old/criterion copy.py"])
def test_a_similar_file_with_other_answers_is_told_of(root: Path, name: str) -> None:
    put(root, {"criterion.py": LOSS, name: LOSS.replace(b"1", b"2")})
    found = tree(root)
    assert found.files["criterion"] == Path("criterion.py")
    said = f"{name} has other answers than criterion.py, and is not graded"
    assert dict(found.notes) == {"criterion": (f"{said}; if it is the one you mean, call it criterion.py.",)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("criterion (2).py", b"# the same\n" + LOSS),
        ("criterion (2).py", b"def plot(): pass\n"),
        ("criterion (2).py", STARTER["criterion.py"]),
        ("exp/1/criterion copy.py", LOSS.replace(b"1", b"2")),
        ("test_criterion.py", LOSS.replace(b"1", b"2")),
    ],
)
def test_a_similar_file_without_other_answers_is_not(root: Path, name: str, content: bytes) -> None:
    put(root, {"criterion.py": LOSS, name: content})
    assert dict(tree(root).notes) == {}


def test_an_untouched_stub_beside_anything_else_is_an_answer(root: Path) -> None:
    put(root, {"criterion.py": STARTER["criterion.py"], "test_criterion.py": b"import criterion\n"})
    put(root, {"criterion (1).py": STARTER["criterion.py"]})
    assert tree(root).problems == {}


@pytest.mark.parametrize(("content", "kind"), [(b"<html>", "a web page"), (b"{\\rtf1", "RTF"), (b"", "empty")])
def test_one_of_the_five_that_is_something_else_says_what(root: Path, content: bytes, kind: str) -> None:
    put(root, {"criterion.py": content})
    found = tree(root)
    assert set(found.problems) == {"criterion"} and kind in found.problems["criterion"]
    assert set(found.files) == MODULES - {"criterion"}


def test_a_placeholder_of_icloud_is_known(root: Path) -> None:
    (root / "criterion.py").unlink()
    put(root, {".criterion.py.icloud": b"bplist00"})
    assert "placeholder of iCloud" in tree(root).problems["criterion"]


@pytest.mark.parametrize("aim", ["/datasets/cifar10", "../../scratch/exp"])
def test_a_link_to_a_data_set_costs_nothing(root: Path, aim: str) -> None:
    members = [(f"hw3/{name}", data) for name, data in FIVE.items()]
    path = make_tar(root.with_name("x.tgz"), [*members, (tar_member("hw3/data", b"2", aim), b"")])
    found = tree(path)
    assert found.problems == {}
    assert found.remarks == ("hw3/data is a link, and links are not followed.",)


def test_a_link_in_a_folder_is_told(root: Path) -> None:
    (root / "data").symlink_to("/")
    assert tree(root).remarks == ("data is a link, and links are not followed.",)


def test_much_that_is_left_out_is_told_in_brief(root: Path) -> None:
    for number in range(9):
        (root / f"link{number}").symlink_to("/")
        put(root, {f"{number}/.hidden/x": b""})
    folders, links = tree(root).remarks
    assert folders.endswith("0/.hidden, 1/.hidden, 2/.hidden and 6 more.")
    assert links.endswith("link2 is a link, and links are not followed; 6 more were left out.")


@pytest.mark.parametrize("again", [True, False])
def test_one_of_the_five_twice_in_an_archive(root: Path, again: bool) -> None:
    with zipfile.ZipFile(packed(root), "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("hw3/criterion.py", FIVE["criterion.py"] if again else b"x = 1\n")
    found = tree(root.with_name("x.zip"))
    assert set(found.problems) == (set() if again else {"criterion"})
    if again:
        assert found.notes["criterion"] == (
            "hw3/copy 2/criterion.py is a copy of hw3/criterion.py, and is passed over.",
        )


def refused(folder: Path) -> str:
    with pytest.raises(SubmissionProblem) as caught:
        tree(folder)
    return caught.value.message


def test_why_an_archive_inside_stays_shut_is_told(root: Path, tmp_path: Path) -> None:
    whole = packed(root).read_bytes()
    say = "None of the five files is in it; hw3.zip in it could not be unpacked: "
    put(tmp_path / "cut", {"hw3.zip": whole[: len(whole) // 2]})
    assert refused(tmp_path / "cut") == f"{say}it is damaged or cut short."
    put(tmp_path / "split", {"hw3.z01": whole[:200], "hw3.zip": whole[200:]})
    assert refused(tmp_path / "split") == f"{say}it is one part of several (hw3.z01); make one archive of all."
    put(tmp_path / "rar", {"hw3.rar": b"Rar!\x1a\x07\x01\0"})
    assert "hw3.rar in it could not be unpacked: it is a RAR archive, which is not read" in refused(tmp_path / "rar")


@pytest.mark.parametrize("name", ["hw3", "hw3.crdownload", "hw3.zipx", "hw3.final"])
def test_an_archive_inside_is_known_by_its_content(root: Path, name: str) -> None:
    put(root.with_name("in"), {name: packed(root).read_bytes()})
    assert set(tree(root.with_name("in")).files) == MODULES


def test_an_archive_that_cannot_be_unpacked_stays_beside_the_answers(root: Path) -> None:
    (root / "main.py").unlink()
    put(root, {"data.zip": b"PK\x03\x04 cut"})
    found = tree(root)
    assert (found.root / "data.zip").read_bytes() == b"PK\x03\x04 cut"
    assert set(found.problems) == {"main"}


def test_entries_of_a_class_are_known_by_their_content(root: Path) -> None:
    content = packed(root).read_bytes()
    put(root.with_name("class"), {"ann": content, "bob.zipx": content, "eve.rar": b"Rar!\x1a\x07", "note.txt": b"hi"})
    found = {one.student: one.problem for one in collect_submissions(root.with_name("class"))}
    assert set(found) == {"ann", "bob", "eve.rar", "note.txt"}
    assert found["ann"] is None and found["bob"] is None
    assert found["eve.rar"] == "This is a RAR archive, which is not read."
    assert ".zip, .zipx, .tar.gz" in str(found["note.txt"])


def test_many_files_of_one_name_keep_nobody_waiting(root: Path) -> None:
    for number in range(200):
        put(root / str(number), {"main.py": STARTER["main.py"] + b"#%d\n" % number})
    found = tree(root)
    assert found.files["main"] == Path("main.py") and len(found.notes["main"]) == 6


@pytest.mark.parametrize(("names", "held"), [((), "it is empty"), (("a.pdf", "b/c.txt"), "it holds a.pdf, b/c.txt")])
def test_without_any_of_the_five_files_it_is_told_what_there_is(
    tmp_path: Path, names: tuple[str, ...], held: str
) -> None:
    for name in ("b/", *names):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.touch()
    with pytest.raises(SubmissionProblem, match=f"None of the five files is in it; {held}"):
        materialise(Submission("ann", tmp_path / "in"), tmp_path / "into", Limits())


@pytest.mark.parametrize(("names", "held"), [((".DS_Store", "notes.txt"), "notes.txt"), ((".DS_Store",), ".DS_Store")])
def test_hidden_files_are_named_only_where_there_is_nothing_else(
    tmp_path: Path, names: Sequence[str], held: str
) -> None:
    put(tmp_path / "ann", dict.fromkeys(names, b"x"))
    with pytest.raises(SubmissionProblem, match=f"it holds {re.escape(held)}\\."):
        tree(tmp_path / "ann")


def test_a_file_of_that_name_from_another_project_gives_way(tmp_path: Path) -> None:
    answer = b"def update_momentum_encoder(model, m): ..."
    put(tmp_path / "ann", {"src/main.py": answer, "app/main.py": b"app = FastAPI()"})
    found = tree(tmp_path / "ann")
    assert found.files["main"] == Path("src/main.py")
    assert found.notes["main"] == ("app/main.py is without any function that is asked for, and is passed over.",)
    put(tmp_path / "bob", {"src/main.py": answer, "app/main.py": answer + b" "})
    assert "occurs twice" in tree(tmp_path / "bob").problems["main"]
