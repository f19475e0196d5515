"""Training a Siamese encoder: one network, used on every picture of a batch, learns which belong together.

A training is a generator of events and knows no screen; it looks at its `Control` before each batch.
Import this module only where torch may be loaded.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.faces.evaluation import equal_error_rate, threshold_at
from explorer.faces.losses import (
    AbsoluteDifference,
    active_share,
    contrastive,
    cross_entropy,
    mine,
    triplet,
)
from explorer.faces.sampler import PeopleSampler
from explorer.faces.siamese_data import CACHE_BYTES, Loader, Pictures
from explorer.faces.siamese_encoder import Trainable
from explorer.faces.siamese_events import (
    Begins,
    EmbeddingMap,
    Hardest,
    Laned,
    SiameseBatch,
    SiameseEpoch,
)
from explorer.faces.siamese_hardest import hardest
from explorer.faces.siamese_settings import Loss, Optimizer, Settings
from explorer.faces.siamese_split import Plane, Split, pairs, split
from explorer.learning.control import Control
from explorer.learning.events import Batch, Done, Event, Failed, Skipped
from explorer.network.errors import UserError
from explorer.tasks.job import Stopped

FALSE_ACCEPTS = 0.01
WATCH_EVERY = 0.2
"""Seconds between two looks at the embedding and the hardest triplets."""
CHUNK = 64


@dataclass
class _Epoch:
    losses: list[float] = field(default_factory=list)
    pictures: int = 0
    began: float = field(default_factory=time.perf_counter)


class Training:
    """One training of one encoder. `events` can be run once; `epoch` and `threshold` tell where it is."""

    def __init__(
        self, pictures: Pictures, encoder: Trainable, settings: Settings, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """Raises UserError where pictures, encoder and settings don't go together."""
        if encoder.only_faces and not pictures.faces:
            raise UserError(f"'{encoder.title}' reads faces; choose a folder of people's faces for it")
        self.pictures, self.encoder, self.settings = pictures, encoder, settings
        self.loader = Loader(pictures, encoder.ready, cache_bytes)
        self.split: Split = split(
            pictures.people, settings.unseen, seed=settings.seed, people_per_batch=settings.people_per_batch
        )
        learned = pictures.people[self.split.learned]
        try:
            self.sampler = PeopleSampler(
                learned, settings.people_per_batch, settings.pictures_per_person, settings.seed
            )
        except ValueError as error:
            raise UserError(f"{error}; take fewer people a batch, or add pictures") from None
        each = self.sampler.people_per_batch * self.sampler.pictures_per_person
        self.batches = max(1, round(len(learned) / each))
        self.module = encoder.module
        self.measure = AbsoluteDifference(encoder.features) if settings.loss is Loss.CROSS_ENTROPY else None
        if self.measure is not None:
            _uniform(self.measure, encoder.features)
        self.epoch, self.failed = 0, False
        self.eer: float | None = None
        self.threshold: float | None = None
        self._plane = Plane()
        self._named: set[int] = set()
        self._watched = float("-inf")
        self._drawn = torch.Generator().manual_seed(settings.seed)
        self._state = torch.Generator().manual_seed(settings.seed).get_state()
        weights = [*self.module.parameters(), *(self.measure.parameters() if self.measure else ())]
        self._weights = [weight for weight in weights if weight.requires_grad]
        if settings.optimizer is Optimizer.ADAM:
            self._optimizer: torch.optim.Optimizer = torch.optim.Adam(self._weights, settings.learning_rate)
        else:
            self._optimizer = torch.optim.SGD(self._weights, settings.learning_rate, momentum=0.9)

    def events(self, control: Control, watch_every: float = WATCH_EVERY) -> Iterator[Event]:
        """Trains to the end, or to a stop, or to a loss that is no number (the last event is `Failed`)."""
        began = time.perf_counter()
        self.loader.check = partial(_stop_with, control)
        try:
            yield from self._events(control, watch_every)
        except Stopped:
            done = max(0, self.epoch - 1)
            yield Done(epochs=done, seconds=time.perf_counter() - began, stopped=True)
        else:
            if not self.failed:
                yield Done(epochs=self.epoch, seconds=time.perf_counter() - began, stopped=False)

    def begins(self) -> Begins:
        """What it learns from, and what that takes."""
        people, unseen = self.pictures.people, self.split.unseen
        return Begins(
            pictures=len(people),
            people=len(np.unique(people)),
            unseen_pictures=int(np.isin(people, unseen).sum()),
            unseen_people=len(unseen),
            batches=self.batches,
            most_bytes=self.loader.limit,
        )

    def _events(self, control: Control, watch_every: float) -> Iterator[Event]:
        yield self.begins()
        yield from self._judge(_Epoch())
        yield from self._watch(None, 0, watch_every)
        rounds = self._endless()
        for epoch in range(1, self.settings.epochs + 1):
            self.epoch, running = epoch, _Epoch()
            for batch in range(1, self.batches + 1):
                if not control.turn():
                    raise Stopped
                told = self._step(next(rounds), batch, running)
                yield from self._skips()
                if told is None:
                    continue
                yield told[0]
                if isinstance(told[0], Failed):
                    self.failed = True
                    return
                yield from self._watch(told[1], batch, watch_every)
            yield from self._judge(running)
        self._watched = float("-inf")
        yield from self._watch(None, self.batches, watch_every)

    def _endless(self) -> Iterator[NDArray[np.int64]]:
        while True:
            for chosen in self.sampler:
                yield self.split.learned[chosen]

    def _step(
        self, chosen: NDArray[np.int64], batch: int, running: _Epoch
    ) -> tuple[Event, tuple[Tensor, NDArray[np.int64]]] | None:
        """One batch; None if too few of its pictures could be read."""
        began = time.perf_counter()
        values, kept = self.loader.batch(chosen)
        people = torch.from_numpy(self.pictures.people[kept])
        if len(kept) < 3 or bool((people == people[0]).all()):
            return None
        self.module.train()
        with self._own_randomness():
            embeddings = self.module(torch.from_numpy(values))
            loss, terms, active = self._loss(embeddings, people)
        self._optimizer.zero_grad(set_to_none=True)
        if terms:
            torch.autograd.backward(loss)
        if not self._finite(loss):
            message = (
                f"the loss is no number any more at epoch {self.epoch}, batch {batch}; "
                "take a smaller learning rate"
            )
            return Failed(message=message, epoch=self.epoch, batch=batch), (embeddings, kept)
        if terms:
            self._cool(batch)
            self._optimizer.step()
        value, ms = float(loss.detach()), (time.perf_counter() - began) * 1000
        running.losses.append(value)
        running.pictures += len(kept)
        told = SiameseBatch(
            epoch=self.epoch,
            batch=batch,
            batches=self.batches,
            loss=value,
            pictures=len(kept),
            ms=ms,
            terms=terms,
            active=active,
        )
        return told, (embeddings.detach(), kept)

    def _loss(self, embeddings: Tensor, people: Tensor) -> tuple[Tensor, int, float | None]:
        """(loss, how many triplets or pairs made it, the share of them with a loss above 0)."""
        settings = self.settings
        if settings.loss is Loss.TRIPLET:
            rows = mine(embeddings, people, settings.mining, settings.alpha, self._drawn)
            if not len(rows):
                return embeddings.sum() * 0, 0, 0.0
            sides = [embeddings[rows[:, side]] for side in range(3)]
            loss = triplet(sides[0], sides[1], sides[2], settings.alpha)
            return loss, len(rows), active_share(embeddings, rows, settings.alpha)
        a, b, same = self._pairs(people)
        if not len(a):
            return embeddings.sum() * 0, 0, 0.0
        if self.measure is not None:
            return cross_entropy(self.measure(embeddings[a], embeddings[b]), same), len(a), None
        with torch.no_grad():
            length = (embeddings[a] - embeddings[b]).square().sum(1).sqrt()
            active = float((same | (length < settings.margin)).float().mean())
        return contrastive(embeddings[a], embeddings[b], same, settings.margin), len(a), active

    def _pairs(self, people: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """All pairs of one person in the batch, and as many of two people, drawn."""
        a, b = torch.triu_indices(len(people), len(people), 1)
        same = people[a] == people[b]
        genuine, impostor = same.nonzero().squeeze(1), (~same).nonzero().squeeze(1)
        drawn = torch.randperm(len(impostor), generator=self._drawn)[: len(genuine)]
        rows = torch.cat([genuine, impostor[drawn]])
        return a[rows], b[rows], same[rows]

    def _cool(self, batch: int) -> None:
        """The learning rate falls to nothing along a cosine: the last steps settle what the first found."""
        done = ((self.epoch - 1) * self.batches + batch - 1) / (self.settings.epochs * self.batches)
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))

    def _finite(self, loss: Tensor) -> bool:
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        total = sum((gradient.square().sum() for gradient in gradients), loss.detach())
        return bool(torch.isfinite(total))

    @contextmanager
    def _own_randomness(self) -> Iterator[None]:
        """Dropout draws from this training's own numbers, whoever else draws meanwhile."""
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._state)
            yield
            self._state = torch.get_rng_state()

    def embed(self, indices: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """((n, F) embeddings as they are now, the n indices that could be read)."""
        self.module.eval()
        parts: list[NDArray[np.float32]] = []
        kept: list[NDArray[np.int64]] = []
        with torch.inference_mode():
            for start in range(0, len(indices), CHUNK):
                values, read = self.loader.batch(indices[start : start + CHUNK])
                if len(read):
                    parts.append(self.module(torch.from_numpy(values)).numpy())
                    kept.append(read)
        if not parts:
            return np.empty((0, self.encoder.features), np.float32), np.empty(0, np.int64)
        return np.concatenate(parts), np.concatenate(kept)

    def _judge(self, running: _Epoch) -> Iterator[Event]:
        """The figures on unseen people."""
        took = time.perf_counter() - running.began
        embeddings, kept = self.embed(self.split.judged)
        yield from self._skips()
        a, b, same = pairs(self.pictures.people[kept])
        eer = threshold = by_measure = None
        if same.any() and not same.all() and np.isfinite(embeddings).all():
            distances = np.clip(2 - 2 * np.einsum("ij,ij->i", embeddings[a], embeddings[b]), 0, 4)
            eer, at_eer = equal_error_rate(distances[same], distances[~same])
            threshold = min(at_eer, threshold_at(distances[~same], FALSE_ACCEPTS))
            by_measure = self._measured(embeddings, a, b, same)
        self.eer, self.threshold = eer, threshold
        yield SiameseEpoch(
            epoch=self.epoch,
            epochs=self.settings.epochs,
            loss=float(np.mean(running.losses)) if running.losses else float("nan"),
            seconds=took,
            images_per_second=running.pictures / took if took > 0 else 0.0,
            eer=eer,
            threshold=threshold,
            measure_eer=by_measure,
            genuine_pairs=int(same.sum()),
            impostor_pairs=int((~same).sum()),
        )

    def _measured(
        self,
        embeddings: NDArray[np.float32],
        a: NDArray[np.int64],
        b: NDArray[np.int64],
        same: NDArray[np.bool_],
    ) -> float | None:
        if self.measure is None:
            return None
        with torch.inference_mode():
            rows = torch.from_numpy(embeddings)
            distances = np.concatenate(
                [
                    -self.measure(rows[a[start : start + 20_000]], rows[b[start : start + 20_000]]).numpy()
                    for start in range(0, len(a), 20_000)
                ]
            )
        return equal_error_rate(distances[same], distances[~same])[0]

    def _watch(
        self, seen: tuple[Tensor, NDArray[np.int64]] | None, batch: int, every: float
    ) -> Iterator[Event]:
        """What is there to be looked at, not more often than it can be."""
        now = time.monotonic()
        if now - self._watched < every:
            return
        self._watched = now
        embeddings, kept = self.embed(self.split.probe)
        if len(kept) > 2 and np.isfinite(embeddings).all():
            people = self.pictures.people[kept]
            yield EmbeddingMap(
                epoch=self.epoch,
                batch=batch,
                places=self._plane.place(embeddings),
                people=people,
                names=self.pictures.names,
                unseen=tuple(person for person in self.split.unseen if person in people),
            )
        if seen is not None:
            yield Hardest(epoch=self.epoch, batch=batch, triplets=hardest(self.pictures, *seen))

    def _skips(self) -> Iterator[Event]:
        for index in self.loader.skipped.keys() - self._named:
            self._named.add(index)
            yield Skipped(file=self.pictures.place(index), reason=self.loader.skipped[index])


def side_by_side(trainings: Sequence[Training], control: Control) -> Iterator[Laned]:
    """Several trainings by turns, a batch each, so that they can be watched together."""
    running = {lane: training.events(control) for lane, training in enumerate(trainings)}
    while running:
        for lane, events in tuple(running.items()):
            for event in events:
                yield Laned(lane=lane, event=event)
                if isinstance(event, Batch):
                    break
            else:
                del running[lane]


def _stop_with(control: Control) -> None:
    if control.stopped:
        raise Stopped


def _uniform(measure: AbsoluteDifference, features: int) -> None:
    """Equal weights, near together counts as the same: where all learned distances start."""
    with torch.no_grad():
        measure.linear.weight.fill_(-4 / features**0.5)
        measure.linear.bias.fill_(3.0)
