"""Writes down where this user's pip gets its packages from, for another user who has neither files nor environment.

python .ci/pip_settings.py FILE
"""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path


def settings() -> configparser.RawConfigParser:
    """What stands in this user's own files, and in the environment, which counts more."""
    found = configparser.RawConfigParser()
    home = Path.home()
    config = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config"))
    found.read([home / ".pip" / "pip.conf", config / "pip" / "pip.conf"])
    told = {name[4:].lower().replace("_", "-"): value for name, value in os.environ.items() if name.startswith("PIP_")}
    if "config-file" in told:
        found.read(told.pop("config-file"))
    for option, names in {"proxy": ("https_proxy", "HTTPS_PROXY"), "cert": ("REQUESTS_CA_BUNDLE",)}.items():
        if value := next((os.environ[name] for name in names if name in os.environ), None):
            told.setdefault(option, value)
    found.read_dict({"global": {**(found["global"] if found.has_section("global") else {}), **told}})
    return found


def main() -> int:
    """Write the file, for its owner's eyes only: an address may hold a password."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with open(target, "w", encoding="utf-8") as file:
        settings().write(file)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
