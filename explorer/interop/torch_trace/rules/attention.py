from __future__ import annotations

from explorer.interop.torch_trace.plan import Rule

RULES: dict[str, Rule] = {}
