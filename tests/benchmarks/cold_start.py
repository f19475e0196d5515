"""From the start of the process to a window that a person can use, against `python -c "import torch"`.

The window counts as usable when its first picture is painted and its event loop has nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.measure import PAIRS, Figure, home, in_turns, said_by

SHARE = 0.5

WINDOW = """
import os, sys
from explorer.ui import app
from PySide6.QtCore import QTimer

def usable():
    print("usable, torch" if "torch" in sys.modules else "usable", flush=True)
    os._exit(0)

class Watched(app.Window):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.first_painted.connect(lambda: QTimer.singleShot(0, lambda: QTimer.singleShot(0, usable)))

app.Window = Watched
from explorer.__main__ import main
main([])
"""
TORCH = """
import os, torch
print("imported", flush=True)
os._exit(0)
"""


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The start, with files that the system has already read once on both sides."""
    with home() as environment:

        def ours() -> float:
            taken, line = said_by(WINDOW, environment)
            assert line == "usable", "torch was imported before the window could be used"
            return taken

        yield in_turns(
            "cold-start",
            ours,
            lambda: said_by(TORCH, environment)[0],
            f"< {SHARE} of importing torch",
            lambda _, ratio: ratio < SHARE,
            pairs=pairs,
            note="both from warm file caches",
        )
