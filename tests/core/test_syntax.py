"""Student code is judged in threads; Python's parser of 3.11.2 (Debian 12) does not stand two threads at once."""

from __future__ import annotations

import ast
import shutil
import threading
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.core import syntax
from autograder.reference.catalogue import read_stand_ins
from tests.sample_class import write_sample_class


def test_no_two_threads_parse_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: list[str] = []
    parse = ast.parse

    def watched(*arguments: object, **options: object) -> ast.AST:
        thread = threading.current_thread()
        if thread is not threading.main_thread():
            alone.append("alone" if syntax.PARSER.locked() else f"{thread.name}: {str(arguments[0])[:60]}")
        return parse(*arguments, **options)

    write_sample_class(tmp_path / "all")
    wrong = tmp_path / "class" / "wrong"
    shutil.copytree(tmp_path / "all" / "wrong-own-in-denominator", wrong)
    monkeypatch.setattr(ast, "parse", watched)
    read_stand_ins.cache_clear()
    assert main([str(wrong.parent), "--output", str(tmp_path / "grades")]) == 0
    assert alone
    assert set(alone) == {"alone"}
