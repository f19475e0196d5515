"""What a card says: the words and numbers on it, worked out from the network and its inference. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from explorer.interop.random_weights import left_random
from explorer.network.graph import Network
from explorer.network.inference import Inference, Result
from explorer.network.layer import Shape
from explorer.network.numerals import compact, grouped
from explorer.network.numerals import shape as spelled
from explorer.network.problems import Problem, find_problems
from explorer.session.training_marks import Mark
from explorer.ui.canvas.outline import DOTS, Card, Kind

UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Line:
    """A rider: what it is, its parameters, the colour of its dot, and whether it has a problem."""

    text: str
    count: str
    family: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """All that is written on one card. `problem` is "", "note", "warning" or "error", the worst there is.

    `gauge` is how full the bar of a training's figure is, None without one; the figure stands in `count`.
    """

    name: str
    size: str
    detail: str
    count: str
    family: str
    lines: tuple[Line, ...] = ()
    problem: str = ""
    copies: int = 1
    shape: Shape | None = None
    changes_shape: bool = False
    sign: str = ""
    content: tuple[str, ...] = ()
    quiet: bool = False
    gauge: float | None = None


@dataclass(frozen=True)
class Facts:
    """What faces are made of: a network, its numbers, the worst problem of each node, a training's marks."""

    network: Network
    inference: Inference
    problems: Mapping[str, Sequence[Problem]]
    marks: Mapping[str, Mark] = field(default_factory=dict)
    #: Nodes whose weights nobody trained, in a network that has some trained ones.
    random: frozenset[str] = frozenset()

    def worst(self, node: str) -> str:
        """The worst severity at a node, "" if nothing is wrong."""
        found = {problem.severity.value for problem in self.problems.get(node, ())}
        return next((severity for severity in _SEVERITIES if severity in found), "")


_SEVERITIES = ("error", "warning", "note")


def facts_of(network: Network, inference: Inference) -> Facts:
    """The facts of a network: its numbers, and its problems by node."""
    problems: dict[str, list[Problem]] = {}
    for problem in find_problems(network, inference):
        if problem.node is not None:
            problems.setdefault(problem.node, []).append(problem)
    return Facts(network, inference, problems, random=left_random(network, inference))


def face_of(card: Card, facts: Facts) -> Face:
    """The face of a card as things are now."""
    return _block_face(card, facts) if card.kind is Kind.BLOCK else _layer_face(card, facts)


def _layer_face(card: Card, facts: Facts) -> Face:
    node = facts.network.nodes[card.head]
    layer = node.layer
    result = facts.inference.results[card.head]
    out = result.output
    last = facts.inference.results[card.last].output
    size = UNKNOWN if out is None else spelled(out)
    mark = facts.marks.get(card.head)
    if len(result.outputs) > 1:
        size = f"{len(result.outputs)} outputs"
    return Face(
        name=node.name,
        size=size,
        detail=layer.summary() or layer.title,
        count=_count(result, card.head in facts.random) if mark is None else mark.text,
        family=layer.family.value,
        lines=tuple(_line(rider, facts) for rider in card.riders),
        problem=facts.worst(card.head),
        shape=last,
        changes_shape=out is not None and (facts.inference.input_shapes(card.head) or ())[:1] != (last,),
        sign=DOTS.get(type(layer).__name__, ""),
        quiet=node.training_only,
        gauge=None if mark is None else mark.share,
    )


def _line(rider: str, facts: Facts) -> Line:
    layer = facts.network.nodes[rider].layer
    summary = layer.summary()
    text = f"{layer.title} · {summary}" if summary and summary != layer.title else layer.title
    mark = facts.marks.get(rider)
    random = rider in facts.random
    count = _count(facts.inference.results[rider], random) if mark is None else mark.text
    return Line(text, count, layer.family.value, facts.worst(rider))


def _count(result: Result, random: bool) -> str:
    """Parameters, or nothing where there are none; and whether they are random among trained ones."""
    return _told(compact(result.parameters), random) if result.parameters else ""


def _told(count: str, random: bool) -> str:
    return f"random · {count}" if random else count


