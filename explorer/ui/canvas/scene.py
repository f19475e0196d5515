"""The scene: items by key, kept in step with an outline, its placement and its numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsScene

from explorer.ui.canvas.block_item import BlockItem
from explorer.ui.canvas.card_painting import Stance
from explorer.ui.canvas.face import Facts
from explorer.ui.canvas.far import FarPicture
from explorer.ui.canvas.levels import Level
from explorer.ui.canvas.link_item import Drawn, LinkItem
from explorer.ui.canvas.look import Look
from explorer.ui.canvas.node_item import NodeItem
from explorer.ui.canvas.outline import Kind, Outline
from explorer.ui.canvas.placement import Area, Placement, Point, loose_route
from explorer.ui.canvas.ports import Port

EVERYWHERE = (-1e9, -1e9, 1e9, 1e9)
Shown = TypeVar("Shown", NodeItem, LinkItem, BlockItem)


@dataclass(frozen=True)
class Plan:
    """What the scene shows: structure, places, numbers. `ghosts` are the cards of a preview that differ."""

    outline: Outline
    placement: Placement
    facts: Facts
    ghosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is selected, by the ids of the document."""

    nodes: Collection[str] = ()
    blocks: Collection[str] = ()
    links: Collection[str] = ()


class CanvasScene(QGraphicsScene):
    """Holds every item by key (Python must keep them alive) and repaints only what looks different."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.level = Level.NEAR
        #: What the screen shows of the scene: left, top, right, bottom.
        self.seen = EVERYWHERE
        #: The parts of wires in the picture that is being painted.
        self.drawn: set[Drawn] = set()
        self.plan: Plan | None = None
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[str, LinkItem] = {}
        self.regions: dict[str, BlockItem] = {}
        self.hot_port: Port | None = None
        self._far: FarPicture | None = None
        self._bounds: QRectF | None = None
        self._marks = Marks()
        self._hovered = ""
        self._hovered_rider = -1
        self._lit = ""

    @property
    def facts(self) -> Facts:
        """The numbers now shown."""
        assert self.plan is not None
        return self.plan.facts

    @property
    def far(self) -> FarPicture | None:
        """The picture from afar, made when first needed."""
        if self._far is None and self.plan is not None:
            self._far = FarPicture(self.plan.outline, self.plan.placement, self.plan.facts)
        return self._far

    def set_look(self, look: Look) -> None:
        """Draw everything in another theme."""
        self.look = look
        self.update()

    def display(self, plan: Plan | None) -> None:
        """Show a plan. Where the structure is that of the plan before, only numbers are looked at."""
        before, self.plan = self.plan, plan
        if plan is None:
            self._drop(self.nodes, ())
            self._drop(self.wires, ())
            self._drop(self.regions, ())
            self._far = self._bounds = None
            return
        if before is not None and before.outline is plan.outline and before.placement is plan.placement:
            for item in self.nodes.values():
                item.learn(plan.facts)
            if before.facts.problems != plan.facts.problems:
                self._far = None
            if before.ghosts == plan.ghosts:
                return
        else:
            self._far = self._bounds = None
            self._display_structure(plan)
        self._restance()

    def _display_structure(self, plan: Plan) -> None:
        outline, placement = plan.outline, plan.placement
        self._drop(self.nodes, outline.cards)
        self._drop(self.wires, outline.wires)
        self._drop(self.regions, outline.regions)
        blocks = plan.facts.network.blocks
        for block, region in outline.regions.items():
            area = placement.regions[block]
            if block in self.regions:
                self.regions[block].take(region, blocks[block], area)
            else:
                self.regions[block] = self._added(BlockItem(region, blocks[block], area))
        for key, wire in outline.wires.items():
            route = placement.routes[key]
            if key in self.wires:
                self.wires[key].take(wire, route)
            else:
                self.wires[key] = self._added(LinkItem(wire, route))
        for key, card in outline.cards.items():
            body = placement.bodies[key]
            if key in self.nodes:
                self.nodes[key].take(card, body, plan.facts)
            else:
                self.nodes[key] = self._added(NodeItem(card, body, plan.facts))

    def _added(self, item: Shown) -> Shown:
        self.addItem(item)
        return item

    def _drop(self, items: dict[str, Shown], keep: Collection[str]) -> None:
        for key in [key for key in items if key not in keep]:
            self.removeItem(items.pop(key))

    def mark(self, marks: Marks) -> None:
        """Show what is selected."""
        self._marks = marks
        self._restance()

    def hover(self, key: str, rider: int = -1) -> None:
        """Show what the pointer is over: a card, a wire or a block, by key; "" for nothing."""
        if (key, rider) != (self._hovered, self._hovered_rider):
            old, self._hovered, self._hovered_rider = self._hovered, key, rider
            self._restance({old, key})

    def light(self, key: str) -> None:
        """Show where something would be dropped: a wire, a card or a block."""
        if key != self._lit:
            old, self._lit = self._lit, key
            self._restance({old, key})

    def set_hot_port(self, port: Port | None, key: str) -> None:
        """Show which port would be taken up."""
        if port != self.hot_port:
            self.hot_port = port
            if key in self.nodes:
                self.nodes[key].update()

    def _restance(self, only: Iterable[str] | None = None) -> None:
        marks, plan = self._marks, self.plan
        if plan is None:
            return
        holding = self._holding(plan, marks)
        for key in self.nodes if only is None else [k for k in only if k in self.nodes]:
            item = self.nodes[key]
            card = item.card
            chosen = card.block in marks.blocks if card.block else card.head in marks.nodes
            riders = tuple(index for index, node in enumerate(card.riders) if node in marks.nodes)
            hovered = key in (self._hovered, self._lit)
            rider = self._hovered_rider if hovered else -1
            ghost = plan.ghosts.get(key, "")
            item.set_stance(Stance(chosen, hovered, ghost, key in holding, rider, riders))
        for key in self.wires if only is None else [k for k in only if k in self.wires]:
            wire = self.wires[key]
            wire.ghost = key in plan.ghosts
            wire.set_marks(
                selected=any(link in marks.links for link in wire.wire.links),
                hovered=key == self._hovered,
                lit=key == self._lit,
            )
        for key in self.regions if only is None else [k[1:] for k in only if k[1:] in self.regions]:
            region_key = f"#{key}"
            self.regions[key].set_marks(
                selected=key in marks.blocks,
                hovered=region_key == self._hovered,
                lit=region_key == self._lit,
            )

    @staticmethod
    def _holding(plan: Plan, marks: Marks) -> set[str]:
        """The cards that stand for selected nodes which are folded away."""
        cards, card_of = plan.outline.cards, plan.outline.card_of
        keys = {card_of[node]: node for node in marks.nodes if node in card_of}
        return {
            key for key, node in keys.items() if cards[key].kind is Kind.BLOCK or node not in cards[key].nodes
        }

    def drag_nodes(self, places: Mapping[str, Point]) -> None:
        """Follow a drag: move cards and lead their wires behind them."""
        assert self.plan is not None
        outline = self.plan.outline
        touched = {}
        for key, place in places.items():
            self.nodes[key].move_to(place)
            for wire in (*outline.into[key], *outline.out_of[key]):
                touched[wire.key] = wire
        for key, wire in touched.items():
            source, target = self.nodes[wire.source].area, self.nodes[wire.target].area
            self.wires[key].set_route(loose_route(source, target))

    def undrag(self) -> None:
        """Put everything back where the plan has it."""
        if self.plan is not None:
            self._display_structure(self.plan)

    def bounds(self) -> QRectF:
        """What is needed to see the whole network, volumes and labels included."""
        if self._bounds is None:
            self._bounds = self._measured()
        return self._bounds

    def _measured(self) -> QRectF:
        if self.plan is None or not self.nodes:
            return QRectF(-200, -150, 400, 300)
        bounds = QRectF(*self.plan.placement.bounds)
        for item in self.nodes.values():
            if item.card.trunk:
                bounds |= QRectF(*item.covers)
        return bounds

    def area_of(self, key: str) -> Area | None:
        """Where a card or an unfolded block (its key is `#` and its id) is now."""
        if key in self.nodes:
            return self.nodes[key].area
        region = self.regions.get(key.removeprefix("#"))
        return region.area if region is not None else None


def ghosts(before: Plan, after: Plan) -> dict[str, str]:
    """What a preview adds, and which cards would show another size; wires that are new by their key."""
    ghosts: dict[str, str] = {}
    old, new = before.facts.inference.results, after.facts.inference.results
    for key, card in after.outline.cards.items():
        if key not in before.outline.cards:
            ghosts[key] = "added"
        elif any(node not in old or old[node].outputs != new[node].outputs for node in card.nodes):
            ghosts[key] = "changed"
    for key in after.outline.wires:
        if key not in before.outline.wires:
            ghosts[key] = "added"
    return ghosts
