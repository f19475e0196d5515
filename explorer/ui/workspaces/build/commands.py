"""What Build adds to the palette: every layer, block and classic network, found by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from explorer.ui.actions import Action
from explorer.ui.workspaces.build.library_rows import (
    LibraryRow,
    block_rows,
    layer_rows,
    network_rows,
    saved_rows,
)

Choose = Callable[[str, str], object]


def library_commands(saved: list[str], choose: Choose) -> Iterator[Action]:
    """One command for each item; running it puts the item after the selection, or opens the network."""
    for row in network_rows():
        yield _command(row, choose, "Classic networks", "network", f"{row.detail} parameters", "open")
    for row in layer_rows():
        yield _command(row, choose, "Layers", "layer", "after the selection", "add insert append")
    for row in (*block_rows(), *saved_rows(saved)):
        yield _command(row, choose, "Blocks", "block", "after the selection", "add insert append")


def _command(row: LibraryRow, choose: Choose, group: str, symbol: str, detail: str, words: str) -> Action:
    return Action(
        f"build.library.{row.kind}.{row.name}",
        row.title,
        partial(choose, row.kind, row.name),
        icon=symbol,
        detail=detail,
        keywords=f"{words} {row.keywords}",
        group=group,
    )
