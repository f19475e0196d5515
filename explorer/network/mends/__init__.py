"""The mends of each kind of problem: many are thought of, those that were tried and work are offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.network.edits import Edit, StaleEdit, apply, merge
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.mends.boundaries import at_empty, at_loss, at_no_input, at_softmax, at_unused
from explorer.network.mends.merges import at_add, at_concat
from explorer.network.mends.settings import (
    at_axis,
    at_few_values,
    at_groups,
    at_output_padding,
    at_padding,
    at_range,
    at_same_with_stride,
    at_sharing,
    at_wrong_channels,
    at_wrong_size,
)
from explorer.network.mends.sizes import at_kernel, at_maps, at_vector
from explorer.network.mends.trial import Idea, Trial, deleting
from explorer.network.mends.wiring import at_cycle, at_missing_input, at_port_taken, at_too_many
from explorer.network.problems import Mend, Problem, find_problems

__all__ = ["mends_for"]

MOST_MENDS = 4

_THINKERS: dict[str, Callable[[Inference, Problem], Iterator[Idea]]] = {
    "kernel_too_large": at_kernel,
    "empty_output": at_kernel,
    "needs_maps": at_maps,
    "missing_flatten": at_vector,
    "unequal_shapes": at_add,
    "unequal_sizes": at_concat,
    "groups_do_not_divide": at_groups,
    "same_with_stride": at_same_with_stride,
    "padding_too_large": at_padding,
    "output_padding_too_large": at_output_padding,
    "wrong_size": at_wrong_size,
    "wrong_channels": at_wrong_channels,
    "no_such_axis": at_axis,
    "too_few_values": at_few_values,
    "empty_range": at_range,
    "missing_input": at_missing_input,
    "too_many_inputs": at_too_many,
    "port_taken": at_port_taken,
    "cycle": at_cycle,
    "unequal_sharing": at_sharing,
    "empty": at_empty,
    "no_input": at_no_input,
    "unused": at_unused,
    "softmax_before_loss": at_softmax,
    "loss_needs_log_softmax": at_loss,
}
_NOT_BY_DELETING = ("cycle", "no_input", "unequal_sharing", "loss_needs_log_softmax")


def mends_for(problem: Problem, inference: Inference) -> tuple[Mend, ...]:
    """The mends that remove `problem` and harm nothing; those that uncover the next problem come last."""
    network = inference.network
    known = {(found.node, found.code) for found in find_problems(network, inference)}
    good: list[tuple[int, Mend]] = []
    tried: set[tuple[Edit, ...]] = set()
    kinds: set[str] = set()
    for idea in _ideas(problem, inference):
        mend = None if idea.kind in kinds else _tried(idea, network)
        if mend is None or mend.edits in tried:
            continue
        tried.add(mend.edits)
        after = apply(network, mend.edits)
        left = {(found.node, found.code) for found in find_problems(after, infer(after, inference))}
        new = left - known
        if (problem.node, problem.code) in left or any(_was_right(inference, at) for at, _ in new):
            continue
        good.append((len(new), mend))
        if idea.kind:
            kinds.add(idea.kind)
        if sum(count == 0 for count, _ in good) >= MOST_MENDS:
            break
    return tuple(mend for _, mend in sorted(good, key=lambda pair: pair[0])[:MOST_MENDS])


def _ideas(problem: Problem, inference: Inference) -> Iterator[Idea]:
    thinker = _THINKERS.get(problem.code)
    if thinker is not None:
        yield from thinker(inference, problem)
    if problem.node is not None and problem.code not in _NOT_BY_DELETING:
        yield deleting(nodes=(problem.node,))


def _tried(idea: Idea, network: Network) -> Mend | None:
    """The mend that an idea comes to, or None where it cannot be done."""
    trial = Trial(network)
    try:
        idea.act(trial)
    except (UserError, StaleEdit):
        return None
    edits = merge(trial.edits)
    return Mend(idea.title or trial.title, edits) if edits else None


def _was_right(inference: Inference, node: str | None) -> bool:
    """Whether a problem found at this node after a mend is the mend's fault: all was known there before."""
    result = inference.results.get(node) if node is not None else None
    return result is None or result.known
