"""Kept runs: what is in the store, and what damage does."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.runs import FILE, RunState, RunStore
from explorer.learning.settings import TrainSettings
from explorer.learning.training_events import TrainBatch, TrainEpoch
from explorer.network.edits import apply, set_trained
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_run_is_kept(network: Network, data: DataSet, settings: TrainSettings, store: RunStore) -> None:
    events = list(train(network, data, settings, store=store))
    (run,) = RunStore(store.folder).runs()
    epochs = [event for event in events if isinstance(event, TrainEpoch)]
    assert (run.name, run.data, run.fingerprint) == ("Small", "fashion-sample", data.fingerprint)
    assert (run.settings, run.network) == (settings, network)
    assert (run.state, run.epochs_done, run.reason) == (RunState.DONE, 3, "")
    assert run.best_accuracy == max(epoch.val_accuracy for epoch in epochs)
    curves = store.curves(run.id)
    assert [b.loss for b in curves.batches] == [e.loss for e in events if isinstance(e, TrainBatch)]
    assert [e.val_loss for e in curves.epochs] == [e.val_loss for e in epochs]
    assert curves.epochs[-1].gradient_norms == epochs[-1].gradient_norms
    assert curves.epochs[-1].confusion == epochs[-1].confusion.tolist()
    best = store.checkpoint(run.id, "best")
    assert best is not None
    assert best.about.val_accuracy == run.best_accuracy
    assert best.optimizer == {}
    assert best.network == network
    assert best.about.classes == data.classes


def test_a_run_tells_which_weights_it_began_with(
    network: Network, data: DataSet, settings: TrainSettings, store: RunStore
) -> None:
    store.create(network, data, settings)
    taught = apply(network, [set_trained(network, Trained("cats"))])
    store.create(taught, data, settings)
    assert sorted(run.began_with for run in store.runs()) == ["", "cats"]


def test_the_best_weights_give_the_best_figures(
    network: Network, data: DataSet, settings: TrainSettings, store: RunStore
) -> None:
    import numpy as np
    import torch

    from explorer.interop.torch_module import build
    from explorer.learning.batches import Feed

    list(train(network, data, settings, store=store))
    (run,) = store.runs()
    best = store.checkpoint(run.id)
    assert best is not None
    module = build(best.network).eval()
    best.restore(module)
    feed = Feed(data, data.validation, (1, 28, 28), torch.device("cpu"))
    pictures, labels = feed.take(np.arange(100))
    with torch.inference_mode():
        right = (module(pictures).argmax(1) == labels).float().mean()
    assert float(right) == pytest.approx(run.best_accuracy)


def test_csv_and_delete(
    network: Network, data: DataSet, settings: TrainSettings, store: RunStore, tmp_path: Path
) -> None:
    list(train(network, data, settings, store=store))
    run = store.runs()[0].id
    store.export_csv(run, tmp_path / "curves.csv")
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["val_loss"]) == store.curves(run).epochs[0].val_loss
    store.delete(run)
    assert store.runs() == ()
    assert not store.path(run, "last").parent.exists()
    for act in (store.delete, store.run):
        with pytest.raises(UserError, match="no run is called"):
            act(run)


def test_damage(network: Network, data: DataSet, settings: TrainSettings, store: RunStore) -> None:
    run = store.create(network, data, settings)
    assert store.checkpoint(run) is None
    for content in (b"", b"\xff" * 40, b"\x08\0\0\0\0\0\0\0{}      "):
        store.save(run, "best", content)
        with pytest.raises(UserError, match="damaged, or no checkpoint"):
            store.checkpoint(run)
    (store.folder / FILE).write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(UserError, match="cannot be used"):
        RunStore(store.folder)
    with pytest.raises(UserError, match="holds no runs"):
        RunStore(store.folder / "nowhere", create=False)


def test_a_checkpoint_of_another_network(
    network: Network, data: DataSet, settings: TrainSettings, store: RunStore
) -> None:
    import torch

    list(train(network, data, settings, store=store))
    best = store.checkpoint(store.runs()[0].id)
    assert best is not None
    with pytest.raises(UserError, match="another network"):
        best.restore(torch.nn.Linear(2, 2))


def test_several_threads(network: Network, data: DataSet, settings: TrainSettings, store: RunStore) -> None:
    """One writes figures while another looks at them."""
    run = store.create(network, data, settings)
    seen: list[int] = []
    faults: list[Exception] = []

    def write() -> None:
        try:
            for step in range(1, 301):
                store.log(
                    run,
                    TrainBatch(
                        epoch=1,
                        batch=step,
                        batches=300,
                        step=step,
                        loss=1.0,
                        accuracy=0.5,
                        lr=0.1,
                        pictures=4,
                        ms=1.0,
                        images_per_second=9.0,
                        seconds_left=1.0,
                    ),
                )
        except Exception as error:
            faults.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    while thread.is_alive():
        seen.append(len(store.curves(run).batches))
    thread.join()
    assert not faults
    assert seen == sorted(seen)
    assert [point.step for point in store.curves(run).batches] == list(range(1, 301))


SAVING = """
import sys
from pathlib import Path
from explorer.learning.runs import RunStore
store = RunStore(Path(sys.argv[1]))
versions = [bytes([number]) * (4 << 20) for number in (65, 66)]
store.save("run", "last", versions[0])
print("ready", flush=True)
while True:
    for version in versions:
        store.save("run", "last", version)
"""


def test_a_kill_during_a_save_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    whole = {bytes([number]) * (4 << 20) for number in (65, 66)}
    unfinished = 0
    for delay in (0.0, 0.013, 0.029, 0.041, 0.057, 0.083):
        with subprocess.Popen(
            [sys.executable, "-c", SAVING, str(tmp_path)], stdout=subprocess.PIPE, env=environment
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"ready"
            time.sleep(delay)
            process.kill()
        files = [path for path in (tmp_path / "run").iterdir() if path.name != "last.safetensors"]
        unfinished += len(files)
        assert (tmp_path / "run" / "last.safetensors").read_bytes() in whole
    assert unfinished > 0  # the kills did come in the middle of saves
