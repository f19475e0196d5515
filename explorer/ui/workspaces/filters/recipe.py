"""The chain of filters as a value: what undo goes back to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from explorer.imaging.filtering import Filter
from explorer.imaging.kernels import BY_NAME, Kernel
from explorer.network.errors import UserError

MOST_STEPS = 8


@dataclass(frozen=True)
class Recipe:
    """The filters, one after another, and which of them is looked at."""

    steps: tuple[Filter, ...]
    at: int = 0

    @property
    def filter(self) -> Filter:
        return self.steps[self.at]

    def changed(self, **fields: Any) -> Recipe:
        """With other settings of the filter that is looked at."""
        now = replace(self.filter, **fields)
        return Recipe((*self.steps[: self.at], now, *self.steps[self.at + 1 :]), self.at)

    def added(self) -> Recipe:
        """With the identity after the filter that is looked at. Raises UserError where there are enough."""
        if len(self.steps) >= MOST_STEPS:
            raise UserError(f"There are {MOST_STEPS} filters already; remove one first.")
        at = self.at + 1
        return Recipe((*self.steps[:at], applied(BY_NAME["identity"]), *self.steps[at:]), at)

    def without(self, index: int) -> Recipe:
        """With one filter less; the last one stays."""
        if len(self.steps) == 1:
            return self
        steps = self.steps[:index] + self.steps[index + 1 :]
        return Recipe(steps, self.at - 1 if index < self.at else min(self.at, len(steps) - 1))

    def moved(self, index: int, by: int) -> Recipe:
        """With a filter earlier or later, which is looked at then."""
        target = index + by
        if not 0 <= target < len(self.steps):
            return self
        steps = list(self.steps)
        steps.insert(target, steps.pop(index))
        return Recipe(tuple(steps), target)


def applied(kernel: Kernel) -> Filter:
    """A filter with that kernel, looked at as the kernel is best looked at."""
    return Filter(kernel, scale=kernel.scale, offset=kernel.offset)