def _block_face(card: Card, facts: Facts) -> Face:
    network, results = facts.network, facts.inference.results
    block = network.blocks[card.block or ""]
    parameters = sum(results[node].parameters for node in card.nodes if facts.inference.owns_weights(node))
    known = all(results[node].known for node in card.nodes)
    inside = frozenset(card.nodes)
    outgoing, incoming = network.topology.outgoing, network.topology.incoming
    exits = [
        n for n in card.nodes if not outgoing[n] or any(link.target not in inside for link in outgoing[n])
    ]
    entries = {
        (link.source, link.source_port)
        for n in card.nodes
        for link in incoming[n]
        if link.source not in inside
    }
    out = results[exits[0]].output if len(exits) == 1 else None
    size = f"{len(exits)} outputs" if len(exits) > 1 else spelled(out) if out else UNKNOWN
    count = compact(parameters, exact=known) if parameters or not known else ""
    count = _told(count, not facts.random.isdisjoint(card.nodes))
    norms = [mark for node in card.nodes if (mark := facts.marks.get(node)) is not None and not mark.dead]
    if norms:
        low, high = min(mark.value for mark in norms), max(mark.value for mark in norms)
        count = f"∇ {low:.1g}–{high:.1g}" if len(norms) > 1 else norms[0].text
    return Face(
        name=block.name,
        size=size if card.nodes else "",
        detail=block.kind or "block",
        count=count,
        family="boundary",
        problem=_worst_of([facts.worst(node) for node in card.nodes]) if facts.problems else "",
        copies=card.copies,
        shape=out,
        changes_shape=out is not None and _fed(entries, facts) != out,
        content=tuple(network.nodes[node].layer.family.value for node in card.nodes),
        quiet=bool(card.nodes) and all(network.nodes[node].training_only for node in card.nodes),
        gauge=max((mark.share for mark in norms), default=None),
    )


def _fed(entries: set[tuple[str, int]], facts: Facts) -> Shape | None:
    """The shape that comes in, where it is one."""
    shapes = set()
    for source, port in entries:
        outputs = facts.inference.results[source].outputs
        shapes.add(outputs[port] if port < len(outputs) else None)
    return shapes.pop() if len(shapes) == 1 else None


def _worst_of(severities: list[str]) -> str:
    return next((severity for severity in _SEVERITIES if severity in severities), "")


def tooltip_of(card: Card, facts: Facts) -> str:
    """The exact numbers behind a card's short ones, one a line."""
    network, results = facts.network, facts.inference.results
    parameters = sum(results[node].parameters for node in card.nodes if facts.inference.owns_weights(node))
    macs = sum(results[node].macs for node in card.nodes)
    if card.kind is Kind.BLOCK:
        head = f"{network.block_path(card.block or '')}: {len(card.nodes)} layers"
    else:
        layer = network.nodes[card.head].layer
        head = ", ".join(
            part for part in (f"{network.path(card.head)}: {layer.title}", layer.summary()) if part
        )
    lines = [head, f"{grouped(parameters)} parameters, {grouped(macs)} MACs"]
    if any(network.nodes[node].training_only for node in card.nodes):
        lines.append("Only used in training")
    if not facts.random.isdisjoint(card.nodes):
        some = "Some of its weights" if card.kind is Kind.BLOCK else "Its weights"
        lines.append(f"{some} are random: they were neither trained nor loaded")
    shared = [node for node in card.nodes if len(network.sharers(node)) > 1]
    if shared:
        lines.append(f"Shares its weights {len(network.sharers(shared[0]))} times")
    return "\n".join(lines)


def spoken(card: Card, facts: Facts) -> str:
    """A card in a sentence, for a screen reader."""
    face = face_of(card, facts)
    parts = [face.name, face.detail, f"output {face.size}"]
    if face.copies > 1:
        parts.insert(1, f"times {face.copies}")
    parts += [line.text for line in face.lines]
    if face.count:
        parts.append(f"{face.count} parameters")
    parts += [problem.message for node in card.nodes for problem in facts.problems.get(node, ())]
    return ", ".join(part for part in parts if part)
