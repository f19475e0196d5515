"""Parts of a network that hang together, and those that a person has put down apart from the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from explorer.network.arrange.model import Arrangement, Edge, GroupBox, Point


def parts(
    boxes: Iterable[str], edges: Iterable[Edge], groups: Mapping[str, GroupBox]
) -> list[tuple[list[str], list[str]]]:
    """The boxes and groups that links or blocks hold together, in the order of `boxes`.

    A group with nothing in it is in no part.
    """
    leader: dict[str, str] = {}

    def lead(item: str) -> str:
        while (above := leader.setdefault(item, item)) != item:
            leader[item] = item = leader.setdefault(above, above)
        return item

    for edge in edges:
        leader[lead(edge.target)] = lead(edge.source)
    for name, group in groups.items():
        held = [*group.members, *([f"\0{group.parent}"] if group.parent is not None else [])]
        for other in held:
            leader[lead(other)] = lead(f"\0{name}")
    found: dict[str, tuple[list[str], list[str]]] = {}
    for box in boxes:
        found.setdefault(lead(box), ([], []))[0].append(box)
    for name in groups:
        if lead(f"\0{name}") in found:
            found[lead(f"\0{name}")][1].append(name)
    return list(found.values())


def adrift(
    boxes: Iterable[str],
    edges: Sequence[Edge],
    groups: Mapping[str, GroupBox],
    pinned: Mapping[str, Point],
) -> list[tuple[list[str], list[str]]]:
    """The parts with a pinned box, but for the one that the network is about: the first without one, or else
    the first.
    """
    found = parts(boxes, edges, groups)
    moved = [part for part in found if any(box in pinned for box in part[0])]
    return moved[1:] if len(moved) == len(found) else moved


def shifted(found: Arrangement, dx: float, dy: float) -> Arrangement:
    """The same arrangement elsewhere."""
    return Arrangement(
        {box: (x + dx, y + dy) for box, (x, y) in found.positions.items()},
        {name: (x + dx, y + dy, width, height) for name, (x, y, width, height) in found.regions.items()},
        {edge: tuple((x + dx, y + dy) for x, y in route) for edge, route in found.routes.items()},
    )
