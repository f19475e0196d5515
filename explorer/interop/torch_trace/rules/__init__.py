"""Which layer describes which torch function: one function a rule, with torch's own argument names.

A rule that does not fit raises `Unfit` (or TypeError by its very arguments), and the call becomes opaque.
"""

from __future__ import annotations

from explorer.interop.torch_trace.plan import Rule
from explorer.interop.torch_trace.rules import (
    activations,
    arithmetic,
    attention,
    composed,
    convolutions,
    normalizations,
    own,
    poolings,
    resizing,
    shapes,
    slicing,
)

#: By the name that `name_of` gives to a function, or `module CLASS` for a module that is described whole.
RULES: dict[str, Rule] = {
    **activations.RULES,
    **arithmetic.RULES,
    **attention.RULES,
    **composed.RULES,
    **convolutions.RULES,
    **normalizations.RULES,
    **own.RULES,
    **poolings.RULES,
    **resizing.RULES,
    **shapes.RULES,
    **slicing.RULES,
}
