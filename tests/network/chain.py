"""Small networks for tests, written as a list of layers."""

from __future__ import annotations

from explorer.network import operations as do
from explorer.network.edits import apply
from explorer.network.graph import Link, Network, Node
from explorer.network.history import Document
from explorer.network.inference import Inference, infer
from explorer.network.layer import Layer
from explorer.network.naming import is_numbered, stem, unique


def chain(*layers: Layer, name: str = "test") -> Network:
    """The layers one behind the other, named as operations name them; ids are names."""
    nodes: dict[str, Node] = {}
    links: dict[str, Link] = {}
    last = None
    for layer in layers:
        wanted = stem(layer)
        label = unique(wanted, nodes, is_numbered(wanted))
        nodes[label] = Node(label, label, layer)
        if last is not None:
            links[f"{last}>{label}"] = Link(f"{last}>{label}", last, label)
        last = label
    return Network(name, "", nodes, links)


def wired(nodes: dict[str, Layer], *links: str) -> Network:
    """Nodes by id and links written `a>b` or `a>b:1`, the port of the target behind the colon."""
    made: dict[str, Link] = {}
    for text in links:
        source, _, end = text.partition(">")
        target, _, port = end.partition(":")
        made[text] = Link(text, source, target, 0, int(port or 0))
    return Network("test", "", {key: Node(key, key, layer) for key, layer in nodes.items()}, made)


def inferred(network: Network) -> Inference:
    return infer(network)


def done(network: Network, change: do.Change) -> Network:
    """The network after a change."""
    return apply(network, change.edits)


def run(document: Document, change: do.Change) -> do.Change:
    """Apply a change to a document, as the window does."""
    document.apply(change.title, change.edits)
    return change


def arrows(network: Network) -> set[str]:
    """All links as `path>path:port`, port 0 left out."""
    return {
        f"{network.path(link.source)}>{network.path(link.target)}"
        + (f":{link.target_port}" if link.target_port else "")
        for link in network.links.values()
    }
