"""A notebook is read whatever program wrote it, and one that cannot be read says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collect.ipynb import MOST_BRACKETS, cells, load, read

SOURCE = ["x = 'ä'\n", "y = '[\"outputs\": [1]'\n"]
CELL: dict[str, Any] = {"cell_type": "code", "source": SOURCE}
TEXT: dict[str, Any] = {"cell_type": "markdown", "source": "Tëxt"}
OUTPUTS: dict[str, Any] = {
    "a stream": {"text": ['a [ b ] { " } \\'] * 3},
    "numbers": {"data": {"x": [[1, 2], []], "outputs": [{}]}},
    "a picture": {"data": {"image/png": "A" * 1000}},
}


def dumped(*found: dict[str, Any], **more: object) -> str:
    return json.dumps({"cells": list(found), "nbformat": 4, **more}, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_every_encoding_is_read(encoding: str) -> None:
    assert list(cells(load(dumped(TEXT, CELL).encode(encoding)))) == [("markdown", "Tëxt"), ("code", "".join(SOURCE))]


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_are_dropped_and_what_follows_them_is_not(output: dict[str, Any]) -> None:
    cell = {"outputs": [output], "attachments": {"a.png": output}, **CELL}
    loaded: Any = load(dumped(cell, TEXT, metadata={"widgets": output}).encode())
    assert list(cells(loaded)) == [("code", "".join(SOURCE)), ("markdown", "Tëxt")]
    assert loaded["cells"][0]["outputs"] == loaded["cells"][0]["attachments"] == loaded["metadata"]["widgets"] == []


def test_old_formats_are_read() -> None:
    old = {"cell_type": "code", "input": SOURCE, "language": "python"}
    assert list(cells({"worksheets": [{"cells": [TEXT]}, {"cells": [old]}]}))[1] == ("code", "".join(SOURCE))


WHOLE = dumped(CELL, {**CELL, "outputs": [OUTPUTS["numbers"]]})
CONFLICT = WHOLE.replace(' "nbformat"', '<<<<<<< HEAD\n=======\n>>>>>>> main\n "nbformat"')
LINE = CONFLICT[: CONFLICT.index("<<<")].count("\n") + 1
DAMAGE = {
    "": "is empty",
    " \n": "is empty",
    WHOLE[:60]: "ends in the middle",
    WHOLE[:-3]: "ends in the middle",
    WHOLE[: WHOLE.rindex('"outputs"') + 25]: "ends in the middle",
    CONFLICT: f"line {LINE} begins with <<<<<<< HEAD, git's mark of a conflict",
    WHOLE.replace(":", "=", 1): "is not a valid notebook (line 2:",
    "<!DOCTYPE html>\n<html>": "something else",
    "[]": "is not a notebook",
    '{"a": 1}': "has no cells",
    '{"cells": 3}': "has no cells",
    "[" * 100_000 + "]" * 100_000: "holds too much in each other",
    "[]," * MOST_BRACKETS: "clear its outputs",
    '"' + "x" * 17_000_000 + '"': "besides its outputs",
}


@pytest.mark.parametrize(("text", "says"), DAMAGE.items(), ids=range(len(DAMAGE)))
def test_what_cannot_be_read_says_why(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "hw.ipynb").write_text(text)
    found = read(tmp_path, ("hw.ipynb",))
    assert found.unread.startswith("hw.ipynb ") and found.unread.endswith(".") and says in found.unread
    assert (found.code, found.text) == ((), ())


@given(st.recursive(st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_any_json_is_read_as_it_is(value: object) -> None:
    text = json.dumps({"a": value, "x": 1})
    if not any(f'"{key}"' in text for key in ("outputs", "attachments", "widgets")):
        assert load(text.encode()) == json.loads(text)


def test_cells_that_are_none_are_passed_over() -> None:
    assert list(cells({"cells": [3, {}, {"cell_type": "code", "source": [1, "x"]}]})) == [("None", ""), ("code", "x")]


MEASURED = """
import sys, time
from pathlib import Path
from autograder.collect.ipynb import read
before = time.process_time()
found = read(Path(sys.argv[1]), ("hw.ipynb",))
seconds = time.process_time() - before
# Not `ru_maxrss`, in which the process that started this one counts.
peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(len(found.code), seconds, int(peak) / 2**20)
"""
LARGE = {
    "a video": json.dumps("A" * (70 << 20)),
    "numbers": "[" + "1.25, " * (12 << 20) + "1]",
    "lines": "[" + '"Epoch 1 [ 3/ 9]\\r",' * (3_600_000) + '""]',
}


@pytest.mark.parametrize("output", LARGE.values(), ids=LARGE)
def test_seventy_megabytes_of_outputs_take_little_time_and_memory(tmp_path: Path, output: str) -> None:
    cell = json.dumps({**CELL, "outputs": "HERE"}).replace('"HERE"', "[" + output + "]")
    (tmp_path / "hw.ipynb").write_text(f'{{"cells": [{cell}, {json.dumps(CELL)}]}}')
    run = subprocess.run([sys.executable, "-c", MEASURED, tmp_path], capture_output=True, text=True, check=True)
    count, seconds, gigabytes = map(float, run.stdout.split())
    assert count == 2
    assert seconds < 5
    assert gigabytes < 1
