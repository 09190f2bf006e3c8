"""Finds the file that was probably meant if one of the five is missing: `criterion (1).py`, `main_lincls.py`."""

from __future__ import annotations

import re
import unicodedata

from ssl_kit.public.student_files import STUDENT_FILES

LONGEST = 100
"""The most letters of a name that is compared; no longer name is meant for one of the five."""
OF_THE_KIT = re.compile(r"(?:test|probe)_\w+\.py")
"""Names of files in the download that call the five, and of a student's own tests of them."""
ENDING = re.compile(r"\.py(?:\.\w{1,12}|~| \(\d+\))?$|\.(?:txt|rtf|docx?|pyc)$")
SIGNS = re.compile(r"[\s_\-.()\[\]{}+~]+")


def is_near(name: str, wanted: str) -> bool:
    """Whether `name` is what a system, a browser or a slip of the hand makes of the name `wanted`.

    That is the name with something before or after it, another ending, or one letter more, less or different.
    """
    if name in STUDENT_FILES or len(name) > LONGEST or OF_THE_KIT.match(name):
        return False
    plain = unicodedata.normalize("NFKC", name).casefold()
    stem = ENDING.sub("", plain)
    if stem == plain:
        return f"{plain}.py" == wanted
    return wanted == max((one for one in STUDENT_FILES if _alike(stem, one.removesuffix(".py"))), key=len, default="")


def _alike(stem: str, wanted: str) -> bool:
    words, meant = SIGNS.sub(" ", stem).strip(), wanted.replace("_", " ")
    together = words.replace(" ", ""), meant.replace(" ", "")
    numbered = re.fullmatch(rf"{together[1]}\d+", together[0])
    return f" {meant} " in f" {words} " or _one_apart(*together) or numbered is not None


def _one_apart(one: str, other: str) -> bool:
    """Whether two words are equal, or differ in one letter, or in two neighbours that have changed places."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    at = next((i for i, letter in enumerate(shorter) if letter != longer[i]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    swapped = shorter[at + 1 : at + 2] + shorter[at : at + 1] + shorter[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or swapped == longer[at:]
