"""Loads ahead of time what a training needs: several seconds that a person then doesn't wait for."""

from __future__ import annotations


def warm_up() -> None:
    """Load torch, the loop, and what torch itself would load only with the first optimizer of a process."""
    import torch._dynamo  # noqa: F401

    import explorer.learning.loop  # noqa: F401
