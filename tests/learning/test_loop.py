"""The loop: learns, repeats itself, goes on exactly where it stopped, and ends well when things go wrong."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.learning import loop
from explorer.learning.checkpoint import Position
from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.events import Done, Event, Failed, Saved
from explorer.learning.loop import train
from explorer.learning.runs import RunState, RunStore
from explorer.learning.schedule import rate
from explorer.learning.settings import Augment, Optimizer, Schedule, TrainSettings, changed
from explorer.learning.training_events import Started, TrainBatch, TrainEpoch
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Flatten, ReLU
from explorer.network.shorthand import conv, linear

TIMES = {"ms", "seconds", "seconds_left", "images_per_second", "file"}


def figures(events: list[Event]) -> list[dict[str, Any]]:
    """What has to repeat: everything that is not a time."""
    lines = [event.line() for event in events if isinstance(event, TrainBatch | TrainEpoch)]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def epochs(events: list[Event]) -> list[TrainEpoch]:
    return [event for event in events if isinstance(event, TrainEpoch)]


def run_id(events: list[Event]) -> str:
    (started,) = [event for event in events if isinstance(event, Started)]
    return started.run


def test_it_learns(network: Network, data: DataSet, settings: TrainSettings) -> None:
    events = list(train(network, data, settings))
    found = epochs(events)
    assert [one.epoch for one in found] == [1, 2, 3]
    assert found[-1].loss < 0.7 * found[0].loss
    assert found[-1].val_accuracy > 0.5
    assert sum(isinstance(event, TrainBatch) for event in events) == 3 * 7
    assert isinstance(events[-1], Done)
    assert (events[-1].epochs, events[-1].stopped) == (3, False)
    assert not any(isinstance(event, Saved) for event in events)


def test_what_an_epoch_tells(network: Network, data: DataSet, settings: TrainSettings) -> None:
    (last,) = epochs(list(train(network, data, changed(settings, {"epochs": 1}))))
    assert last.confusion.shape == (10, 10)
    assert last.confusion.sum() == 100
    assert np.trace(last.confusion) / 100 == last.val_accuracy
    names = {network.path(node) for node in last.gradient_norms}
    assert names == {"conv", "norm", "fc"}
    assert all(norm > 0 for norm in last.gradient_norms.values())
    assert [network.path(node) for node in last.dead_share] == ["relu"]
    assert last.first_filters is not None
    assert last.first_filters.shape == (6, 1, 5, 5)
    shares = [mistake.probability for mistake in last.worst]
    assert shares == sorted(shares, reverse=True)
    for mistake in last.worst:
        assert data.validation.labels[mistake.index] == mistake.label != mistake.predicted
        assert (data.validation.pictures[mistake.index] == mistake.picture).all()
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "images_per_second"} <= last.line().keys()


def test_the_same_seed_repeats_bit_for_bit(network: Network, data: DataSet, settings: TrainSettings) -> None:
    first = figures(list(train(network, data, settings)))
    torch.manual_seed(99)
    torch.rand(7)
    assert figures(list(train(network, data, settings))) == first
    other = changed(settings, {"seed": 8})
    assert figures(list(train(network, data, other))) != first


def test_training_leaves_the_callers_randomness_alone(
    network: Network, data: DataSet, settings: TrainSettings
) -> None:
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    list(train(network, data, changed(settings, {"epochs": 1})))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


WAYS = [
    {"optimizer": Optimizer.SGD, "schedule": Schedule.COSINE, "augment": (Augment.FLIP, Augment.CROP)},
    {"optimizer": Optimizer.ADAMW, "schedule": Schedule.ONE_CYCLE, "lr": 0.003, "clip": 1.0},
    {"optimizer": Optimizer.ADAM, "lr": 0.003, "warmup": 1.0, "label_smoothing": 0.1},
    {"optimizer": Optimizer.RMSPROP, "lr": 0.001, "schedule": Schedule.STEP, "step_epochs": 1},
    {"optimizer": Optimizer.SGD, "freeze": ("conv", "norm"), "seed": 3},
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, [*way.values()][:2])))
@pytest.mark.parametrize("ending", ["stopped", "killed"])
def test_a_resumed_run_equals_the_unbroken_one(
    way: dict[str, Any], ending: str, network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    settings = changed(settings, way)
    whole, broken = RunStore(tmp_path / "whole"), RunStore(tmp_path / "broken")
    events = list(train(network, data, settings, store=whole))
    control, first = Control(), []
    for event in train(network, data, settings, store=broken, control=control):
        first.append(event)
        if isinstance(event, TrainBatch) and event.step == 7 + 3:
            if ending == "killed":
                break  # nobody saves: what was learned since the last epoch's end is lost
            control.stop()
    run = run_id(first)
    state = broken.run(run).state
    assert state is (RunState.UNFINISHED if ending == "killed" else RunState.STOPPED)
    again = RunStore(tmp_path / "broken")  # as a new process would
    rest = list(train(network, data, settings, store=again, resume=run))
    steps = {line["step"]: line for line in figures(rest) if "step" in line}
    assert min(steps) == (8 if ending == "killed" else 11)
    assert figures(first)[:7] == figures(events)[:7]
    assert figures(rest) == figures(events)[-len(figures(rest)) :]
    one, two = whole.checkpoint(run_id(events), "last"), again.checkpoint(run, "last")
    assert one is not None
    assert two is not None
    assert one.about == two.about
    for ours, theirs in ((one.weights, two.weights), (one.optimizer, two.optimizer)):
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert len(one.optimizer) > 0
    kept = [
        [(b.step, b.loss, b.lr) for b in s.curves(r).batches]
        for s, r in ((whole, run_id(events)), (again, run))
    ]
    assert kept[0] == kept[1]
    assert again.run(run).state is RunState.DONE


def test_resuming_a_run_that_is_done(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    store, settings = RunStore(tmp_path), changed(settings, {"epochs": 1})
    run = run_id(list(train(network, data, settings, store=store)))
    rest = list(train(network, data, settings, store=store, resume=run))
    assert [type(event) for event in rest] == [Started, Done]
    assert len(store.curves(run).epochs) == 1


def test_resuming_with_something_else(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    store = RunStore(tmp_path)
    run = store.create(network, data, settings)
    with pytest.raises(UserError, match="other pictures"):
        next(train(network, data.limited(300, 100), settings, store=store, resume=run))
    with pytest.raises(UserError, match="other settings"):
        next(train(network, data, changed(settings, {"lr": 0.2}), store=store, resume=run))


def test_pause_step_and_stop(network: Network, data: DataSet, settings: TrainSettings) -> None:
    control, events = Control(paused=True), []
    batch = threading.Semaphore(0)

    def work() -> None:
        for event in train(network, data, settings, control=control):
            events.append(event)
            if isinstance(event, TrainBatch):
                batch.release()

    thread = threading.Thread(target=work)
    thread.start()
    for count in (1, 2):
        control.step()
        assert batch.acquire(timeout=60)
        time.sleep(0.15)  # long enough for more batches, were it not paused
        assert sum(isinstance(event, TrainBatch) for event in events) == count
    control.stop()
    thread.join(60)
    assert isinstance(events[-1], Done)
    assert events[-1].stopped
    assert sum(isinstance(event, TrainBatch) for event in events) == 2


def test_a_stop_before_the_figures_of_an_epoch(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    whole = figures(list(train(network, data, settings)))
    store, control, first = RunStore(tmp_path), Control(), []
    for event in train(network, data, settings, store=store, control=control):
        first.append(event)
        if isinstance(event, TrainBatch) and event.batch == event.batches:
            control.stop()
    assert not epochs(first)
    rest = list(train(network, data, settings, store=store, resume=run_id(first)))
    assert figures(first) + figures(rest) == whole


def test_a_loss_that_is_no_number(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = RunStore(tmp_path)
    monkeypatch.setattr(loop, "rate", lambda s, step, n: math.inf if step == 9 else rate(s, step, n))
    events = list(train(network, data, settings, store=store))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (failed.epoch, failed.batch) == (2, 4)
    assert "no number any more at epoch 2, batch 4" in failed.message
    assert "last checkpoint is kept" in failed.message
    kept = store.checkpoint(run_id(events), "last")
    assert kept is not None
    assert kept.about.position.epoch == 2
    assert all(bool(torch.isfinite(value).all()) for value in kept.weights.values())
    run = store.run(run_id(events))
    assert run.state is RunState.FAILED
    assert run.reason == failed.message


def test_a_loss_that_runs_away(data: DataSet, settings: TrainSettings) -> None:
    b = Builder("Linear")
    b.input(1, 28, 28)
    b.add(Flatten(), name="flatten")
    b.add(linear(64), name="hidden")
    b.add(linear(10), name="fc")
    wild = changed(settings, {"lr": 2.0, "epochs": 40, "weight_decay": 0.0, "schedule": Schedule.CONSTANT})
    last = list(train(b.network(), data, wild))[-1]
    assert isinstance(last, Failed)
    assert f"epoch {last.epoch}, batch {last.batch}" in last.message
    assert "smaller learning rate" in last.message


def test_a_stop_keeps_no_weights_that_are_no_numbers(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, control = RunStore(tmp_path), Control()
    monkeypatch.setattr(loop, "rate", lambda s, step, n: math.inf if step == 9 else rate(s, step, n))
    events = []
    for event in train(network, data, settings, store=store, control=control):
        events.append(event)
        if isinstance(event, TrainBatch) and event.step == 10:
            control.stop()
    assert isinstance(events[-1], Failed)
    kept = store.checkpoint(run_id(events), "last")
    assert kept is not None
    assert all(bool(torch.isfinite(value).all()) for value in kept.weights.values())


def test_a_full_disk(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, events, before = RunStore(tmp_path), [], b""
    for event in train(network, data, settings, store=store):
        events.append(event)
        if isinstance(event, TrainEpoch) and event.epoch == 2:
            before = store.path(run_id(events), "last").read_bytes()

            def full(handle: int) -> None:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr("os.fsync", full)
    last = events[-1]
    assert isinstance(last, Failed)
    assert "No space left" in last.message
    assert store.path(run_id(events), "last").read_bytes() == before
    assert sorted(path.name for path in store.path(run_id(events), "last").parent.iterdir()) == [
        "best.safetensors",
        "epoch-00001.safetensors",
        "last.safetensors",
    ]


def test_figures_that_cannot_be_written(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    """The folder of the runs goes away meanwhile."""
    store, events = RunStore(tmp_path / "runs"), []
    for event in train(network, data, settings, store=store):
        events.append(event)
        if isinstance(event, TrainBatch) and event.step == 3:
            store.flush()
            (tmp_path / "runs").rename(tmp_path / "away")
    last = events[-1]
    assert isinstance(last, Failed)
    assert last.epoch == 1
    assert "choose another folder" in last.message or "cannot be" in last.message


def test_batch_norm_on_single_pictures(data: DataSet, settings: TrainSettings) -> None:
    b = Builder("Single")
    b.input(1, 28, 28)
    b.add(Flatten(), name="flatten")
    b.add(BatchNorm(), name="norm")
    b.add(linear(10), name="fc")
    last = list(train(b.network(), data, changed(settings, {"batch_size": 1})))[-1]
    assert isinstance(last, Failed)
    assert "at least 2 pictures" in last.message


def test_a_vector_network_learns_too(data: DataSet, settings: TrainSettings) -> None:
    b = Builder("Fully connected")
    b.input(784)
    b.add(linear(32), name="hidden")
    b.add(ReLU(), name="relu")
    b.add(linear(10), name="fc")
    found = epochs(list(train(b.network(), data, settings)))
    assert found[-1].loss < found[0].loss
    assert found[-1].first_filters is None


@pytest.mark.parametrize(
    ("change", "message"),
    [({"device": "cuda:77"}, "no device 'cuda:77'"), ({"device": "mps"}, "no device 'mps'")],
)
def test_devices_that_are_not_here(
    change: dict[str, Any], message: str, network: Network, data: DataSet, settings: TrainSettings
) -> None:
    if torch.backends.mps.is_available() and change["device"] == "mps":
        pytest.skip("it is here")
    with pytest.raises(UserError, match=message):
        next(train(network, data, changed(settings, change)))


def test_nothing_to_learn(data: DataSet, settings: TrainSettings) -> None:
    b = Builder("Bare")
    b.input(1, 28, 28)
    with pytest.raises(UserError, match="has 0 results"):
        next(train(b.network(), data, settings))


def test_grey_pictures_for_a_network_of_three_channels(data: DataSet, settings: TrainSettings) -> None:
    wide = Builder("Wide")
    wide.input(3, 20, 24)
    wide.add(conv(4, 3), name="conv")
    wide.add(Flatten(), name="flatten")
    wide.add(linear(10), name="fc")
    found = epochs(list(train(wide.network(), data, changed(settings, {"epochs": 1}))))
    assert found[0].first_filters is not None
    assert found[0].first_filters.shape == (4, 3, 3, 3)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:125] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_too_little_memory_suggests_a_batch(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr("explorer.learning.learner.Learner.step", full)
    last = list(train(network, data, settings))[-1]
    assert isinstance(last, Failed)
    assert last.message == "the memory is not enough for 48 pictures a batch; try a batch of 24"


@pytest.mark.parametrize(
    "error",
    [
        torch.distributed.DistError("NCCL communicator was aborted on rank 0."),
        RuntimeError(
            "[third_party/gloo/gloo/transport/tcp/pair.cc:545] Read error: Connection reset by peer"
        ),
    ],
)
def test_another_process_that_is_gone(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """As it was told when the other of two processes was killed."""

    def gone(*_: object) -> None:
        raise error

    monkeypatch.setattr("explorer.learning.learner.Learner.step", gone)
    last = list(train(network, data, settings))[-1]
    assert isinstance(last, Failed)
    assert "another process of this training is gone" in last.message


def test_several_processes_and_mps(
    network: Network, data: DataSet, settings: TrainSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(UserError, match="meet on CPUs or on CUDA devices"):
        next(train(network, data, changed(settings, {"device": "mps"})))


def test_a_run_killed_in_its_first_epoch_goes_on_from_the_weights_that_it_began_with(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    from explorer.interop.torch_module import build
    from explorer.interop.weights import forget, of_module

    settings = changed(settings, {"epochs": 1})
    weighted = apply(network, of_module(network, build(network, seed=77), None).edits)
    whole = figures(list(train(weighted, data, settings)))
    store, first = RunStore(tmp_path), []
    for event in train(weighted, data, settings, store=store):
        first.append(event)
        if isinstance(event, TrainBatch):
            break
    run = run_id(first)
    begun = store.checkpoint(run, "last")
    assert begun is not None
    assert begun.about.position == Position()
    assert figures(list(train(weighted, data, settings, store=store, resume=run))) == whole
    bare = apply(weighted, forget(weighted).edits)
    assert figures(list(train(bare, data, settings))) != whole
