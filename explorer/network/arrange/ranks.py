"""The rows: which item stands above which, and which links tell us so."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True)
class Ranking:
    """Items in the order of the flow and their rows.

    Every pair of linked items is in one of three lists: `tight` pairs have no other way from one to the
    other, `skips` have one, and `back` pairs run against the flow.
    """

    order: tuple[str, ...]
    rank: dict[str, int]
    tight: tuple[Pair, ...]
    skips: tuple[Pair, ...]
    back: tuple[Pair, ...]


def rank(items: Sequence[str], pairs: Iterable[Pair], entries: set[str], exits: set[str]) -> Ranking:
    """Rank `items` by the longest way that leads to them.

    `entries` get the first row for themselves and `exits` the last.
    """
    pairs = tuple(dict.fromkeys(pairs))
    back = _against_the_flow(items, pairs)
    forward = [pair for pair in pairs if pair not in back]
    after: dict[str, list[str]] = {item: [] for item in items}
    before: dict[str, list[str]] = {item: [] for item in items}
    for source, target in forward:
        after[source].append(target)
        before[target].append(source)
    order = _topological(items, before, after)
    rows: dict[str, int] = {}
    base = 1 if entries else 0
    for item in order:
        rows[item] = max(
            (rows[source] + 1 for source in before[item]), default=0 if item in entries else base
        )
    for item in items:
        # What has no input of its own stands right above what it feeds.
        if not before[item] and after[item] and item not in entries:
            rows[item] = max(base, min(rows[target] for target in after[item]) - 1)
    if exits:
        last = 1 + max((row for item, row in rows.items() if item not in exits), default=0)
        rows.update(dict.fromkeys(exits, last))
    tight, skips = _reduce(order, after)
    return Ranking(tuple(order), rows, tight, skips, tuple(pair for pair in pairs if pair in back))


def _against_the_flow(items: Sequence[str], pairs: Sequence[Pair]) -> set[Pair]:
    """The pairs that close a cycle, found depth first from the sources on."""
    after: dict[str, list[str]] = {item: [] for item in items}
    fed = set()
    for source, target in pairs:
        after[source].append(target)
        fed.add(target)
    back: set[Pair] = set()
    open_now: set[str] = set()
    seen: set[str] = set()
    for root in sorted(items, key=fed.__contains__):
        if root in seen:
            continue
        seen.add(root)
        open_now.add(root)
        stack = [(root, iter(after[root]))]
        while stack:
            item, targets = stack[-1]
            for target in targets:
                if target in open_now:
                    back.add((item, target))
                elif target not in seen:
                    seen.add(target)
                    open_now.add(target)
                    stack.append((target, iter(after[target])))
                    break
            else:
                open_now.discard(item)
                stack.pop()
    return back


def _topological(
    items: Sequence[str], before: dict[str, list[str]], after: dict[str, list[str]]
) -> list[str]:
    """An order in which sources come first; among equals the given order decides."""
    index = {item: number for number, item in enumerate(items)}
    missing = {item: len(before[item]) for item in items}
    ready = [index[item] for item in items if not missing[item]]
    heapq.heapify(ready)
    order = []
    while ready:
        item = items[heapq.heappop(ready)]
        order.append(item)
        for target in after[item]:
            missing[target] -= 1
            if not missing[target]:
                heapq.heappush(ready, index[target])
    return order


def _reduce(order: Sequence[str], after: dict[str, list[str]]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Split the pairs into those of the transitive reduction and the rest. Sets of items are bits."""
    bit = {item: 1 << number for number, item in enumerate(order)}
    below: dict[str, int] = {}
    tight: list[Pair] = []
    skips: list[Pair] = []
    for item in reversed(order):
        beyond = direct = 0
        for target in after[item]:
            beyond |= below[target]
            direct |= bit[target]
        below[item] = beyond | direct
        for target in after[item]:
            (skips if beyond & bit[target] else tight).append((item, target))
    return tuple(reversed(tight)), tuple(reversed(skips))
