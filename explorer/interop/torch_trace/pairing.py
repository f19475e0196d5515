"""Two runs of one module laid side by side, call by call."""

from __future__ import annotations

from collections import defaultdict
from difflib import SequenceMatcher

from explorer.interop.torch_trace.recording import Call, Trace


def pair_up(trace: Trace, twin: Trace) -> dict[int, Call]:
    """For each call the same one of another run: in the same module, at the same place among its calls."""
    ours, theirs = _by_module(trace), _by_module(twin)
    found: dict[int, Call] = {}
    for module, calls in ours.items():
        others = theirs.get(module, [])
        names, other_names = [_kind(call) for call in calls], [_kind(call) for call in others]
        if names == other_names:
            found.update((call.index, other) for call, other in zip(calls, others, strict=True))
            continue
        # One of the runs went another way for a while, as where positions are resampled.
        for mine, other, length in SequenceMatcher(None, names, other_names, False).get_matching_blocks():
            for step in range(length):
                found[calls[mine + step].index] = others[other + step]
    return found


def _by_module(trace: Trace) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = defaultdict(list)
    for call in trace.calls:
        found[call.visit.module].append(call)
    return found


def _kind(call: Call) -> tuple[str, tuple[int, ...]]:
    """Its name and how many axes its results have."""
    return call.name, tuple(len(ref.shape) for ref in call.outputs)
