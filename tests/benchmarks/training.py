"""Training against a bare PyTorch loop of the same network, pictures and threads; and the window beside it.

The bare loop is what one writes by hand: pictures normalised once, a permutation an epoch, SGD with Nesterov
momentum, the loss read after each step to be printed. Ours reads the loss too, counts what is right, keeps
the figures in its database and could be paused, stopped and resumed at each batch. In the window it steps
back behind other programs, as the bare loop does not: on a machine busy with something else it then waits.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.desk import open_window
from tests.benchmarks.faces_window import GAP, SECONDS, gaps, pause
from tests.benchmarks.measure import PAIRS, ROOT, Figure, home, in_turns, percentile, said_by, seconds

if TYPE_CHECKING:
    from explorer.network.graph import Network
    from explorer.ui.window import Window

SHARE, WINDOW_SHARE = 0.95, 0.90
LATER = 1.5
BATCH = 64
BATCHES = 79
"""Of 64 of the sample's 5,000 pictures."""
EQUAL = 1e-4
BARE = """
import lzma, sys
import numpy as np, torch
from torch import nn
whole = np.frombuffer(lzma.open(sys.argv[1]).read(), np.uint8)
labels, pictures = np.split(whole, [6000])
pictures = torch.from_numpy(pictures.reshape(-1, 1, 28, 28)[:64].copy()).float().div(255)
pictures = pictures.sub(0.286).div(0.353)
pictures = nn.functional.interpolate(pictures, (32, 32), mode="bilinear")
net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(),
    nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
    nn.Linear(84, 10))
optimizer = torch.optim.SGD(net.parameters(), 0.05, 0.9, nesterov=True, weight_decay=5e-4)
loss = nn.functional.cross_entropy(net(pictures), torch.from_numpy(labels[:64].astype(np.int64)))
loss.backward()
optimizer.step()
print(loss.item(), flush=True)
"""
OURS = (
    "from explorer.__main__ import main; main(['train', 'lenet5', '--data', 'fashion-sample:64', "
    "'--epochs', '1', '--threads', '1', '--device', 'cpu', '--json'])"
)


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """The loop alone, from start to first batch, two processes, and in the window."""
    from explorer.learning.experiments.networks import resnet20
    from explorer.zoo import lenet

    yield _loop("train-loop", lenet.lenet5(), 60, pairs)
    yield _loop("train-resnet20", resnet20(), 6, pairs)
    yield _start(pairs)
    yield _torchrun()
    with open_window() as window:
        yield from _window(window, pairs)


def _loop(name: str, network: Network, steps: int, pairs: int) -> Figure:
    """Within an epoch: the bare loop judges nothing at its end."""
    from explorer.learning.data import load
    from explorer.learning.loop import train
    from explorer.learning.runs import RunStore
    from explorer.learning.settings import TrainSettings
    from explorer.learning.training_events import TrainBatch

    data, settings = load("fashion-sample"), TrainSettings(batch_size=BATCH, threads=1, device="cpu")
    bare = Bare(network)
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))

        def ours() -> float:
            events = train(network, data, settings, store=store)
            batches = (event for event in events if isinstance(event, TrainBatch))
            next(batches)
            found = seconds(lambda: [*islice(batches, steps)])
            events.close()  # type: ignore[attr-defined]
            return found

        return in_turns(
            name,
            ours,
            lambda: seconds(lambda: bare.learn(steps)),
            f"≥ {SHARE:g} of the bare loop's pictures a second",
            lambda _, ratio: ratio <= 1 / SHARE,
            pairs=pairs,
            note=f"{steps} steps of {BATCH} pictures, one thread; ours keeps its figures on disk",
        )


class Bare:
    """What one writes by hand."""

    def __init__(self, network: Network) -> None:
        import torch
        from torch.nn import functional as F

        from explorer.interop.torch_module import build
        from explorer.learning.data import load

        data = load("fashion-sample")
        mean, deviation = data.scale[0][0], data.scale[1][0]
        pictures = torch.from_numpy(data.train.pictures.copy()).float().div(255)
        self.pictures = (F.interpolate(pictures, (32, 32), mode="bilinear") - mean) / deviation
        self.labels = torch.from_numpy(data.train.labels.copy())
        self.module = build(network, seed=0)
        self.optimizer = torch.optim.SGD(
            self.module.parameters(), 0.05, 0.9, weight_decay=5e-4, nesterov=True
        )
        self.losses: list[float] = []

    def learn(self, steps: int) -> None:
        """So many steps, on one thread."""
        import torch
        from torch.nn import functional as F

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        self.module.train()
        for indices in islice(torch.split(torch.randperm(len(self.labels)), BATCH), steps):
            scores = self.module(self.pictures[indices])
            loss = F.cross_entropy(scores, self.labels[indices])
            self.optimizer.zero_grad()
            torch.autograd.backward(loss)
            self.optimizer.step()
            self.losses.append(loss.item())
        torch.set_num_threads(before)


