"""The Jobs of Look inside. torch is imported when they run, and not before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from explorer.imaging.heat import lay_over, lay_signed
from explorer.interop.classes import ClassScore, top_classes
from explorer.media.pictures import Picture
from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.tasks.job import Context
from explorer.tasks.priority import step_back

if TYPE_CHECKING:
    from explorer.imaging.activations import LayerStatistics, Passage, Scaling
    from explorer.imaging.subject import Subject

View = Literal["field", "projection", "cam", "occlusion"]
"""What is laid over the picture: what a unit sees, what it answers to, what speaks for a class (two ways)."""

CLASSES = 5
MOST_BYTES = 1 << 30
"""Of weights that are held ready, however many networks they belong to; one network is held in any case."""


class Subjects:
    """The networks that were made ready last, as far as there is room. Safe from any thread."""

    def __init__(self, most: int = 4, most_bytes: int = MOST_BYTES) -> None:
        self._lock = threading.Lock()
        self._most, self._most_bytes = most, most_bytes
        self._held: list[tuple[Any, Subject]] = []

    def get(self, network: Network, inference: Inference | None = None) -> Subject:
        """The same one while nothing that is computed with has changed: a moved card does not count."""
        from explorer.imaging.subject import Subject

        nodes = [(one.id, one.name, one.block, one.layer, one.tensors) for one in network.nodes.values()]
        key = nodes, network.links, network.groups, network.trained
        with self._lock:
            for place, (known, subject) in enumerate(self._held):
                if known == key:
                    self._held.append(self._held.pop(place))
                    return subject
            made = Subject.of(network, inference)
            self._held.append((key, made))
            while len(self._held) > 1 and (len(self._held) > self._most or self._bytes() > self._most_bytes):
                del self._held[0]
            return made

    def _bytes(self) -> int:
        return sum(subject.inference.totals.parameter_bytes for _, subject in self._held)


@dataclass(frozen=True, eq=False)
class Page:
    """Some of a layer's maps, as pictures. `order` is of all channels, the strongest first."""

    node: str
    order: tuple[int, ...]
    first: int
    tiles: tuple[Picture, ...]
    size: tuple[int, int]
    statistics: LayerStatistics

    @property
    def channels(self) -> tuple[int, ...]:
        """The channel of each tile."""
        return self.order[self.first : self.first + len(self.tiles)]


@dataclass(frozen=True)
class Wish:
    """Which maps are wanted."""

    node: str
    first: int
    count: int
    scaling: Scaling
    by_strength: bool = True


@dataclass(frozen=True, eq=False)
class Seen:
    """What came out of a picture. `classes` is None where none can be named."""

    passage: Passage
    picture: Picture
    input_node: str
    random: frozenset[str]
    classes: tuple[ClassScore, ...] | None
    page: Page | None


@dataclass(frozen=True)
class Dead:
    """The share of channels that are 0 everywhere, by node."""

    shares: dict[str, float]


@dataclass(frozen=True)
class PassThrough:
    """One picture through a network. Shows a `Seen` as soon as there are maps, then returns a `Dead`."""

    network: Network
    inference: Inference
    picture: Picture
    wish: Wish | None
    subjects: Subjects

    @property
    def title(self) -> str:
        return f"Looking into {self.network.name}"

    def run(self, context: Context) -> Dead:
        """Raises UserError for a network that cannot run or takes no picture."""
        step_back()
        context.progress(None, "Starting PyTorch")
        from explorer.imaging.activations import dead_shares, pass_through

        context.progress(None, self.title)
        subject = self.subjects.get(self.network, self.inference)
        context.check()
        passage = pass_through(subject, self.picture, context.check)
        page = page_of(passage, self.wish) if self.wish is not None else None
        vectors = {node: value.numpy() for node, value in passage.kept.items() if value.dim() == 1}
        classes = top_classes(subject.network, vectors, subject.random, CLASSES)
        context.show(Seen(passage, passage.seen, subject.input_node, subject.random, classes, page))
        return Dead(dead_shares(passage, context.check))


