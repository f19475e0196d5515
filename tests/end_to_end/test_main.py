"""The real `main()` offscreen: VGG-16 opened, changed, saved, opened again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.filters_window import write_video

ROOT = Path(__file__).resolve().parents[2]
VGG16 = 138_357_544


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        text=True,
        capture_output=True,
        timeout=100,
    )


@pytest.fixture
def tell(isolated_home: Path) -> Callable[[str, Path], None]:
    def run(story: str, file: Path) -> None:
        told = python("-m", "tests.end_to_end.driver", story, str(file))
        assert told.returncode == 0, told.stderr

    return run


def test_vgg16_is_changed_saved_and_opened_again(tell: Callable[[str, Path], None], tmp_path: Path) -> None:
    file = tmp_path / "small head.convnet"
    tell("shrink-vgg16", file)
    said = json.loads(python("-m", "explorer", "summary", str(file), "--json").stdout)
    assert said["totals"]["parameters"] == VGG16 - 4097 * 990
    assert said["problems"] == []
    tell("reopen-vgg16", file)


QUIT = """
import sys
from PySide6.QtCore import QTimer
from explorer.ui.app import application, run

app = application()
looking = QTimer()

def look():
    made = [one for top in app.topLevelWidgets() for one in getattr(top, "workspaces", {}).values()]
    shown = next((one for one in made if hasattr(one, "lab")), None)
    if shown is not None and shown.lab.live and shown.lab.stage is not None:
        looking.stop()
        app.closeAllWindows()

looking.timeout.connect(look)
looking.start(50)
sys.exit(run(None, "filters", sys.argv[1]))
"""


def test_the_window_is_closed_while_a_video_plays(isolated_home: Path, tmp_path: Path) -> None:
    """A thread within FFmpeg when Python ends would take the program down with it."""
    video = write_video(tmp_path / "large.avi", seconds=0.5)
    for _ in range(2):
        done = python("-c", QUIT, str(video))
        assert done.returncode == 0, done.stderr
