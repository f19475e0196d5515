"""A network as PyTorch code that a person would have written; nothing here imports torch.

Blocks become classes, equal ones a single class with arguments, runs of equal modules loops; `forward` names
values for what they are. Modules bear the names of the nodes' paths, so that weights find their places.
"""

from __future__ import annotations

from explorer.interop.torch_code.generate import Code, generate

__all__ = ["Code", "generate"]
