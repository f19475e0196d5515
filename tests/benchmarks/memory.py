"""The most memory that the window has taken with ResNet-152 open and flat, before torch, against a bare one.

Peak resident memory as Linux counts it (VmHWM), shared libraries included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.benchmarks.measure import PAIRS, Figure, home, in_turns, said_by

GOAL = 200_000_000

_PEAK = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

def private():
    with open("/proc/self/smaps_rollup") as rollup:
        return sum(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Private"))

def tell():
    print(peak(), private(), "torch" in sys.modules, flush=True)
    os._exit(0)
"""
WINDOW = (
    "import os, sys"
    + _PEAK
    + """
from explorer.ui import app
from explorer.zoo import catalogue
from tests.benchmarks.desk import flat
from PySide6.QtCore import QTimer

class Watched(app.Window):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.first_painted.connect(lambda: self.files.open_network(flat(catalogue.find("resnet152").build())))
        self.first_painted.connect(lambda: QTimer.singleShot(3000, self, self.look))

    def look(self):
        assert self.session.active.document.inference.totals.exact
        tell()

app.Window = Watched
from explorer.__main__ import main
main([])
"""
)
BARE = (
    "import os, sys"
    + _PEAK
    + """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1360, 860)
window.show()
QTimer.singleShot(500, tell)
app.exec()
"""
)


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The window's peak."""
    own: list[float] = []
    with home() as environment:

        def ours() -> float:
            peak, private, torch = said_by(WINDOW, environment)[1].split()
            assert torch == "False", "torch was imported before anything needed it"
            own.append(float(private))
            return float(peak)

        figure = in_turns(
            "memory",
            ours,
            lambda: float(said_by(BARE, environment)[1].split()[0]),
            f"ours < {GOAL // 1_000_000} MB",
            lambda peak, _: peak < GOAL,
            pairs=pairs,
            unit="B",
        )
    private = sorted(own)[len(own) // 2] / 1e6
    yield replace(figure, note=f"peak resident memory; at rest {private:.0f} MB belong to it alone")
