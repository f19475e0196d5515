"""Undo and redo for values that are replaced as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")
DEPTH = 500


@dataclass(frozen=True)
class _Step(Generic[V]):
    title: str
    before: V
    after: V


class Past(Generic[V]):
    """What was, and what was undone. Steps with the same `merge` key, one after another, are one step."""

    def __init__(self, value: V) -> None:
        self.value = value
        self._done: list[_Step[V]] = []
        self._undone: list[_Step[V]] = []
        self._merge: str | None = None

    @property
    def undo_title(self) -> str:
        """What undo would take back; empty if there is nothing."""
        return self._done[-1].title if self._done else ""

    @property
    def redo_title(self) -> str:
        return self._undone[-1].title if self._undone else ""

    def put(self, value: V, title: str, merge: str | None = None) -> None:
        """Another value; equal ones are no step."""
        if value == self.value:
            return
        before = self.value
        if merge is not None and merge == self._merge and self._done:
            before = self._done.pop().before
        self._done.append(_Step(title, before, value))
        del self._done[:-DEPTH]
        self._undone.clear()
        self._merge = merge
        self.value = value

    def seal(self) -> None:
        """The gesture is over: the next put is a step of its own."""
        self._merge = None

    def undo(self) -> bool:
        """Whether there was something to take back."""
        self.seal()
        if not self._done:
            return False
        step = self._done.pop()
        self._undone.append(step)
        self.value = step.before
        return True

    def redo(self) -> bool:
        self.seal()
        if not self._undone:
            return False
        step = self._undone.pop()
        self._done.append(step)
        self.value = step.after
        return True
