"""Training a classifier, as a generator of typed events. Knows no screen; loads torch.

It asks its `Control` before each batch. On a CPU a run repeats bit for bit by its seed and number of threads,
and one that was stopped or killed and resumed equals the one that was not.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.interop.torch_module import build
from explorer.learning import checkpoint, matching
from explorer.learning.batches import Feed, batch_count, drawn, order, randomness, scale_for
from explorer.learning.checkpoint import Position
from explorer.learning.control import Control
from explorer.learning.data_set import DataSet
from explorer.learning.events import Done, Event, Failed, Saved
from explorer.learning.judging import dead_shares, first_filters, gradient_norms, judge
from explorer.learning.objective import Objective, optimizer
from explorer.learning.runs import Kind, RunStore
from explorer.learning.schedule import rate
from explorer.learning.settings import TrainSettings, changed, usual_threads
from explorer.learning.training_events import Started, TrainBatch, TrainEpoch
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.problems import Severity
from explorer.tasks.job import Stopped

SAVE_EVERY = 300.0
"""Seconds after which a checkpoint is written within an epoch too."""
DIVERGED = 100.0
"""Times ln(classes), the loss of guessing, that the loss of the last batches may reach."""
RECENT = 20


def train(
    network: Network,
    data: DataSet,
    settings: TrainSettings,
    *,
    store: RunStore | None = None,
    resume: str | None = None,
    control: Control | None = None,
) -> Iterator[Event]:
    """Trains to the end or to a stop; the last event is `Done`, or `Failed` where it cannot go on.

    With a `store` the run is kept there: its figures, the best weights and, at each epoch's end and at a
    stop, all that `resume` (the id of such a run) needs to go on. Pictures are resized for the
    network. Raises UserError before the first event where network, data and settings don't go together.
    """
    settings = changed(settings, {"threads": settings.threads or usual_threads()})
    training = _Training(network, data, settings, store, resume, control or Control())
    with _threads(settings.threads):
        yield from training.events()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def device_of(settings: TrainSettings) -> torch.device:
    """The device that the settings name; `auto` is the fastest here. Raises UserError for one that is not."""
    name = settings.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UserError(f"there is no device '{name}' here; take 'cpu' or 'auto'")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise UserError("there is no device 'mps' here; take 'cpu' or 'auto'")
    return device


class _Fault(Exception):
    """The training cannot go on; says why."""


class _Training:
    def __init__(
        self,
        network: Network,
        data: DataSet,
        settings: TrainSettings,
        store: RunStore | None,
        resume: str | None,
        control: Control,
    ) -> None:
        for problem in matching.problems(network, data):
            if problem.severity is Severity.ERROR:
                raise UserError(problem.message)
        self.network, self.data, self.settings = network, data, settings
        self.control, self.store = control, store
        self.device = device_of(settings)
        shape = matching.input_shape(network)
        self.feed = Feed(data, data.train, shape, self.device, settings.augment)
        self.held_out = Feed(data, data.validation, shape, self.device)
        self.scale = scale_for(data, shape[0] if len(shape) == 3 else data.input[0])
        self.module = build(network, seed=settings.seed).to(self.device)
        self.weights = [weight for weight in self.module.parameters() if weight.requires_grad]
        if not self.weights:
            raise UserError(f"{network.name} has no weights to learn; add a convolution or a linear layer")
        self.optimizer = optimizer(settings, self.weights)
        self.objective = Objective(network, settings.label_smoothing)
        self.plain = Objective(network)
        self.batches = batch_count(len(data.train), settings.batch_size)
        self.position = Position()
        self.recent: deque[float] = deque(maxlen=RECENT)
        self.pace, self.judged = 0.0, 0.0
        self.run = self._kept(resume)

    def _kept(self, resume: str | None) -> str:
        """The id under which the run is kept; of a resumed one, all is as the checkpoint has it."""
        if resume is None:
            return "" if self.store is None else self.store.create(self.network, self.data, self.settings)
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
        if found is not None:
            found.restore(self.module, self.optimizer)
            self.position = found.about.position
        self.store.rewind(resume, self._steps_done(), self.position.epoch - 1)
        return resume

    def _steps_done(self) -> int:
        return (self.position.epoch - 1) * self.batches + self.position.batch

    def events(self) -> Iterator[Event]:
        """All of them, each kept in the store before it is told."""
        try:
            for event in self._guarded():
                if self.store is not None:
                    self.store.log(self.run, event)
                yield event
        finally:
            if self.store is not None:
                self.store.flush()

    def _guarded(self) -> Iterator[Event]:
        """The training, with what can go wrong turned into its last event."""
        began = time.perf_counter()
        self.saved = time.monotonic()
        try:
            yield self._started()
            stopped = False
            try:
                yield from self._epochs()
            except Stopped:
                stopped = True
                yield from self._save("last")
            yield Done(epochs=self.position.epoch - 1, seconds=time.perf_counter() - began, stopped=stopped)
        except (_Fault, UserError) as error:
            yield self._failed(str(error))
        except (RuntimeError, ValueError, MemoryError) as error:
            reason = _reason(error, self.settings)
            if reason is None:
                raise
            yield self._failed(reason)

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
            parameters=sum(weight.numel() for weight in self.weights),
            device=str(self.device),
            threads=self.settings.threads,
        )

    def _epochs(self) -> Iterator[Event]:
        settings = self.settings
        while self.position.epoch <= settings.epochs:
            began, epoch = time.perf_counter(), self.position.epoch
            batches = order(len(self.data.train), settings.batch_size, settings.seed, epoch)
            while self.position.batch < len(batches):
                if not self.control.turn():
                    raise Stopped
                yield self._step(batches[self.position.batch])
                if time.monotonic() - self.saved > SAVE_EVERY:
                    yield from self._save("last")
            told = self._judged(time.perf_counter() - began)
            yield told
            best = max(told.val_accuracy, self.position.best_accuracy)
            self.position = Position(epoch=epoch + 1, best_accuracy=best)
            if told.best:
                yield from self._save("best", told.val_accuracy)
            yield from self._save("last", told.val_accuracy)

    def _step(self, indices: NDArray[np.int64]) -> TrainBatch:
        began, at, settings = time.perf_counter(), self.position, self.settings
        step = self._steps_done()
        lr = rate(settings, step, self.batches)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        pictures, labels = self.feed.take(indices, drawn(settings.seed, "augment", at.epoch, at.batch))
        self.module.train()
        key = drawn(settings.seed, "dropout", at.epoch, at.batch)
        with randomness(self.device, key), self._precision():
            scores = self.objective.scores(self.module, pictures)
        loss = self.objective.loss(scores, labels)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        value = float(loss.detach())
        self._check(value)
        if settings.clip:
            torch.nn.utils.clip_grad_norm_(self.weights, settings.clip)
        self.optimizer.step()
        correct, count = int((scores[0].detach().argmax(1) == labels).sum()), len(labels)
        self.position = Position(
            epoch=at.epoch,
            batch=at.batch + 1,
            loss_sum=at.loss_sum + value * count,
            correct=at.correct + correct,
            seen=at.seen + count,
            best_accuracy=at.best_accuracy,
        )
        return self._told(value, correct, count, lr, time.perf_counter() - began)

    def _precision(self) -> torch.autocast | nullcontext[None]:
        if self.settings.mixed_precision and self.device.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return nullcontext()

    def _check(self, loss: float) -> None:
        """A loss that is no number, or far worse than guessing for a while, ends the training."""
        self.recent.append(loss)
        where = f"at epoch {self.position.epoch}, batch {self.position.batch + 1}"
        kept = " The last checkpoint is kept." if self.store is not None and self.position.epoch > 1 else ""
        if not math.isfinite(loss):
            raise _Fault(f"the loss is no number any more {where}; take a smaller learning rate.{kept}")
        mean = sum(self.recent) / len(self.recent)
        if len(self.recent) == RECENT and mean > DIVERGED * math.log(max(2, len(self.data.classes))):
            raise _Fault(f"the loss has run away to {mean:.3g} {where}; take a smaller learning rate.{kept}")

    def _told(self, loss: float, correct: int, count: int, lr: float, seconds: float) -> TrainBatch:
        at = self.position
        self.pace = seconds if not self.pace else 0.9 * self.pace + 0.1 * seconds
        left = self.settings.epochs * self.batches - self._steps_done()
        judgements = self.settings.epochs - at.epoch + 1
        return TrainBatch(
            epoch=at.epoch,
            batch=at.batch,
            batches=self.batches,
            step=self._steps_done(),
            loss=loss,
            accuracy=correct / count,
            lr=lr,
            pictures=count,
            ms=seconds * 1000,
            images_per_second=count / seconds,
            seconds_left=left * self.pace + judgements * self.judged,
        )

    def _judged(self, seconds: float) -> TrainEpoch:
        """The figures on the validation split. Raises Stopped in the middle if asked to."""
        began, at, data = time.perf_counter(), self.position, self.data
        norms = gradient_norms(self.network, self.module)
        found = judge(
            self.module,
            self.plain,
            self.held_out,
            data.validation,
            len(data.classes),
            lambda: self.control.stopped,
        )
        if not math.isfinite(found.loss):
            raise _Fault(
                f"the weights are no numbers any more after epoch {at.epoch}; take a smaller learning rate"
            )
        self.judged = time.perf_counter() - began
        return TrainEpoch(
            epoch=at.epoch,
            epochs=self.settings.epochs,
            loss=at.loss_sum / max(1, at.seen),
            accuracy=at.correct / max(1, at.seen),
            seconds=seconds,
            images_per_second=at.seen / seconds if seconds > 0 else 0.0,
            val_loss=found.loss,
            val_accuracy=found.accuracy,
            lr=rate(self.settings, self._steps_done() - 1, self.batches),
            best=found.accuracy > at.best_accuracy,
            confusion=found.confusion,
            worst=found.worst,
            gradient_norms=norms,
            dead_share=dead_shares(self.network, self.module, self.held_out),
            first_filters=first_filters(self.network, self.module),
        )

    def _save(self, kind: Kind, accuracy: float | None = None) -> Iterator[Event]:
        """Keep a checkpoint. Weights that are no numbers never take the place of good ones."""
        if self.store is None:
            return
        if not all(bool(torch.isfinite(weight).all()) for weight in self.weights):
            raise _Fault("the weights are no numbers any more; take a smaller learning rate")
        about = {
            "data": self.data.name,
            "fingerprint": self.data.fingerprint,
            "classes": self.data.classes,
            "scale": self.scale,
            "settings": self.settings,
            "position": self.position,
            "val_accuracy": accuracy,
        }
        kept = self.optimizer if kind == "last" else None
        path = self.store.save(self.run, kind, checkpoint.spell(self.network, self.module, kept, about))
        self.saved = time.monotonic()
        epoch = self.position.epoch - (self.position.batch == 0)
        yield Saved(file=str(path), epoch=epoch)


def _reason(error: Exception, settings: TrainSettings) -> str | None:
    """What a person can do about torch's complaint; None for one that is a fault of the program."""
    text = str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "memory" in text:
        half = max(1, settings.batch_size // 2)
        return (
            f"the memory is not enough for {settings.batch_size:,} pictures a batch; try a batch of {half:,}"
        )
    if "more than 1 value per channel" in text:
        return "batch norm needs more than one value a channel; take a batch of at least 2 pictures"
    return None
