"""The real program on a real X server, used with the server's own mouse and keys."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.network.builder import Builder
from explorer.network.layers import Conv2d, Flatten, Linear, ReLU
from explorer.network.project import save

ROOT = Path(__file__).resolve().parents[2]
MISSING = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(
        bool(MISSING), reason=f"{' and '.join(MISSING)} not installed: apt-get install xvfb xdotool"
    ),
]

Tell = Callable[[str, Path], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen of 1440 × 900 that nobody sees, on a number that the server finds free."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        found = number.readline().strip()
    assert found, "Xvfb did not start"
    yield f":{found}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def tell(display: str, isolated_home: Path) -> Tell:
    """Tell a story about a file, with settings and state of this test alone."""

    def run(story: str, file: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        return subprocess.run(
            [sys.executable, "-m", "tests.end_to_end.driver", story, str(file)],
            cwd=ROOT,
            env=environment,
            text=True,
            capture_output=True,
            timeout=100,
        )

    return run


def summary(file: Path) -> dict[str, object]:
    """What `explorer summary --json` says of a file."""
    found = subprocess.run(
        [sys.executable, "-m", "explorer", "summary", str(file), "--json"],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
    )
    said: dict[str, object] = json.loads(found.stdout)
    return said


def test_a_network_is_dragged_together_saved_and_opened_again(tell: Tell, tmp_path: Path) -> None:
    file = tmp_path / "mine.convnet"
    built = tell("build", file)
    assert built.returncode == 0, built.stderr
    said = summary(file)
    assert said["problems"] == []
    conv = said["layers"][1]  # type: ignore[index]
    assert conv["output"] == [32, 222, 222]
    assert conv["parameters"] == 32 * 3 * 3 * 3 + 32
    reopened = tell("reopen", file)
    assert reopened.returncode == 0, reopened.stderr


def test_what_a_kill_left_unsaved_is_offered_again(tell: Tell, tmp_path: Path) -> None:
    file = tmp_path / "mine.convnet"
    builder = Builder("mine")
    builder.input(3, 224, 224)
    builder.add(Conv2d())
    save(file, builder.network())
    before = file.read_bytes()
    killed = tell("killed", file)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert file.read_bytes() == before
    recovered = tell("recover", file)
    assert recovered.returncode == 0, recovered.stderr
    assert file.read_bytes() == before


def test_a_plain_network_becomes_a_residual_one(tell: Tell, tmp_path: Path) -> None:
    told = tell("make-residual", tmp_path / "unused.convnet")
    assert told.returncode == 0, told.stderr


def test_a_training_from_the_first_click_to_the_closing_of_the_window(tell: Tell, tmp_path: Path) -> None:
    from explorer.learning.runs import RunState, RunStore

    file = tmp_path / "small.convnet"
    builder = Builder("Small")
    builder.input(1, 8, 8)
    for layer in (Conv2d(8), ReLU(), Flatten(), Linear(10)):
        builder.add(layer)
    save(file, builder.network())
    told = tell("train", file)
    assert told.returncode == 0, told.stderr
    store = RunStore()
    (run,) = store.runs()
    assert run.state is RunState.STOPPED
    assert (run.data, run.settings.epochs) == ("digits-sample", 5000)
    last = store.checkpoint(run.id, "last")
    assert last is not None
    at, batches = last.about.position, store.curves(run.id).batches
    assert len(batches) == batches[-1].step  # none is missing, none twice
    assert batches[-1].epoch in (at.epoch, at.epoch - 1)
