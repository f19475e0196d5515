"""The document: the network now, what it was, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from explorer.network.edits import Edit, Table, apply, merge, reverse
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.observe import Signal


@dataclass(frozen=True)
class ChangeSet:
    """What one transaction did: the entries it touched, and the network before and after it."""

    title: str
    edits: tuple[Edit, ...]
    before: Network
    after: Network

    @cached_property
    def nodes(self) -> frozenset[str]:
        return self._touched("nodes")

    @cached_property
    def links(self) -> frozenset[str]:
        return self._touched("links")

    @cached_property
    def blocks(self) -> frozenset[str]:
        return self._touched("blocks")

    @cached_property
    def groups(self) -> frozenset[str]:
        return self._touched("groups")

    def _touched(self, table: Table) -> frozenset[str]:
        return frozenset(edit.key for edit in self.edits if edit.table == table)


@dataclass
class _Transaction:
    title: str
    edits: tuple[Edit, ...]
    merge_key: str | None
    order: dict[Table, tuple[str, ...]]
    """How the tables were ordered before from which it removes something: undo puts that back too."""


class Document:
    """One network with its history. Only the main thread applies edits."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.changed: Signal[[ChangeSet]] = Signal()
        self.revision = 0
        self._done: list[_Transaction] = []
        self._undone: list[_Transaction] = []
        self._inference: Inference | None = None
        self._fresh = 0

    @property
    def inference(self) -> Inference:
        """The numbers of the network as it is now."""
        if self._inference is None or self._inference.network is not self.network:
            self._inference = infer(self.network, self._inference)
        return self._inference

    def fresh_id(self, prefix: str) -> str:
        """An id that no entry of the network has or had in this document."""
        network = self.network
        while True:
            self._fresh += 1
            found = f"{prefix}{self._fresh}"
            tables = (network.nodes, network.links, network.blocks, network.groups)
            if not any(found in table for table in tables):
                return found

    def apply(self, title: str, edits: Iterable[Edit], merge_key: str | None = None) -> None:
        """Make all `edits` in one undoable step called `title`; nothing happens if one does not fit.

        Consecutive steps with the same `merge_key` become one step, until `seal` is called: that is how a
        number dragged through fifty values is undone at once.
        """
        edits = merge(edits)
        if not edits:
            return
        after = apply(self.network, edits)
        last = self._done[-1] if self._done else None
        if last is not None and merge_key is not None and last.merge_key == merge_key:
            last.edits = merge((*last.edits, *edits))
            last.order = _order(self.network, edits) | last.order
            last.title = title
            if not last.edits:
                self._done.pop()
        else:
            self._done.append(_Transaction(title, edits, merge_key, _order(self.network, edits)))
        self._undone.clear()
        self._move_to(after, title, edits)

    def seal(self) -> None:
        """End a gesture: the next step is a step of its own."""
        if self._done:
            self._done[-1].merge_key = None

    def undo(self) -> None:
        if self._done:
            step = self._done.pop()
            step.merge_key = None
            self._undone.append(step)
            edits = reverse(step.edits)
            before = _reordered(apply(self.network, edits), step.order)
            self._move_to(before, f"Undo {step.title}", edits)

    def redo(self) -> None:
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            self._move_to(apply(self.network, step.edits), step.title, step.edits)

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def undo_title(self) -> str:
        return self._done[-1].title if self._done else ""

    @property
    def redo_title(self) -> str:
        return self._undone[-1].title if self._undone else ""

    def _move_to(self, network: Network, title: str, edits: tuple[Edit, ...]) -> None:
        before, self.network = self.network, network
        self.revision += 1
        self.changed.emit(ChangeSet(title, edits, before, network))


def _order(network: Network, edits: tuple[Edit, ...]) -> dict[Table, tuple[str, ...]]:
    """The order of the tables from which `edits` remove something.

    Which of two branches comes first in the order of evaluation, and who of those that share weights owns
    them, goes by it.
    """
    tables = {edit.table for edit in edits if edit.after is None and edit.table != "properties"}
    return {table: tuple(getattr(network, table)) for table in tables}


def _reordered(network: Network, order: Mapping[Table, tuple[str, ...]]) -> Network:
    if not order:
        return network
    tables: dict[str, Any] = {}
    for table, keys in order.items():
        entries = getattr(network, table)
        tables[table] = {key: entries[key] for key in keys if key in entries} | entries
    return replace(network, **tables)
