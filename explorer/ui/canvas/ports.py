"""Where wires can be taken up and set down on a card. No Qt."""

from __future__ import annotations

from typing import NamedTuple

from explorer.ui.canvas.face import Facts
from explorer.ui.canvas.metrics import CARD_WIDTH, HEAD_HEIGHT, RIDER_HEIGHT, rider_top, size_of
from explorer.ui.canvas.outline import Card, Kind

PORT_RADIUS = 4.5
PORT_REACH = 11.0
"""How near the pointer must come: the area to hit is much larger than what is drawn."""


class Port(NamedTuple):
    """A place on a card, relative to its corner, that stands for a port of a node."""

    x: float
    y: float
    node: str
    port: int
    output: bool


def ports_of(card: Card, facts: Facts) -> list[Port]:
    """All ports that show when the pointer is over a card.

    The input is at the top, the output at the bottom. Where riders are docked, each line before the last has
    its own output at the right edge, so that a wire can begin between a layer and its rider.
    """
    if not card.nodes:
        return []
    size = size_of(card)
    middle = size.width / 2
    found: list[Port] = []
    if card.kind is Kind.BLOCK:
        return _ports_of_block(card, facts, middle, size.height)
    most = facts.network.nodes[card.head].layer.arity[1]
    if most is None or most > 0:
        found.append(Port(middle, 0, card.head, _next_input(card.head, facts), False))
    outputs = max(1, len(facts.inference.results[card.last].outputs))
    for index in range(outputs):
        x = size.width * (index + 1) / (outputs + 1)
        found.append(Port(x, size.height, card.last, index, True))
    if card.kind is Kind.LAYER:
        for index, node in enumerate(card.nodes[:-1]):
            y = HEAD_HEIGHT / 2 if index == 0 else rider_top(index - 1) + RIDER_HEIGHT / 2
            found.append(Port(CARD_WIDTH, y, node, 0, True))
    return found


def _ports_of_block(card: Card, facts: Facts, middle: float, height: float) -> list[Port]:
    """A folded block has its first open input and its last output."""
    inside = frozenset(card.nodes)
    topology = facts.network.topology
    found = []
    for node in card.nodes:
        into = topology.incoming[node]
        if facts.network.nodes[node].layer.arity[1] != 0 and all(link.source not in inside for link in into):
            port = into[0].target_port if into else 0
            found.append(Port(middle, 0, node, port, False))
            break
    for node in reversed(card.nodes):
        if all(link.target not in inside for link in topology.outgoing[node]):
            found.append(Port(middle, height, node, 0, True))
            break
    return found


def _next_input(node: str, facts: Facts) -> int:
    """The port that a new wire gets: the first free one of a merge, else the only one."""
    taken = {link.target_port for link in facts.network.topology.incoming[node]}
    most = facts.network.nodes[node].layer.arity[1]
    if most is not None:
        return next((port for port in range(most) if port not in taken), most - 1)
    port = 0
    while port in taken:
        port += 1
    return port


def entry_of(card: Card, facts: Facts) -> Port | None:
    """The port at which a wire dropped on the card arrives."""
    return next((port for port in ports_of(card, facts) if not port.output), None)


def port_at(card: Card, facts: Facts, x: float, y: float, reach: float = PORT_REACH) -> Port | None:
    """The port nearest to a point relative to the card's corner, if one is within reach."""
    near = [(abs(p.x - x) + abs(p.y - y), p) for p in ports_of(card, facts)]
    distance, port = min(near, default=(reach + 1, None), key=lambda entry: entry[0])
    return port if distance <= reach else None
