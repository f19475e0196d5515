"""Filters before a video of 1920 × 1080: gaps of the window beside an idle one's, and frames shown.

A gap is the time between two turns of the event loop while a timer asks for one every 5 ms.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.benchmarks.desk import open_window
from tests.benchmarks.faces_window import gaps, pause
from tests.benchmarks.measure import PAIRS, Figure, in_turns, percentile

GAP = 0.033
RATE = 30


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The filter lab with a 3 × 3 kernel in colour; the peer is the same window with a picture at rest."""
    from explorer.media.sources import source_for
    from explorer.tasks.priority import short_turns
    from explorer.ui.workspaces.filters.workspace import FiltersWorkspace

    with tempfile.TemporaryDirectory() as folder, open_window() as window, short_turns():
        video = write_video(Path(folder) / "large.avi")
        window.show_workspace("filters")
        filters = window.workspaces["filters"]
        assert isinstance(filters, FiltersWorkspace)
        shown: list[int] = []

        def live() -> float:
            filters.lab.choose_source(source_for(video))
            pause(1.0)
            count = 0

            def note() -> None:
                nonlocal count
                count += 1

            filters.lab.result_changed.connect(note)
            found = percentile(gaps(), 0.99)
            filters.lab.result_changed.disconnect(note)
            shown.append(count)
            return found

        def idle() -> float:
            filters.lab.show_picture(np.zeros((64, 64, 3), np.uint8), "Idle")
            pause(0.5)
            return percentile(gaps(), 0.99)

        figure = in_turns(
            "filters-gaps", live, idle, f"gaps p99 ≤ {GAP * 1000:g} ms", lambda ours, _: ours <= GAP,
            pairs=pairs, note=f"1080p at {RATE} frames/s, {os.cpu_count()} cores",
        )  # fmt: skip
        assert min(shown) > 0, "no frame was shown"
        yield figure


def write_video(path: Path, seconds: float = 2.0) -> Path:
    """A moving pattern of 1920 × 1080, as a camera's MJPEG."""
    from explorer.media.opencv import cv2

    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (1920, 1080))
    rows, columns = np.mgrid[0:1080, 0:1920]
    for number in range(round(seconds * RATE)):
        wave = (np.sin((columns + 9 * number) / 40) * np.cos(rows / 55) * 100 + 128).astype(np.uint8)
        writer.write(np.stack([wave, wave[::-1], 255 - wave], axis=2))
    writer.release()
    return path
