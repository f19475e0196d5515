"""Shortcuts: finding them, taking them out, putting them in, and the identity that zeros make (He 2015)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from msgspec.structs import replace

from explorer.network.errors import UserError
from explorer.network.graph import Link, Network
from explorer.network.inference import Inference
from explorer.network.layer import Family, Layer
from explorer.network.layers import (
    ELU,
    GELU,
    Add,
    AvgPool2d,
    BatchNorm,
    Dropout,
    Dropout2d,
    Hardswish,
    Identity,
    LeakyReLU,
    MaxPool2d,
    PReLU,
    ReLU,
    ReLU6,
    SiLU,
    StochasticDepth,
    Tanh,
)
from explorer.network.operations import Change
from explorer.network.operations.copies import tidy_groups
from explorer.network.operations.draft import Draft, Fresh
from explorer.network.surgery.plan import Carry, Plan, names
from explorer.network.surgery.shortcuts import put_shortcuts

__all__ = ["Residual", "find_residuals", "insert_shortcuts", "remove_shortcuts", "zero_residuals"]

_KEEP_ZERO = (
    *(ReLU, ReLU6, LeakyReLU, PReLU, ELU, GELU, SiLU, Hardswish, Tanh),
    *(Dropout, Dropout2d, StochasticDepth, Identity, MaxPool2d, AvgPool2d),
)
"""Layers that make zeros of zeros: behind a branch that is zero they change nothing."""


@dataclass(frozen=True)
class Residual:
    """A sum with two ways to it from `entry`: `body`, and `shortcut`, without nodes if it is the identity.

    `body_link` and `shortcut_link` are what enters the sum.
    """

    add: str
    entry: str
    body: frozenset[str]
    shortcut: frozenset[str]
    body_link: Link
    shortcut_link: Link


def find_residuals(network: Network, within: Iterable[str] | None = None) -> list[Residual]:
    """The residual sums of a network, or those that `within` names or that lie in blocks it names."""
    adds = [node for node in network.topology.order if isinstance(network.nodes[node].layer, Add)]
    if within is not None:
        wanted = set(within)
        inside = {node for block in wanted if block in network.blocks for node in network.nodes_within(block)}
        adds = [add for add in adds if add in wanted or add in inside]
    return [found for add in adds if (found := _residual(network, add)) is not None]


def _residual(network: Network, add: str) -> Residual | None:
    into = network.topology.incoming[add]
    if len(into) != 2:
        return None
    parting = _parting(network, into)
    if parting is None:
        return None
    entry, sides = parting
    outgoing = network.topology.outgoing
    for side in sides:
        if any(link.target not in side and link.target != add for node in side for link in outgoing[node]):
            return None
    weights = [_weighted(network, side) for side in sides]
    # The way with fewer layers is the shortcut; of two alike the second, as blocks are mostly written.
    shortcut = 0 if weights[0] < weights[1] else 1
    body = 1 - shortcut
    if not sides[body]:
        return None
    return Residual(add, entry, sides[body], sides[shortcut], into[body], into[shortcut])


def _parting(
    network: Network, into: tuple[Link, ...]
) -> tuple[str, tuple[frozenset[str], frozenset[str]]] | None:
    """Where two ways to a sum part, and the nodes of each; None where they do not, or meet in between.

    Goes back from both ends, always from the node that comes last in the order of evaluation, so that only
    what lies between is looked at.
    """
    rank, incoming = network.topology.rank, network.topology.incoming
    seen: dict[str, int] = {}
    waiting: list[tuple[int, str]] = []
    for way, link in enumerate(into, 1):
        if link.source not in seen:
            heappush(waiting, (-rank[link.source], link.source))
        seen[link.source] = seen.get(link.source, 0) | way
    sides: tuple[set[str], set[str]] = (set(), set())
    while waiting:
        _, node = heappop(waiting)
        ways = seen[node]
        if ways == 3:
            return (node, (frozenset(sides[0]), frozenset(sides[1]))) if not waiting else None
        sides[ways - 1].add(node)
        for link in incoming[node]:
            if link.source not in seen:
                heappush(waiting, (-rank[link.source], link.source))
            seen[link.source] = seen.get(link.source, 0) | ways
    return None


def _weighted(network: Network, side: Iterable[str]) -> tuple[int, int]:
    families = [network.nodes[node].layer.family for node in side]
    return sum(one in (Family.CONVOLUTION, Family.DENSE) for one in families), len(families)


def remove_shortcuts(inference: Inference, fresh: Fresh, within: Iterable[str] | None = None) -> Plan:
    """Take shortcuts out: what is left is the plain network of the same convolutions."""
    network = inference.network
    found = _all_copies(network, _wanted(network, within))
    draft = Draft(network, fresh)
    emptied: list[str] = []
    for one in found:
        port = one.shortcut_link.target_port
        # Where sums follow each other, taking one out has led its shortcut link on to another source.
        draft.drop_link(next(link for link in draft.links_into(one.add) if link.target_port == port))
        for node in one.shortcut:
            emptied += [block.id for block in network.ancestors(network.nodes[node].block)]
            draft.drop_node(node)
        source = (one.body_link.source, one.body_link.source_port)
        for link in list(draft.links_out(one.add)):
            draft.resource(link, source)
        home = network.nodes[one.add].block
        draft.drop_node(one.add)
        if home is not None and home in draft.blocks and draft.blocks[home].kind.startswith("residual"):
            draft.put_block(replace(draft.blocks[home], kind="plain"))
    for block in emptied:
        if block in draft.blocks and draft.is_empty(block):
            draft.drop_block(block)
    tidy_groups(draft)
    count = len(found)
    return Plan(Change(f"Remove {count} shortcut{'s' * (count != 1)}", draft.edits()))


def _wanted(network: Network, within: Iterable[str] | None) -> list[Residual]:
    found = find_residuals(network, within)
    if not found:
        where = "This network has no" if within is None else "What is selected holds no"
        raise UserError(f"{where} sum of a branch with its own input, so there is no shortcut.")
    return found


def _all_copies(network: Network, found: list[Residual]) -> list[Residual]:
    """With each sum those that correspond to it in the copies of a repeat."""
    adds = dict.fromkeys(other for one in found for other in network.counterparts(one.add))
    known = {one.add: one for one in find_residuals(network, adds)}
    missing = [add for add in adds if add not in known]
    if missing:
        raise UserError(
            f"{network.path(missing[0])} is a copy whose sum is not of the same kind: detach it first."
        )
    return [known[add] for add in adds]


def insert_shortcuts(
    inference: Inference, fresh: Fresh, around: Iterable[str] | None = None, option: str = "B"
) -> Plan:
    """Put a shortcut around blocks: a^[l+2] = g(z^[l+2] + a^[l]). None is every block called plain.

    `around` names blocks, each of which gets its own, or layers, which get one together.

    Where the shape changes, `option` says how the input is brought to it: "A" every stride-th pixel with
    zeros for new channels, "B" a 1×1 convolution; "C" puts the convolution into every shortcut.
    """
    network = inference.network
    if option not in ("A", "B", "C"):
        raise UserError(f"There are options A, B and C of shortcuts, but not '{option}'.")
    if around is None:
        chosen = [block.id for block in network.blocks.values() if block.kind == "plain"]
        if not chosen:
            raise UserError("No block here is plain: select what a shortcut is to go around.")
    else:
        chosen = list(around)
        if not chosen:
            raise UserError("Select the blocks, or the layers, that a shortcut is to go around.")
    made, new = put_shortcuts(inference, fresh, chosen, option)
    count = len(made.nodes)
    note = f"The weights of {new} projection{'s' * (new != 1)} are new." if new else ""
    return Plan(Change(f"Insert {count} shortcut{'s' * (count != 1)}", made.edits, made.nodes), note=note)


def zero_residuals(inference: Inference, within: Iterable[str] | None = None) -> Plan:
    """Set the last layer of residual branches to 0: then a block passes on what it gets, exactly.

    With batch norm it is γ and β that must be 0: the norm would make something of a convolution's zeros.
    Where the shortcut has a projection, the block is that projection.
    """
    network = inference.network
    found = _wanted(network, within)
    last = [_last_weighted(inference, one) for one in found]
    title = f"Set {names(network, last)} to zero"
    return Plan(
        Change(title, (), tuple(last)),
        tuple(Carry(node, "zero", (node,)) for node in last),
        "identity",
        tuple(one.add for one in found),
        note="Each sum is exactly its shortcut; behind a ReLU, exactly the block's input.",
    )


def _last_weighted(inference: Inference, one: Residual) -> str:
    """The last layer of the body that has weights, if what follows it makes zeros of zeros."""
    network = inference.network
    node = one.body_link.source
    while True:
        layer = network.nodes[node].layer
        if inference.results[node].tensors and _has_zero(layer):
            return node
        into = network.topology.incoming[node]
        if not isinstance(layer, _KEEP_ZERO) or len(into) != 1 or into[0].source not in one.body:
            raise UserError(
                f"{network.path(node)} ends the branch and would make something else of zeros: there is no "
                "layer here that could be set to zero."
            )
        node = into[0].source


def _has_zero(layer: Layer) -> bool:
    """Whether a layer gives zeros when all of its weights are 0."""
    if isinstance(layer, BatchNorm):
        return layer.affine
    return layer.family in (Family.CONVOLUTION, Family.DENSE, Family.NORMALIZATION)
