"""The real `main()` offscreen: VGG-16 opened, changed, saved, opened again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
