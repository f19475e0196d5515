"""Signals without Qt: the document tells its observers what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Signal(Generic[P]):
    """A list of callbacks, called in the order in which they connected."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[P, object]] = []

    def connect(self, callback: Callable[P, object]) -> Callable[[], None]:
        """Call `callback` at every emit; the returned function ends that."""
        self._callbacks.append(callback)

        def disconnect() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return disconnect

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        # A copy, because an observer may connect or disconnect others while it is called.
        for callback in tuple(self._callbacks):
            callback(*args, **kwargs)
