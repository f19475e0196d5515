"""`explorer train` under torchrun: two processes learn what one learns, one of them tells and keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.__main__ import main
from explorer.learning.command import write_command
from explorer.learning.control import Control
from explorer.learning.data import load
from explorer.learning.loop import train
from explorer.learning.runs import RunState, RunStore
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import TrainBatch
from explorer.network import project
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, Tanh
from explorer.network.shorthand import average_pool, conv, linear

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
DATA = "fashion-sample:510"  # the last of the batches of 64 has 62: two processes share all of them
SETTINGS = TrainSettings(epochs=2, batch_size=64, threads=1, seed=5, device="cpu", lr=0.02)


@pytest.fixture
def network() -> Network:
    """Without batch norm and dropout, which differ between processes by their nature."""
    b = Builder("Equal")
    b.input(1, 28, 28)
    b.add(conv(6, 5), name="conv")
    b.add(Tanh(), name="tanh")
    b.add(average_pool(4), name="pool")
    b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    return b.network()


def under_torchrun(*arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return told([*command, "-m", "explorer", "train", *arguments, "--json"], ROOT, environment)


def told(command: list[str], folder: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def losses(lines: list[dict[str, Any]], event: str, key: str = "loss") -> list[float]:
    return [line[key] for line in lines if line["event"] == event]


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a script of a POSIX shell")
def test_two_processes_reach_the_loss_of_one(
    network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Started by the script that the window writes, from a shell that knows nothing of this program."""
    file = tmp_path / "equal.convnet"
    project.save(file, network)
    given = [str(file), "--data", DATA, "--epochs", "2", "--batch-size", "64", "--lr", "0.02", "--seed", "5",
             "--threads", "1", "--device", "cpu", "--out"]  # fmt: skip
    assert main(["train", *given, str(tmp_path / "one"), "--json"]) == 0
    one = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    folder = tmp_path / "on another machine"
    folder.mkdir()
    script = write_command(RunStore(tmp_path / "one").runs()[0], folder)
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    two = told([str(script), "--threads", "1", "--device", "cpu", "--json"], tmp_path, bare)
    assert len(losses(one, "batch")) == 16
    assert losses(two, "batch") == pytest.approx(losses(one, "batch"), abs=1e-4)
    for key in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert losses(two, "epoch", key) == pytest.approx(losses(one, "epoch", key), abs=1e-4)
    assert losses(two, "batch", "pictures") == losses(one, "batch", "pictures")
    (kept,) = RunStore(folder / "Equal-run").runs()  # one of them writes
    assert kept.state is RunState.DONE
    assert len(RunStore(folder / "Equal-run").curves(kept.id).batches) == 16


def test_two_processes_go_on_where_one_stopped(network: Network, tmp_path: Path) -> None:
    data, store, control = load(DATA), RunStore(tmp_path / "run"), Control()
    whole = [event.loss for event in train(network, data, SETTINGS) if isinstance(event, TrainBatch)]
    for event in train(network, data, SETTINGS, store=store, control=control):
        if isinstance(event, TrainBatch) and event.step == 5:
            control.stop()
    rest = under_torchrun("--resume", str(tmp_path / "run"))
    assert losses(rest, "batch", "step") == list(range(6, 17))
    assert losses(rest, "batch") == pytest.approx(whole[5:], abs=1e-4)
