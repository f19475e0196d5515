"""Training a classifier, as a generator of typed events. Knows no screen; loads torch.

It asks its `Control` before each batch. On a CPU a run repeats bit for bit by its seed and number of threads,
and one that was stopped or killed and resumed equals the one that was not.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from explorer.learning import checkpoint
from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.events import Done, Event, Failed, Saved
from explorer.learning.faults import Fault, Watch, reason
from explorer.learning.judging import first_filters, gradient_norms
from explorer.learning.learner import Learner, Stepped
from explorer.learning.runs import Kind, RunStore
from explorer.learning.schedule import rate
from explorer.learning.settings import TrainSettings, changed, usual_threads
from explorer.learning.training_events import Started, TrainBatch, TrainEpoch, TrainPulse
from explorer.learning.world import ALONE, World
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.tasks.job import Stopped

PULSE = 1.0
PACED = 3.0
"""Seconds between two looks inside within an epoch."""
SAVE_EVERY = 300.0
"""Seconds after which a checkpoint is written within an epoch too."""


def train(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    *,
    store: RunStore | None = None,
    resume: str | None = None,
    control: Control | None = None,
    world: World = ALONE,
) -> Iterator[Event]:
    """Trains to the end or to a stop; the last event is `Done`, or `Failed` where it cannot go on.

    It begins with the weights that the network has. With a `store` the run is kept there: its figures, the
    best weights, those after each epoch and, at each epoch's end and at a stop, all that `resume` (the id of
    such a run) needs to go on. Pictures are resized for the network. Of several processes in a `world` only
    the first has a store, and all are told the same events. Raises UserError before the first event where
    network, data and settings don't go together.
    """
    threads = settings.threads or max(1, usual_threads() // _neighbours())
    settings = changed(settings, {"threads": threads})
    training = _Training(network, data, settings, store, resume, control or Control(), world)
    with _threads(settings.threads):
        yield from training.events()


def _neighbours() -> int:
    """How many processes share this machine."""
    return max(1, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Training:
    def __init__(
        self,
        network: Network,
        data: DataSet,
        settings: TrainSettings,
        store: RunStore | None,
        resume: str | None,
        control: Control,
        world: World,
    ) -> None:
        self.network, self.data, self.settings = network, data, settings
        self.control, self.store, self.world = control, store, world
        begin = None if resume is None else self._kept(resume)
        self.learner = Learner(network, data, settings, world, begin)
        self.batches = self.learner.batches
        self.watch = Watch(len(data.classes))
        self.position = world.same(checkpoint.Position() if begin is None else begin.about.position)
        self.pace, self.paced, self.judged, self.rested = 0.0, 0, 0.0, 0.0
        self.run, self.fresh = resume or "", resume is None
        if store is not None:
            if resume is None:
                self.run = store.create(network, data, settings)
            else:
                store.rewind(resume, self._steps_done(), self.position.epoch - 1)

    def _kept(self, resume: str) -> checkpoint.Checkpoint | None:
        """Where a run that is resumed stands; it goes on with its own network, pictures and settings."""
        if self.store is None:
            raise ValueError("a run can only be resumed from its store")
        found = self.store.checkpoint(resume, "last")
        run = self.store.run(resume)
        if run.fingerprint != self.data.fingerprint:
            raise UserError(
                f"run '{resume}' learned from other pictures of {run.title}; it can't go on with these"
            )
        if (run.network, run.settings) != (self.network, self.settings):
            raise UserError(f"run '{resume}' has another network or other settings; resume it with its own")
        return found

    def _steps_done(self) -> int:
        return (self.position.epoch - 1) * self.batches + self.position.batch

    def events(self) -> Iterator[Event]:
        """All of them, each kept in the store before it is told."""
        writable = True
        try:
            for event in self._guarded():
                try:
                    if self.store is not None:
                        self.store.log(self.run, event)
                except UserError as error:  # the disk is full, or the folder is gone
                    writable = False
                    yield self._failed(str(error))
                    return
                yield event
        finally:
            if self.store is not None and writable:
                self.store.flush()

    def _guarded(self) -> Iterator[Event]:
        """The training, with what can go wrong turned into its last event."""
        began = time.perf_counter()
        self.saved = time.monotonic()
        try:
            yield self._started()
            stopped = False
            try:
                weighted = any(node.tensors for node in self.network.nodes.values())
                if self.fresh and weighted:  # nobody could draw these anew by a seed
                    yield from self._save("last")
                self.learner.prepare(self._ended)
                yield from self._epochs()
            except Stopped:
                stopped = True
                yield from self._save("last")
            yield Done(epochs=self.position.epoch - 1, seconds=time.perf_counter() - began, stopped=stopped)
        except (Fault, UserError) as error:
            yield self._failed(str(error))
        except (RuntimeError, ValueError, MemoryError) as error:
            told = reason(error, self.settings)
            if told is None:
                raise
            yield self._failed(told)

    def _failed(self, message: str) -> Failed:
        return Failed(message=message, epoch=self.position.epoch, batch=self.position.batch + 1)

    def _started(self) -> Started:
        return Started(
            run=self.run,
            network=self.network.name,
            data=self.data.title,
            classes=self.data.classes,
            epochs=self.settings.epochs,
            batches=self.batches,
            step=self._steps_done(),
            parameters=sum(weight.numel() for weight in self.learner.weights),
            device=str(self.learner.device),
            threads=self.settings.threads,
        )

    def _epochs(self) -> Iterator[Event]:
        settings = self.settings
        while self.position.epoch <= settings.epochs:
            spent, pictures, pulsed = 0.0, 0, time.monotonic()
            batches = self.learner.order(self.position.epoch)
            while self.position.batch < len(batches):
                if self.world.any(not self.control.turn()):
                    raise Stopped
                at, start = self.position, time.perf_counter()
                lr = rate(settings, self._steps_done(), self.batches)
                stepped = self.learner.step(batches[at.batch], at.epoch, at.batch, lr)
                where = f"at epoch {at.epoch}, batch {at.batch + 1}"
                self.watch.check(stepped.loss, where, self.store is not None and at.epoch > 1)
                self.position = _after(at, stepped)
                seconds = time.perf_counter() - start
                spent, pictures = spent + seconds, pictures + stepped.pictures
                yield self._told(stepped, lr, seconds)
                if time.monotonic() - pulsed > PULSE:
                    pulsed = time.monotonic()
                    yield self._pulse()
                if time.monotonic() - self.saved > SAVE_EVERY:
                    yield from self._save("last")
            told = self._judged(spent, pictures)
            yield told
            best = max(told.val_accuracy, self.position.best_accuracy)
            self.position = checkpoint.Position(epoch=self.position.epoch + 1, best_accuracy=best)
            if told.best:
                yield from self._save("best", told.val_accuracy)
            yield from self._save("last", told.val_accuracy)

    def _ended(self) -> bool:
        """Asked between batches, every few pictures: waits out a pause; whether to end there."""
        began = time.perf_counter()
        ended = self.world.size == 1 and not self.control.rest()  # several could not wait at one place
        self.rested += time.perf_counter() - began
        return ended

    def _pulse(self) -> TrainPulse:
        module = self.learner.module
        return TrainPulse(
            epoch=self.position.epoch,
            gradient_norms=gradient_norms(self.network, module),
            first_filters=first_filters(self.network, module),
        )

    def _told(self, stepped: Stepped, lr: float, seconds: float) -> TrainBatch:
        at = self.position
        self.paced += 1
        # Of the last seconds, whatever a batch takes: what is told as left must not jump from look to look.
        weight = max(1 / self.paced, min(0.1, seconds / PACED))
        self.pace += weight * (seconds - self.pace)
        left = self.settings.epochs * self.batches - self._steps_done()
        judgements = self.settings.epochs - at.epoch + 1
        return TrainBatch(
            epoch=at.epoch,
            batch=at.batch,
            batches=self.batches,
            step=self._steps_done(),
            loss=stepped.loss,
            accuracy=stepped.correct / stepped.pictures,
            lr=lr,
            pictures=stepped.pictures,
            ms=seconds * 1000,
            images_per_second=stepped.pictures / seconds,
            seconds_left=left * self.pace + judgements * self.judged,
        )

    def _judged(self, seconds: float, pictures: int) -> TrainEpoch:
        """The figures on the validation split, after so many pictures in so much time. Raises Stopped."""
        began, at, learner, self.rested = time.perf_counter(), self.position, self.learner, 0.0
        norms = gradient_norms(self.network, learner.module)
        found = learner.judge(self._ended)
        if not math.isfinite(found.loss):
            raise Fault(
                f"the weights are no numbers any more after epoch {at.epoch}; take a smaller learning rate"
            )
        self.judged = time.perf_counter() - began - self.rested  # a pause is no measure of what is left
        return TrainEpoch(
            epoch=at.epoch,
            epochs=self.settings.epochs,
            loss=at.loss_sum / max(1, at.seen),
            accuracy=at.correct / max(1, at.seen),
            seconds=seconds,
            images_per_second=pictures / seconds if seconds > 0 else 0.0,
            val_loss=found.loss,
            val_accuracy=found.accuracy,
            lr=rate(self.settings, self._steps_done() - 1, self.batches),
            best=found.accuracy > at.best_accuracy,
            confusion=found.confusion,
            worst=found.worst,
            gradient_norms=norms,
            dead_share=learner.dead_shares(self._ended),
            first_filters=first_filters(self.network, learner.module),
        )

    def _save(self, kind: Kind, accuracy: float | None = None) -> Iterator[Event]:
        """Keep a checkpoint. Weights that are no numbers never take the place of good ones."""
        if self.store is None:
            return
        learner = self.learner
        if not all(bool(torch.isfinite(weight).all()) for weight in learner.weights):
            raise Fault("the weights are no numbers any more; take a smaller learning rate")
        about = {
            "data": self.data.name,
            "fingerprint": self.data.fingerprint,
            "classes": self.data.classes,
            "scale": learner.scale,
            "settings": self.settings,
            "position": self.position,
            "val_accuracy": accuracy,
        }
        if kind == "last" and self.position.batch == 0 and self.position.epoch > 1:
            plain = checkpoint.spell(self.network, learner.module, None, about)
            self.store.save_epoch(self.run, self.position.epoch - 1, plain)
        optimizer = learner.optimizer if kind == "last" else None
        path = self.store.save(
            self.run, kind, checkpoint.spell(self.network, learner.module, optimizer, about)
        )
        self.saved = time.monotonic()
        epoch = self.position.epoch - (self.position.batch == 0)
        yield Saved(file=str(path), epoch=epoch)


def _after(at: checkpoint.Position, stepped: Stepped) -> checkpoint.Position:
    """One batch further."""
    return checkpoint.Position(
        epoch=at.epoch,
        batch=at.batch + 1,
        loss_sum=at.loss_sum + stepped.loss * stepped.pictures,
        correct=at.correct + stepped.correct,
        seen=at.seen + stepped.pictures,
        best_accuracy=at.best_accuracy,
    )
