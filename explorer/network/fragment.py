"""A piece of a network: what is copied, pasted, dropped from the library, and put on the clipboard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from explorer.network.errors import UserError
from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.naming import unique
from explorer.network.schema import FileContent, decode, network_of, spell

Port = tuple[str, int]
_KIND = "convnet-fragment"
MOST_CHARACTERS = 4_000_000
"""A clipboard text above this is refused before it is looked at."""


@dataclass(frozen=True)
class Fragment:
    """A network whose `entries` want a source and whose `exits` want a consumer.

    All entries take the same source when the fragment is inserted after a node or on a link; what
    follows is fed by the first exit.
    """

    network: Network
    entries: tuple[Port, ...] = ()
    exits: tuple[Port, ...] = ()


class _FragmentText(FileContent, frozen=True):
    entries: tuple[Port, ...] = ()
    exits: tuple[Port, ...] = ()


def copy(
    network: Network, nodes: Iterable[str], blocks: Iterable[str] = (), *, lone_copies: bool = False
) -> Fragment:
    """The chosen nodes and whole blocks with the links among them.

    Its entries are the inputs that came from elsewhere, its exits the outputs that led elsewhere or nowhere.
    A single copy out of a group is none any more, unless `lone_copies` asks for that.
    """
    whole = {inner for block in blocks for inner in network.blocks_within(block)}
    chosen = {*nodes, *(node for node in network.nodes if network.nodes[node].block in whole)}
    if not chosen:
        raise UserError("Nothing is selected that could be copied.")
    order = [node for node in network.topology.rank if node in chosen]
    order.sort(key=network.topology.rank.__getitem__)
    links = [link for link in network.links.values() if link.source in chosen and link.target in chosen]
    inner = {link.id for link in links}
    entries, exits = [], []
    for node in order:
        into, out = network.topology.incoming[node], network.topology.outgoing[node]
        entries += [(node, link.target_port) for link in into if link.id not in inner]
        if not into and network.nodes[node].layer.arity[0] > 0:
            entries.append((node, 0))
        ports = dict.fromkeys(link.source_port for link in out if link.id not in inner)
        exits += [(node, port) for port in (ports if out else (0,))]
    piece = _piece(network, [network.nodes[node] for node in order], links, whole, 1 if lone_copies else 2)
    return Fragment(piece, tuple(entries), tuple(exits))


def _piece(network: Network, nodes: list[Node], links: list[Link], whole: set[str], fewest: int) -> Network:
    taken: set[str] = set()
    found_blocks: dict[str, Block] = {}
    for block in network.blocks.values():
        if block.id in whole:
            if block.parent not in whole:
                block = replace(block, parent=None, name=unique(block.name, taken))
                taken.add(block.name)
            found_blocks[block.id] = block
    found_nodes: dict[str, Node] = {}
    for node in nodes:
        if node.block not in whole:
            node = replace(node, block=None, name=unique(node.name, taken))
            taken.add(node.name)
        found_nodes[node.id] = node
    groups = _without_lone(network, found_nodes, found_blocks, fewest)
    return Network(network.name, "", found_nodes, {link.id: link for link in links}, found_blocks, groups)


def _without_lone(
    network: Network, nodes: dict[str, Node], blocks: dict[str, Block], fewest: int
) -> dict[str, Group]:
    """The groups that still have `fewest` copies; the others are taken off their members."""
    counts: dict[str, int] = {}
    entries: list[Node | Block] = [*nodes.values(), *blocks.values()]
    for entry in entries:
        if entry.group is not None:
            counts[entry.group] = counts.get(entry.group, 0) + 1
    for node in list(nodes.values()):
        if node.group is not None and counts[node.group] < fewest:
            nodes[node.id] = replace(node, group=None)
    for block in list(blocks.values()):
        if block.group is not None and counts[block.group] < fewest:
            blocks[block.id] = replace(block, group=None)
    return {group: network.groups[group] for group, count in counts.items() if count >= fewest}


def to_text(fragment: Fragment) -> str:
    """The fragment as JSON text, in the schema of the project file."""
    return spell(fragment.network, _KIND, {"entries": fragment.entries, "exits": fragment.exits})


def from_text(text: str) -> Fragment:
    """The fragment in a clipboard text. Raises UserError for anything else."""
    if len(text) > MOST_CHARACTERS:
        raise UserError("The clipboard holds too much text to be a piece of a network.")
    if not text.lstrip().startswith("{"):
        raise UserError("The clipboard holds no layers; copy some first.")
    data = text.encode("utf-8", "replace")
    content = decode(data, "The clipboard", _KIND, _FragmentText)
    network = network_of(content, data, "The clipboard")
    for what, ports in (("entries", content.entries), ("exits", content.exits)):
        for index, (node, port) in enumerate(ports):
            if node not in network.nodes or not 0 <= port <= 10_000:
                raise UserError(f"The clipboard: {what}[{index}] names a port that is not there.")
    return Fragment(network, content.entries, content.exits)
