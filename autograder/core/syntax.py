"""Python's parser for several threads.

Python 3.11 before 3.11.5 counts the depth of a syntax tree for all threads together. If the garbage collector lets
another thread parse in between, either may raise SystemError (https://github.com/python/cpython/issues/106905).
"""

from __future__ import annotations

import ast
import threading

PARSER = threading.Lock()
"""Held while a worker's thread parses. NumPy parses as well, for each array that it reads from a file."""


def parse(source: str) -> ast.Module:
    """Parse as `ast.parse` does, one thread at a time."""
    with PARSER:
        return ast.parse(source)
