"""Faces before a video of 640 × 480: how soon it decides, frames shown, gaps beside an idle one.

A gap is the time between two turns of the event loop while a timer asks for one every 5 ms: for so long the
window would not answer a click. The second pair of figures is measured while a network trains beside it, with
one core left to the window as the Train workspace leaves it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.desk import open_window
from tests.benchmarks.measure import PAIRS, Figure, in_turns, percentile

if TYPE_CHECKING:
    from explorer.tasks.job import Context
    from explorer.ui.window import Window
    from explorer.ui.workspaces.faces.workspace import FacesWorkspace

GAP, DECISION = 0.033, 1.0
RATE, LEAST_RATE = 30, 15
SECONDS = 3.0
TICK_MS = 5


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Alone, and beside a training."""
    from explorer.tasks.priority import short_turns

    with tempfile.TemporaryDirectory() as folder, open_window() as window, short_turns():
        video = write_video(Path(folder) / "faces.avi")
        window.show_workspace("faces")
        faces = window.workspaces["faces"]
        yield _decision(faces, video)  # type: ignore[arg-type]
        yield from _measured(window, faces, video, pairs, "faces")  # type: ignore[arg-type]
        with training(window):
            yield from _measured(window, faces, video, pairs, "faces-training")  # type: ignore[arg-type]


def _decision(faces: FacesWorkspace, video: Path) -> Figure:
    """From the first frame with a face to a yes or no, where somebody is claimed; the video begins anew."""
    from explorer.media.sources import source_for
    from explorer.ui.workspaces.faces.decisions import State
    from explorer.ui.workspaces.faces.watch import Sight
    from tests.ui.workspaces.build.waiting import wait_for

    faces.try_bundled()
    wait_for(lambda: faces.model.claim is not None, 20_000)
    took: list[float] = []
    for _ in range(PAIRS):
        faces.model.choose_source(None)
        pause(0.8)
        first: list[float] = []

        def look(sight: Sight, first: list[float] = first) -> None:
            if sight.face is not None and not first:
                first.append(sight.time)

        faces.model.seen.connect(look)
        faces.model.choose_source(source_for(video))
        wait_for(lambda: faces.verify.outcome.state is not State.LOOKING, 20_000)
        took.append(time.monotonic() - first[0])
        faces.model.seen.disconnect(look)
    middle = float(np.median(took))
    spread = min(took) / DECISION, max(took) / DECISION
    note = f"{len(took)} times; from the first frame that shows a face"
    said = f"≤ {DECISION:g} s"
    return Figure(
        "faces-decision", middle, DECISION, middle / DECISION, said, middle <= DECISION, spread, note
    )


def _measured(window: Window, faces: FacesWorkspace, video: Path, pairs: int, name: str) -> Iterator[Figure]:
    from explorer.media.sources import source_for

    intervals: list[float] = []

    def live() -> float:
        faces.model.choose_source(source_for(video))
        pause(0.5)
        shown: list[float] = []
        view = faces.verify.page.view
        forget = faces.model.frame_changed.connect(lambda: shown.append(time.perf_counter()))
        found = gaps()
        faces.model.frame_changed.disconnect(forget)
        assert view.isVisible()
        intervals.append(SECONDS / max(1, len(shown)))
        return percentile(found, 0.99)

    def idle() -> float:
        faces.model.choose_source(None)
        pause(0.5)
        return percentile(gaps(), 0.99)

    note = f"p99 over {SECONDS:g} s, {os.cpu_count()} cores; the peer is the same window with no source"
    goal = f"gaps p99 ≤ {GAP * 1000:g} ms"
    yield in_turns(f"{name}-gaps", live, idle, goal, lambda ours, _: ours <= GAP, pairs=pairs, note=note)
    mine = float(np.median(intervals))
    spread = RATE * min(intervals), RATE * max(intervals)
    told = f"{1 / mine:.1f} frames/s shown of {RATE}"
    yield Figure(
        f"{name}-shown", mine, 1 / RATE, RATE * mine, f"≥ {LEAST_RATE} frames/s", 1 / mine >= LEAST_RATE,
        spread, told,
    )  # fmt: skip


def gaps() -> list[float]:
    """Seconds between the turns of the event loop, for `SECONDS`."""
    from PySide6.QtCore import Qt, QTimer

    times: list[float] = []
    ticks = QTimer()
    ticks.setTimerType(Qt.TimerType.PreciseTimer)
    ticks.timeout.connect(lambda: times.append(time.perf_counter()))
    ticks.start(TICK_MS)
    pause(SECONDS)
    ticks.stop()
    return [later - earlier for earlier, later in pairwise(times)]


def pause(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def write_video(path: Path) -> Path:
    """Four seconds of the faces that ship, as MJPG."""
    from explorer.media.opencv import cv2
    from explorer.ui.workspaces.faces.bundled import HEIGHT, WIDTH, BundledFaces

    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (WIDTH, HEIGHT))
    reel = BundledFaces().open()
    for _ in range(4 * RATE):
        picture = reel.read()
        assert picture is not None
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


@contextmanager
def training(window: Window) -> Iterator[None]:
    """A small network trains in a Job of the window, as `TrainingJob` does it."""
    from explorer.tasks.job import Work
    from tests.ui.workspaces.build.waiting import wait_for

    handle = window.runner.start(Work("Training", _train))
    pause(6.0)  # torch is imported, the first batches are through
    try:
        yield
    finally:
        handle.stop()
        wait_for(lambda: handle.state.final, 20_000)


def _train(context: Context) -> None:
    import torch
    from torch import nn

    from explorer.learning.job import leaving_a_core
    from explorer.tasks.priority import step_back

    step_back()
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip
    optimizer = torch.optim.SGD(network.parameters(), 0.01)
    pictures, labels = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
    with leaving_a_core():
        while True:
            context.check()
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(network(pictures), labels))
            optimizer.step()
