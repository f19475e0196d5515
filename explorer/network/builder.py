"""A small language in which networks read like the table in their paper.

    b = Builder("Tiny")
    b.input(3, 32, 32)
    with b.block("stem"):
        b.add(conv(16, 5), name="conv")        # follows what came before it
        b.add(ReLU())
    skip = b.last
    inner = b.add(conv(16, 3, padding=1))
    b.add(Add(), inner, skip)                  # or names its sources
    network = b.network()

Ids are paths (`stem.conv`), so a saved network can be read, and the same program gives the same ids.
Mistakes in a program raise ValueError; a network with problems (sizes that do not fit) is built as written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from explorer.network.graph import Block, Group, Link, Network, Node
from explorer.network.layer import Layer
from explorer.network.layers.boundary import Input

if TYPE_CHECKING:
    from explorer.network.fragment import Fragment

#: Where data comes from: a node's first output, or one of its outputs by number.
Source = str | tuple[str, int]

#: Stands for whatever a fragment will be attached to; see `Builder.enter`.
ENTRY = ""


class Builder:
    """Collects nodes, links, blocks and groups in the order in which they are written."""

    def __init__(self, name: str = "Untitled", notes: str = "") -> None:
        self.name = name
        self.notes = notes
        #: What the next layer follows; None at the beginning.
        self.last: Source | None = None
        self._nodes: dict[str, Node] = {}
        #: Equal layers are one value, which is soon told to be the same.
        self._layers: dict[Layer, Layer] = {}
        self._links: dict[str, Link] = {}
        self._blocks: dict[str, Block] = {}
        self._groups: dict[str, Group] = {}
        self._first_names: dict[str, str] = {}
        self._taken: dict[str | None, set[str]] = {}
        self._entries: list[tuple[str, int]] = []
        self._block: str | None = None
        self._training_only = False

    def input(self, *shape: int, name: str = "input") -> str:
        """A place where data enters: (C, H, W) or (F,)."""
        self.last = None
        return self.add(Input(shape), name=name)

    def enter(self) -> Source:
        """For fragments: what follows is fed by whatever the fragment will be attached to."""
        self.last = ENTRY
        return ENTRY

    def follow(self, source: Source) -> Source:
        """The next layer follows `source`."""
        self.last = source
        return source

    def add(self, layer: Layer, *sources: Source, name: str | None = None) -> str:
        """Put a layer behind `sources`, in the order of its ports, or behind the last one. Returns its id.

        Its fields are checked as a file's would be: ValueError names the one that is out of bounds.
        """
        try:
            layer = msgspec.convert(msgspec.to_builtins(layer), type(layer))
        except msgspec.ValidationError as error:
            raise ValueError(f"{type(layer).__name__}: {error}") from None
        layer = self._layers.setdefault(layer, layer)
        name = self._take(name, type(layer).__name__.lower())
        node = Node(self._id(name), name, layer, self._block, training_only=self._training_only)
        self._nodes[node.id] = node
        if not sources and self.last is not None and not isinstance(layer, Input):
            sources = (self.last,)
        for port, source in enumerate(sources):
            self._link(source, node.id, port)
        self.last = node.id
        return node.id

    def _link(self, source: Source, target: str, port: int) -> None:
        if source == ENTRY:
            self._entries.append((target, port))
            return
        start, start_port = source if isinstance(source, tuple) else (source, 0)
        if start not in self._nodes:
            raise ValueError(f"{target} is to follow {start!r}, which is not there")
        link = f"{start}>{target}:{port}" if port else f"{start}>{target}"
        self._links[link] = Link(link, start, target, start_port, port)

    @contextmanager
    def block(
        self, name: str, kind: str = "", *, folded: bool = False, group: str | None = None
    ) -> Iterator[str]:
        """What is added inside belongs to a named block; blocks nest. Gives the block's id."""
        name = self._take(name, "block")
        block = Block(self._id(name), name, kind, self._block, group, folded)
        self._blocks[block.id] = block
        around, self._block = self._block, block.id
        try:
            yield block.id
        finally:
            self._block = around

    def repeat(
        self,
        names: Iterable[str | int],
        make: Callable[[int], object],
        kind: str = "",
        *,
        folded: bool = False,
    ) -> None:
        """A chain of equal blocks, ×N, each with its own weights: `make` is called in each, with 0, 1, …"""
        self._copies([str(name) for name in names], make, kind, folded, shares_weights=False)

    def share(
        self,
        names: Iterable[str | int],
        make: Callable[[int], object],
        kind: str = "",
        *,
        folded: bool = False,
    ) -> None:
        """Equal blocks with one set of weights, as in a Siamese network: `make` chooses what each follows."""
        self._copies([str(name) for name in names], make, kind, folded, shares_weights=True)

    def _copies(
        self,
        names: list[str],
        make: Callable[[int], object],
        kind: str,
        folded: bool,
        *,
        shares_weights: bool,
    ) -> None:
        group = None
        if len(names) > 1:
            group = ".".join([*self._first_path(), f"{names[0]}…{names[-1]}"])
            self._groups[group] = Group(group, shares_weights)
            self._first_names[group] = names[0]
        first: list[tuple[str, Layer]] | None = None
        for index, name in enumerate(names):
            # Of copies with their own weights the first stands for all: ×N, with its body shown once.
            shut = folded or (index > 0 and not shares_weights)
            with self.block(name, kind, folded=shut, group=group) as block:
                make(index)
            content = self._content(block)
            if first is not None and content != first:
                raise ValueError(f"{block} is not like the first of its {len(names)} copies")
            first = content

    def _first_path(self) -> list[str]:
        """Where the next layer goes, each copy replaced by the first: a group inside is one in all copies."""
        names = []
        block = self._block
        while block is not None:
            found = self._blocks[block]
            names.append(self._first_names.get(found.group or "", found.name))
            block = found.parent
        return names[::-1]

    def _content(self, block: str) -> list[tuple[str, Layer]]:
        prefix = block + "."
        return [
            (node.id.removeprefix(prefix), node.layer)
            for node in self._nodes.values()
            if node.id.startswith(prefix)
        ]

    @contextmanager
    def training_only(self) -> Iterator[None]:
        """What is added inside is left out of an eval pass, as auxiliary heads are."""
        before, self._training_only = self._training_only, True
        try:
            yield
        finally:
            self._training_only = before

    def network(self) -> Network:
        """All of it, as a value."""
        if self._entries:
            raise ValueError(f"{self._entries[0][0]} still waits for what feeds it: this is a fragment")
        return self._collected()

    def fragment(self, *exits: Source) -> Fragment:
        """A piece to drop into a network: fed where `enter` was used, ending at `exits` or the last node."""
        from explorer.network.fragment import Fragment

        ends = exits or ((self.last,) if self.last is not None else ())
        return Fragment(
            self._collected(),
            tuple(self._entries),
            tuple(end if isinstance(end, tuple) else (end, 0) for end in ends if end != ENTRY),
        )

    def _collected(self) -> Network:
        return Network(
            self.name,
            self.notes,
            dict(self._nodes),
            dict(self._links),
            dict(self._blocks),
            dict(self._groups),
        )

    def _id(self, name: str) -> str:
        return name if self._block is None else f"{self._block}.{name}"

    def _take(self, name: str | None, stem: str) -> str:
        """The name, or one made of `stem`, that nothing else in this block has."""
        taken = self._taken.setdefault(self._block, set())
        if name is None:
            name, number = stem, 1
            while name in taken:
                number += 1
                name = f"{stem}{number}"
        elif name in taken or not name or "." in name:
            raise ValueError(f"{self._id(name)!r} is taken or not a name")
        taken.add(name)
        return name
