"""How every figure is measured: ours and its peer in turns, medians over the turns, the spread said.

A machine is never quiet; two runs of one thing differ by a tenth and more. What counts is therefore a ratio
of two things measured alternately in one run, and its spread over the turns.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAIRS = 9
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Figure:
    """One row: `ours` and `peer` in seconds or bytes, `ratio` = ours / peer.

    `spread` is the least and the greatest ratio of a pair, `note` what a reader must know to judge it.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    goal: str
    ok: bool
    spread: tuple[float, float]
    note: str = ""
    unit: str = "s"

    def row(self) -> dict[str, Any]:
        """The row as the command line promises it, and the spread and note beside."""
        return {
            "name": self.name,
            "ours": self.ours,
            "peer": self.peer,
            "ratio": self.ratio,
            "goal": self.goal,
            "ok": self.ok,
            "spread": list(self.spread),
            "note": self.note,
        }


def in_turns(
    name: str,
    ours: Callable[[], float],
    peer: Callable[[], float],
    goal: str,
    ok: Callable[[float, float], bool],
    *,
    pairs: int = PAIRS,
    note: str = "",
    unit: str = "s",
) -> Figure:
    """Measure both alternately, after one unmeasured turn of each; `ok` judges median ours and ratio."""
    ours()
    peer()
    found = [(ours(), peer()) for _ in range(pairs)]
    ratios = [one / other for one, other in found]
    our_median = statistics.median(one for one, _ in found)
    ratio = statistics.median(ratios)
    return Figure(
        name,
        our_median,
        statistics.median(other for _, other in found),
        ratio,
        goal,
        ok(our_median, ratio),
        (min(ratios), max(ratios)),
        note,
        unit,
    )


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes. As in timeit, and in the running window, no garbage is collected meanwhile."""
    gc.collect()
    gc.disable()
    try:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin
    finally:
        gc.enable()


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """An environment with settings, state and caches of its own, and Qt without a screen."""
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as folder:
        places = {
            f"XDG_{kind}_HOME": f"{folder}/{kind.lower()}" for kind in ("CONFIG", "STATE", "DATA", "CACHE")
        }
        yield {
            **os.environ,
            **places,
            "CONVNET_EXPLORER_HOME": folder,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
        }


def said_by(program: str, environment: dict[str, str], *arguments: str) -> tuple[float, str]:
    """Run a Python program in a process of its own: seconds until its first line, and that line."""
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        env=environment,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.perf_counter() - begin
        process.stdout.read()
    if not line or process.returncode:
        raise RuntimeError(f"A measured program failed with {process.returncode}.")
    return taken, line.strip()
