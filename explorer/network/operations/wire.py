"""Linking ports."""

from __future__ import annotations

from msgspec.structs import replace

from explorer.network.errors import UserError
from explorer.network.graph import Link, Network
from explorer.network.operations.copies import common_block, sites
from explorer.network.operations.draft import Change, Draft, Fresh
from explorer.network.operations.insert import counterpart_links
from explorer.network.operations.remove import delete

MOST_PORTS = 10_000


def connect(
    network: Network, fresh: Fresh, source: str, source_port: int, target: str, target_port: int
) -> Change:
    """Link an output to an input.

    An input that is taken lets its old link go; a merge of any number of inputs takes the new one at
    its next free port. Raises UserError for a link that would close a cycle.
    """
    _check_ends(network, source, source_port, target, target_port)
    draft = Draft(network, fresh)
    _put(draft, Link("", source, target, source_port, target_port))
    title = f"Connect {network.nodes[source].name} to {network.nodes[target].name}"
    return Change(title, draft.edits(), (target,))


def rewire(
    network: Network,
    link: str,
    *,
    source: str | None = None,
    source_port: int | None = None,
    target: str | None = None,
    target_port: int | None = None,
) -> Change:
    """Move one or both ends of a link to other ports.

    Where an end moves within a copy, the link that corresponds to this one in each other copy moves too.
    """
    old = network.links[link]
    new = replace(
        old,
        source=old.source if source is None else source,
        source_port=old.source_port if source_port is None else source_port,
        target=old.target if target is None else target,
        target_port=old.target_port if target_port is None else target_port,
    )
    if new == old:
        raise UserError("The link already ends there.")
    _check_ends(network, new.source, new.source_port, new.target, new.target_port)
    draft = Draft(network)
    pairs = _counterparts(network, old, new)
    for before, _ in pairs:
        for found in counterpart_links(network, before):
            if found.id in draft.links:
                draft.drop_link(found)
    done: set[tuple[str, int, str]] = set()
    for _, after in pairs:
        if (after.source, after.source_port, after.target) not in done:
            done |= _put(draft, after)
    names = network.nodes[new.source].name, network.nodes[new.target].name
    return Change(f"Connect {names[0]} to {names[1]}", draft.edits(), (new.target,))


def disconnect(network: Network, link: str) -> Change:
    """Remove a link; inside a copy, from all copies."""
    return delete(network, lambda prefix: prefix, links=(link,))


def _counterparts(network: Network, old: Link, new: Link) -> list[tuple[Link, Link]]:
    """(before, after) for the link itself and for those that correspond to it."""
    found = [(old, new)]
    source_moves = (new.source, new.source_port) != (old.source, old.source_port)
    target_moves = (new.target, new.target_port) != (old.target, old.target_port)
    if source_moves and target_moves:
        ends = tuple(dict.fromkeys((old.source, new.source, old.target, new.target)))
        for site in sites(network, ends)[1:]:
            moved = replace(new, source=site[new.source], target=site[new.target])
            found += [
                (link, replace(moved, id=link.id))
                for link in network.topology.incoming[site[old.target]]
                if link.target_port == old.target_port and link.source == site[old.source]
            ]
    elif target_moves:
        for site in sites(network, tuple(dict.fromkeys((old.target, new.target))))[1:]:
            found += [
                (link, replace(link, target=site[new.target], target_port=new.target_port))
                for link in network.topology.incoming[site[old.target]]
                if link.target_port == old.target_port
            ]
    else:
        ends = tuple(dict.fromkeys((old.source, new.source)))
        place = common_block(network, ends)
        mine = _leaving(network, old.source, old.source_port, place).index(old)
        for site in sites(network, ends)[1:]:
            other_place = common_block(network, tuple(site.values()))
            leaving = _leaving(network, site[old.source], old.source_port, other_place)
            if mine < len(leaving):
                link = leaving[mine]
                found.append((link, replace(link, source=site[new.source], source_port=new.source_port)))
    return found


def _leaving(network: Network, node: str, port: int, place: str | None) -> list[Link]:
    """The links from an output, in an order that is the same in every copy."""
    links = [link for link in network.topology.outgoing[node] if link.source_port == port]
    inside = set(network.nodes_within(place)) if place is not None else set(network.nodes)
    return sorted(
        links, key=lambda link: (link.target not in inside, network.nodes[link.target].name, link.target_port)
    )


def _check_ends(network: Network, source: str, source_port: int, target: str, target_port: int) -> None:
    layer = network.nodes[target].layer
    most = layer.arity[1]
    name = network.nodes[target].name
    if most == 0:
        raise UserError(f"{name} takes no input: it is where the network begins.")
    if not 0 <= target_port < (MOST_PORTS if most is None else most):
        raise UserError(f"{name} has no input {target_port + 1}.")
    if not 0 <= source_port < MOST_PORTS:
        raise UserError(f"{network.nodes[source].name} has no output {source_port + 1}.")
    if source == target:
        raise UserError(f"{name} cannot be its own input: data can only flow forward.")


def _put(draft: Draft, wanted: Link) -> set[tuple[str, int, str]]:
    """Make a link, inside a copy in all copies. Returns (source, its port, target) of each.

    Fixed ports are made free for it, merges give the next port that is free in all copies.
    """
    network = draft.network
    found = sites(network, (wanted.source, wanted.target))
    port = wanted.target_port
    if draft.nodes[wanted.target].layer.arity[1] is None:
        taken = {link.target_port for site in found for link in draft.links_into(site[wanted.target])}
        if port in taken:
            port = next(free for free in range(len(taken) + 1) if free not in taken)
    for site in found:
        source, target = site[wanted.source], site[wanted.target]
        for old in [link for link in draft.links_into(target) if link.target_port == port]:
            if (old.source, old.source_port) == (source, wanted.source_port):
                raise UserError(f"{draft.nodes[source].name} already feeds {draft.nodes[target].name} there.")
            for other in counterpart_links(network, old) if old.id in network.links else (old,):
                if other.id in draft.links:
                    draft.drop_link(other)
        if _reaches(draft, target, source):
            raise _cycle(network, wanted)
        draft.link((source, wanted.source_port), (target, port))
    return {(site[wanted.source], wanted.source_port, site[wanted.target]) for site in found}


def _reaches(draft: Draft, start: str, goal: str) -> bool:
    """Whether data flows from `start` to `goal`."""
    seen = {start}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        for link in draft.links_out(node):
            if link.target not in seen:
                seen.add(link.target)
                waiting.append(link.target)
    return False


def _cycle(network: Network, link: Link) -> UserError:
    source, target = network.nodes[link.source].name, network.nodes[link.target].name
    return UserError(f"{source} already depends on {target}: linking back would make a circle.")
