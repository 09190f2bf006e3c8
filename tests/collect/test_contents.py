"""Tests of autograder/collect/contents.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.collect.contents import answers, is_untouched, what_else
from autograder.core.settings import SKELETON

SKELETON_TEXT = (SKELETON / "criterion.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html>", "a web page"),
        (b"<HTML lang='en'>", "a web page"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", "Git LFS pointer"),
        (b"", "empty"),
        (b" \n\n", "empty"),
        (json.dumps({"cells": [], "nbformat": 4}).encode(), "a notebook"),
        (b"PK\x03\x04\x14", "zip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"7z\xbc\xaf", "7-Zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.5", "PDF"),
        (b"bplist00", "macOS"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "office"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"import torch\n", ""),
        (b"# <html>\n", ""),
        (b"{'cells': 1}\n", ""),
    ],
)
def test_what_a_file_is(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "criterion.py").write_bytes(content)
    told = what_else(tmp_path / "criterion.py")
    assert kind in told and bool(kind) is bool(told)


def test_nothing_is_told_of_what_cannot_be_read(tmp_path: Path) -> None:
    assert what_else(tmp_path / "x") == "" and not is_untouched(tmp_path / "x", "criterion.py")


@pytest.mark.parametrize(
    ("text", "untouched"),
    [
        (SKELETON_TEXT, True),
        ("# Ann, 1234\n\n" + SKELETON_TEXT.replace("\n", "\r\n"), True),
        (SKELETON_TEXT.rstrip(), True),
        (SKELETON_TEXT.replace("temperature", "T"), False),
        (SKELETON_TEXT + "x = 1\n", False),
        (SKELETON_TEXT + "x = '\n", False),
        (SKELETON_TEXT + "#" * 100_000, False),
    ],
)
def test_untouched_but_for_comments(tmp_path: Path, text: str, untouched: bool) -> None:
    (tmp_path / "x").write_text(text, "utf-8", newline="")
    assert is_untouched(tmp_path / "x", "criterion.py") is untouched
    assert not is_untouched(tmp_path / "x", "__init__.py")


@pytest.mark.parametrize(
    ("text", "answering"),
    [
        (SKELETON_TEXT, False),
        (SKELETON_TEXT.replace("temperature", "T"), True),
        ("def contrastive_loss(): return 1\n", True),
        ("import criterion\n", False),
    ],
)
def test_who_answers(tmp_path: Path, text: str, answering: bool) -> None:
    (tmp_path / "x").write_text(text, "utf-8")
    assert answers(tmp_path / "x", "criterion.py") is answering
