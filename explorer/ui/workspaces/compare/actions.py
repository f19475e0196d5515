"""What can be done in Compare, for the menus, the palette and Export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from explorer.ui.actions import Action
from explorer.ui.workspaces.compare.head import LAYERS, RESULTS
from explorer.ui.workspaces.compare.sides import TORCHVISION, Side
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.ui.workspaces.compare.workspace import CompareWorkspace

GROUP = "Compare"


def compare_actions(compare: CompareWorkspace) -> Sequence[Action]:
    """Everything, whether there is a button for it or not."""

    def there() -> bool:
        return compare.comparison.diff is not None

    return (
        Action("compare.next", "Next difference", lambda: compare.go(1), group=GROUP, shortcut="F8",
               enabled=there, keywords="forward jump"),
        Action("compare.previous", "Previous difference", lambda: compare.go(-1), group=GROUP,
               shortcut="Shift+F8", enabled=there, keywords="back jump"),
        run_action(compare),
        Action("compare.swap", "Swap A and B", compare.comparison.swap, group=GROUP, icon="swap",
               enabled=there),
        Action("compare.only", "Only differences", compare.toggle_only, group=GROUP,
               checked=lambda: compare.model.differences_only, keywords="hide same filter"),
        Action("compare.layers", "Show the layers side by side", lambda: compare.show_page(LAYERS),
               group=GROUP, keywords="table align"),
        Action("compare.results", "Show the results: error against size", lambda: compare.show_page(RESULTS),
               group=GROUP, keywords="plot imagenet error parameters macs year"),
        Action("compare.file", "Compare with a file…", lambda: compare.ask_for_file("b"),
               group=GROUP, icon="open"),
        Action("compare.copy", "Copy the comparison as a table", compare.copy, group=GROUP, icon="copy",
               enabled=there, keywords="spreadsheet clipboard"),
    )  # fmt: skip


def run_action(compare: CompareWorkspace) -> Action:
    """The main button."""
    return Action(
        "compare.run", "Run both", compare.run_both, group=GROUP, shortcut="Ctrl+R", icon="play",
        enabled=lambda: compare.comparison.diff is not None and not compare.running.busy,
        detail="on the same input", keywords="prove check difference outputs forward",
    )  # fmt: skip


def export_actions(compare: CompareWorkspace) -> Sequence[Action]:
    """The table of differences as a file."""
    kinds = (("csv", "Comparison as CSV…"), ("md", "Comparison as Markdown…"))
    return tuple(
        Action(
            f"compare.export.{kind}", text, partial(compare.export, kind), icon="table",
            enabled=lambda: compare.comparison.diff is not None, group=GROUP,
        )
        for kind, text in kinds
    )  # fmt: skip


def compare_commands(compare: CompareWorkspace, query: str) -> Iterable[Action]:
    """For the palette: every classic network as B, and what is typed behind `torchvision:`."""
    name = query.strip().removeprefix(TORCHVISION)
    if query.strip().startswith(TORCHVISION) and name.isidentifier():
        yield Action(
            f"compare.with.{TORCHVISION}{name}", f"Compare with {TORCHVISION}{name}",
            partial(compare.take, "b", Side("torchvision", name)), icon="compare",
            group="Compare with", keywords=query,
        )  # fmt: skip
    for entry in catalogue.entries():
        yield Action(
            f"compare.with.{entry.name}", f"Compare with {entry.title}",
            partial(compare.take, "b", Side("zoo", entry.name)), icon="compare",
            detail=str(entry.year or ""), group="Compare with", keywords=entry.name,
        )  # fmt: skip
