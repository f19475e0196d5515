"""The schema of the project file and of the clipboard: networks as JSON that a person can read and compare.

One entry a line, nodes in the order in which data passes them, settings at their defaults left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from explorer.network import json_text
from explorer.network.alike import unlike_copies
from explorer.network.errors import UserError
from explorer.network.graph import Block, Group, Link, Network, Node, Trained
from explorer.network.layers import AnyLayer

VERSION = 1
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a version of the file to the next: what turns the parsed JSON of the one into that of the other."""

MOST_NODES = 50_000
MOST_LEVELS = 64

Id = Annotated[str, Meta(min_length=1, max_length=1_000)]
Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^.\x00-\x1f\x7f]+$")]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=100_000)]
PortNumber = Annotated[int, Meta(ge=0, le=10_000)]
Coordinate = Annotated[float, Meta(ge=-1e9, le=1e9)]
TensorName = Annotated[str, Meta(max_length=300, pattern=r"^\w+(\.\w+)*$")]
TensorId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
WeightsFile = Annotated[str, Meta(max_length=300, pattern=r"^[^/\\:\x00-\x1f]+\.safetensors$")]


class NodeRow(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A node as the file has it."""

    id: Id
    name: Name
    layer: AnyLayer
    block: Id | None = None
    group: Id | None = None
    position: tuple[Coordinate, Coordinate] | None = None
    training_only: bool = False
    tensors: Annotated[dict[TensorName, TensorId], Meta(max_length=100)] = {}


class TrainedRow(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the weights learned from, as the file has it."""

    source: Title
    classes: Annotated[tuple[Title, ...], Meta(max_length=100_000)] = ()
    mean: Annotated[tuple[float, ...], Meta(max_length=10_000)] = ()
    deviation: Annotated[tuple[Annotated[float, Meta(gt=0)], ...], Meta(max_length=10_000)] = ()


class LinkRow(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A link as the file has it."""

    id: Id
    source: Id
    target: Id
    source_port: PortNumber = 0
    target_port: PortNumber = 0


class BlockRow(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A block as the file has it."""

    id: Id
    name: Name
    kind: Title | None = None
    parent: Id | None = None
    group: Id | None = None
    folded: bool = False


class GroupRow(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A group as the file has it."""

    id: Id
    shares_weights: bool = False


class FileContent(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole file. `weights` is the name of the file beside it that holds the tensors."""

    format: str
    version: int
    name: Title
    notes: Text = ""
    trained: TrainedRow | None = None
    weights: WeightsFile | None = None
    groups: tuple[GroupRow, ...] = ()
    blocks: tuple[BlockRow, ...] = ()
    nodes: Annotated[tuple[NodeRow, ...], Meta(max_length=MOST_NODES)] = ()
    links: tuple[LinkRow, ...] = ()


SomeContent = TypeVar("SomeContent", bound=FileContent)


def spell(network: Network, kind: str, more: Mapping[str, Any] | None = None) -> str:
    """The text of a network in the schema of the file; `more` are further fields of its kind."""
    rank = network.topology.rank
    nodes = sorted(network.nodes.values(), key=lambda node: rank[node.id])
    links = sorted(network.links.values(), key=lambda link: (rank[link.target], link.target_port, link.id))
    head: dict[str, Any] = {"format": kind, "version": VERSION, "name": network.name}
    if network.notes:
        head["notes"] = network.notes
    if network.trained is not None:
        head["trained"] = network.trained
    fields = [f"  {_line(key)}: {_line(value)}" for key, value in (*head.items(), *(more or {}).items())]
    tables: tuple[tuple[str, Iterable[Any]], ...] = (
        ("groups", network.groups.values()),
        ("blocks", (_block_row(block) for block in network.blocks.values())),
        ("nodes", nodes),
        ("links", links),
    )
    for key, entries in tables:
        rows = ",\n".join(f"    {_line(entry)}" for entry in entries)
        if rows:
            fields.append(f'  "{key}": [\n{rows}\n  ]')
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _block_row(block: Block) -> BlockRow:
    return BlockRow(block.id, block.name, block.kind or None, block.parent, block.group, block.folded)


def _line(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def decode(data: bytes, name: str, kind: str, content: type[SomeContent]) -> SomeContent:
    """The checked content of a text of this kind, brought up to this version."""
    raw = json_text.parse(data, name)
    if not isinstance(raw, dict) or raw.get("format") != kind:
        raise UserError(f'{name} is not a network of ConvNet Explorer: it does not say "format": "{kind}".')
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise json_text.located(name, data, ("version",), "expected the number of the file's version")
    if version > VERSION:
        raise UserError(
            f"{name} was written by a newer ConvNet Explorer (file version {version}, this one reads up to "
            f"{VERSION}): update to open it."
        )
    while version < VERSION:
        if version not in MIGRATIONS:
            raise json_text.located(name, data, ("version",), f"there is no file version {version}")
        raw = MIGRATIONS[version](raw)
        version += 1
        raw["version"] = version
    return json_text.check(raw, content, data, name)


def network_of(content: FileContent, data: bytes, name: str) -> Network:
    """The network that a file's content describes; every id that it names must be there."""
    check = _References(data, name)
    groups = check.table("groups", [Group(row.id, row.shares_weights) for row in content.groups])
    blocks = check.table(
        "blocks",
        [
            Block(row.id, row.name, row.kind or "", row.parent, row.group, row.folded)
            for row in content.blocks
        ],
    )
    nodes = check.table(
        "nodes",
        [
            Node(
                row.id,
                row.name,
                row.layer,
                row.block,
                row.group,
                row.position,
                row.training_only,
                row.tensors,
            )
            for row in content.nodes
        ],
    )
    links = check.table(
        "links",
        [Link(row.id, row.source, row.target, row.source_port, row.target_port) for row in content.links],
    )
    check.named("blocks", "parent", content.blocks, blocks)
    check.named("blocks", "group", content.blocks, groups)
    check.named("nodes", "block", content.nodes, blocks)
    check.named("nodes", "group", content.nodes, groups)
    check.named("links", "source", content.links, nodes)
    check.named("links", "target", content.links, nodes)
    check.nesting(content.blocks, blocks)
    check.names(content)
    network = Network(content.name, content.notes, nodes, links, blocks, groups, _trained(content.trained))
    check.copies(content, network)
    return network


def _trained(row: TrainedRow | None) -> Trained | None:
    return None if row is None else Trained(row.source, row.classes, row.mean, row.deviation)


Entry = TypeVar("Entry", Node, Link, Block, Group)


class _References:
    """What types cannot say: ids once, names once in a block, no id that leads nowhere."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.seen: dict[str, str] = {}

    def fault(self, path: json_text.Path, reason: str) -> UserError:
        return json_text.located(self.name, self.data, path, reason)

    def table(self, key: str, entries: list[Entry]) -> dict[str, Entry]:
        for index, entry in enumerate(entries):
            if entry.id in self.seen:
                raise self.fault((key, index, "id"), f"{entry.id!r} is also the id of {self.seen[entry.id]}")
            self.seen[entry.id] = f"{key}[{index}]"
        return {entry.id: entry for entry in entries}

    def named(self, key: str, field: str, rows: Iterable[Any], table: Mapping[str, Any]) -> None:
        for index, row in enumerate(rows):
            value = getattr(row, field)
            if value is not None and value not in table:
                raise self.fault((key, index, field), f"{value!r} is not in this file")

    def nesting(self, rows: tuple[BlockRow, ...], blocks: Mapping[str, Block]) -> None:
        levels: dict[str, int] = {}
        for index, row in enumerate(rows):
            chain = []
            at: str | None = row.id
            while at is not None and at not in levels:
                chain.append(at)
                at = blocks[at].parent
                if len(chain) > MOST_LEVELS:
                    reason = f"lies in itself, or more than {MOST_LEVELS} blocks deep"
                    raise self.fault(("blocks", index, "parent"), reason)
            level = levels[at] if at is not None else 0
            for block in reversed(chain):
                level += 1
                levels[block] = level
            if level > MOST_LEVELS:
                raise self.fault(("blocks", index, "parent"), f"lies more than {MOST_LEVELS} blocks deep")

    def names(self, content: FileContent) -> None:
        taken: set[tuple[str | None, str]] = set()
        homes = [("blocks", index, row.parent, row.name) for index, row in enumerate(content.blocks)]
        homes += [("nodes", index, row.block, row.name) for index, row in enumerate(content.nodes)]
        for key, index, home, name in homes:
            if (home, name) in taken:
                raise self.fault((key, index, "name"), f"there is already a {name!r} in the same block")
            taken.add((home, name))

    def copies(self, content: FileContent, network: Network) -> None:
        for copy, first, difference in unlike_copies(network):
            if copy in network.nodes:
                path: json_text.Path = ("nodes", [row.id for row in content.nodes].index(copy), "group")
            else:
                path = ("blocks", [row.id for row in content.blocks].index(copy), "group")
            reason = f"copies in a group must be alike, but {copy!r} differs from {first!r} at {difference}"
            raise self.fault(path, reason)
