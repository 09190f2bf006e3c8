"""Makes the README's pictures: `python -m tests.screenshots`, or `make screenshots`.

The sample class is graded, and its pages are opened in a real Chromium at a desk's width. Each picture shows the top of
a page and stays under 150 KB.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser import WIDE, chromium
from tests.sample_class import ROOT, write_sample_class

IMAGES = ROOT / "docs" / "images"
PICTURES = {
    "class_report.png": ("report.html", 900),
    "feedback.png": ("feedback/wrong-swapped-coefficient.html", 760),
}
"""Each picture's page in the output folder, and its height in CSS pixels."""
LARGEST = 150_000


def take(grades: Path, images: Path) -> None:
    """Photograph the pages of a graded class; raises AssertionError if a picture is too large."""
    with chromium() as browser:
        page = browser.new_page(color_scheme="light", reduced_motion="reduce")
        for name, (path, height) in PICTURES.items():
            page.set_viewport_size({"width": WIDE, "height": height})
            page.goto((grades / path).as_uri())
            page.screenshot(path=images / name)
            size = (images / name).stat().st_size
            assert size < LARGEST, f"{name} has {size} bytes, {LARGEST} are the most. Make the picture smaller."


def main() -> None:
    """Grade the sample class in a temporary folder and write the pictures into docs/images."""
    with tempfile.TemporaryDirectory() as name:
        class_, grades = Path(name) / "class", Path(name) / "grades"
        write_sample_class(class_)
        subprocess.run([sys.executable, "-m", "autograder", class_, "--output", grades], cwd=ROOT, check=True)
        IMAGES.mkdir(parents=True, exist_ok=True)
        take(grades, IMAGES)


if __name__ == "__main__":
    main()