@dataclass(frozen=True)
class ShowMaps:
    """Other maps of a picture that has been through."""

    passage: Passage
    wish: Wish

    @property
    def title(self) -> str:
        return f"Maps of {self.passage.subject.network.path(self.wish.node)}"

    def run(self, context: Context) -> Page:
        """The maps that are wanted."""
        step_back()
        return page_of(self.passage, self.wish, context)


def page_of(passage: Passage, wish: Wish, context: Context | None = None) -> Page:
    """The maps that are wanted, and the statistics of their layer."""
    from explorer.imaging.activations import by_strength, statistics, tiles

    maps = passage.maps(wish.node, context.check) if context is not None else passage.maps(wish.node)
    order = by_strength(maps) if wish.by_strength else tuple(range(len(maps)))
    first = min(wish.first, max(0, (len(order) - 1) // wish.count * wish.count))
    alike: Scaling = "layer" if maps[0].numel() == 1 else wish.scaling  # one value has nothing to stretch
    shown = tiles(maps, order[first : first + wish.count], alike)
    return Page(wish.node, order, first, shown, (maps.shape[1], maps.shape[2]), statistics(maps))


@dataclass(frozen=True)
class Unit:
    """One value of a layer."""

    node: str
    channel: int
    row: int
    column: int


@dataclass(frozen=True, eq=False)
class Laid:
    """A picture with something laid over it. `note` says what must be known to read it."""

    view: View
    picture: Picture
    note: str
    value: float | None = None
    share: float = 1.0


@dataclass(frozen=True)
class LookAtUnit:
    """What of the picture moves a unit, or what of it led to its activation."""

    passage: Passage
    unit: Unit
    view: View

    @property
    def title(self) -> str:
        return f"A unit of {self.passage.subject.network.path(self.unit.node)}"

    def run(self, context: Context) -> Laid:
        """Raises UserError where the unit does not depend on the picture."""
        step_back()
        passage, unit = self.passage, self.unit
        value = float(passage.maps(unit.node, context.check)[unit.channel, unit.row, unit.column])
        place = unit.node, unit.channel, unit.row, unit.column
        if self.view == "projection":
            from explorer.imaging.projection import as_picture, project

            back = project(passage.subject, passage.inputs, *place, context.check)
            silent = "The unit is 0 here, so nothing is sent back." if not back.any() else ""
            return Laid("projection", as_picture(back), silent, value)
        from explorer.imaging.receptive_field import effective

        heat = effective(passage.subject, passage.inputs, *place)
        silent = "No gradient comes through: a ReLU on the way is 0." if not heat.any() else ""
        return Laid("field", lay_over(passage.seen, heat), silent, value)


@dataclass(frozen=True)
class Explain:
    """What speaks for a class: all at once by Grad-CAM, or patch by patch by occlusion."""

    passage: Passage
    view: View
    target: int | None
    node: str | None = None
    """Whose maps Grad-CAM goes by; the last ones with places where it is None."""

    @property
    def title(self) -> str:
        return "Grad-CAM" if self.view == "cam" else "Covering the picture, patch by patch"

    def run(self, context: Context) -> Laid:
        """Shows what is known so far; returns the whole. Raises UserError."""
        step_back()
        passage = self.passage
        if self.view == "cam":
            from explorer.imaging.saliency import grad_cam, last_maps

            node = self.node or last_maps(passage.subject)
            heat, _ = grad_cam(passage.subject, passage.inputs, self.target, node, context.check)
            where = passage.subject.network.path(node)
            silent = f"By the maps of {where}." if heat.any() else f"Nothing in {where} speaks for it."
            return Laid("cam", lay_over(passage.seen, heat), silent)
        laid = None
        for laid in self._covered(context):
            context.show(laid)
            context.progress(laid.share, self.title)
        assert laid is not None
        return laid

    def _covered(self, context: Context) -> Iterator[Laid]:
        from explorer.imaging.saliency import Occluder, occlusion

        passage = self.passage
        side = Occluder.fitting(*passage.subject.shape[1:]).side
        for heat, share in occlusion(passage.subject, passage.inputs, self.target, check=context.check):
            most = max(float(heat.max()), 0.0)
            note = f"Covered by {side} × {side}, the class loses up to {most:.1%} of probability."
            yield Laid("occlusion", lay_signed(passage.seen, heat), note, share=share)