def _start(pairs: int) -> Figure:
    """Both from the start of Python to the line of their first batch."""
    from explorer.assets import asset

    sample = str(asset("data", "fashion-sample.xz"))
    with home() as environment:
        return in_turns(
            "train-start",
            lambda: said_by(OURS, environment)[0],
            lambda: said_by(BARE, environment, sample)[0],
            f"≤ {LATER:g} s later than a bare script",
            lambda ours, ratio: ours - ours / ratio <= LATER,
            pairs=max(1, pairs // 3),
            note="LeNet-5 on the sample, from the start of Python to the first batch",
        )


def _torchrun() -> Figure:
    """The greatest difference of a loss in sixteen steps between one process and two."""
    from explorer.interop.projects import save
    from explorer.zoo import lenet

    with tempfile.TemporaryDirectory() as folder, home() as environment:
        file = Path(folder) / "network.convnet"
        save(file, lenet.lenet5())
        given = ["-m", "explorer", "train", str(file), "--data", "fashion-sample:1024", "--epochs", "1",
                 "--threads", "1", "--device", "cpu", "--json", "--out"]  # fmt: skip
        two = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        losses = [
            _losses([sys.executable, *way, *given, f"{folder}/{number}"], environment)
            for number, way in enumerate(([], two))
        ]
    apart = float(np.abs(np.subtract(losses[0], losses[1])).max())
    said = f"losses within {EQUAL:g}"
    note = f"{len(losses[0])} steps of LeNet-5 at a global batch of 64; ours and peer are the last losses"
    return Figure(
        "train-torchrun", losses[1][-1], losses[0][-1], losses[1][-1] / losses[0][-1], said, apart <= EQUAL,
        (apart, apart), note,
    )  # fmt: skip


def _losses(command: list[str], environment: dict[str, str]) -> list[float]:
    import json

    said = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    return [line["loss"] for line in lines if line["event"] == "batch"]


def _window(window: Window, pairs: int) -> Iterator[Figure]:
    """The open window while LeNet-5 trains and its plots are drawn."""
    from explorer.tasks.priority import short_turns
    from explorer.ui.workspaces.train.workspace import TrainWorkspace
    from explorer.zoo import lenet
    from tests.ui.workspaces.build.waiting import wait_for

    window.show_workspace("train")
    train = window.workspaces["train"]
    assert isinstance(train, TrainWorkspace)
    bare = Bare(lenet.lenet5())

    def reached() -> int:
        state = train.run.state
        return state.batch.step if state is not None and state.batch is not None else 0

    def begin() -> None:
        if not train.run.running:
            train.experiments.start_first()
            wait_for(lambda: reached() > 5, 60_000)

    def ours() -> float:
        """A step, of epochs without their judging: the bare loop judges nothing."""
        begin()
        steps, taken, last, began = 0, 0.0, None, time.perf_counter()
        while (time.perf_counter() - began < SECONDS and train.run.running) or not steps:
            pause(0.1)
            state = train.run.state
            if state is not None and state.epoch is not None and state.epoch is not last:
                last = state.epoch
                steps, taken = steps + BATCHES, taken + last.seconds
        return taken / steps

    def peer() -> float:
        if train.run.running:
            train.run.stop()
            wait_for(lambda: not train.run.running, 20_000)
        return seconds(lambda: bare.learn(60)) / 60

    with short_turns():
        yield in_turns(
            "train-window",
            ours,
            peer,
            f"≥ {WINDOW_SHARE:g} of the bare loop's pictures a second",
            lambda _, ratio: ratio <= 1 / WINDOW_SHARE,
            pairs=pairs,
            note=f"a step of LeNet-5 in the open window with its plots drawn, {os.cpu_count()} cores",
        )

        def busy() -> float:
            begin()
            return percentile(gaps(), 0.99)

        def idle() -> float:
            peer()
            pause(0.5)
            return percentile(gaps(), 0.99)

        yield in_turns(
            "train-gaps",
            busy,
            idle,
            f"gaps p99 ≤ {GAP * 1000:g} ms",
            lambda ours, _: ours <= GAP,
            pairs=pairs,
            note=f"p99 over {SECONDS:g} s; the peer is the same window idle",
        )
    peer()
