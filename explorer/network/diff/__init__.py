"""Two networks side by side: what is the same, changed, added and removed, block by block."""

from explorer.network.diff.compare import Diff, Row, Status, compare
from explorer.network.diff.outline import Part
from explorer.network.diff.pairing import Delta

__all__ = ["Delta", "Diff", "Part", "Row", "Status", "compare"]
