"""Rebuilding a network so that one knows what becomes of its function and of its weights.

Each operation returns a Plan: the edits, how weights are carried over, and whether the outputs must stay the
same. Nothing here runs or loads torch; `interop/surgery` moves the tensors and measures the difference. What
is done inside one copy of a repeat is done in all. What is impossible raises UserError.
"""

from explorer.network.surgery.fold import fold_batch_norm
from explorer.network.surgery.heads import (
    dense_to_convolution,
    head_to_average_pooling,
    replace_head,
)
from explorer.network.surgery.plan import Carry, Plan
from explorer.network.surgery.residual import (
    Residual,
    find_residuals,
    insert_shortcuts,
    remove_shortcuts,
    zero_residuals,
)
from explorer.network.surgery.resize import change_input, scale_width, swap_activations

__all__ = [
    "Carry",
    "Plan",
    "Residual",
    "change_input",
    "dense_to_convolution",
    "find_residuals",
    "fold_batch_norm",
    "head_to_average_pooling",
    "insert_shortcuts",
    "remove_shortcuts",
    "replace_head",
    "scale_width",
    "swap_activations",
    "zero_residuals",
]
