"""The same gradebook in a PostgreSQL server that is started for it (Debian: `apt install postgresql`)."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from autograder.gradebook.database import with_driver
from tests.gradebook.test_database import (  # noqa: F401
    test_ids_of_any_kind,
    test_no_grade_is_no_score_and_a_late_report_is_asked_for,
    test_scores_hints_and_what_a_person_entered,
)

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The folder with the socket of a server of our own; it refuses to run as root, so root becomes `postgres`."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    assert programs, "There is no PostgreSQL; install it, or leave this file out."
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if other:
        shutil.chown(folder, "postgres")
    data, options = folder / "data", f"-k {folder} -c listen_addresses= -c fsync=off"
    subprocess.run([*other, programs / "initdb", "-A", "trust", "-U", "kit", "-D", data], check=True, cwd=folder)
    start = [*other, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"]
    subprocess.run(start, check=True, cwd=folder)
    yield str(folder)
    subprocess.run([*other, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, cwd=folder)
    shutil.rmtree(folder)


@pytest.fixture
def url(server: str) -> str:
    name = f"course{next(NUMBERS)}"
    connection = psycopg2.connect(host=server, user="kit", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return with_driver(f"postgresql://kit@/{name}?host={server}")
