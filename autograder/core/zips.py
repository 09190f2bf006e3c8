"""Makes zips that can be compared byte for byte: equal files give an equal zip on any machine at any time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the first that a zip can hold."""


def stored_zip(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """A zip of files by their names in it, sorted, all with one time, and rights that do not depend on the machine.

    Nothing is compressed, because a compressor's output depends on its version.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = 3
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()
