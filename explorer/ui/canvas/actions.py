"""The canvas's commands as actions, for the menus, the shortcuts and the palette of its workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from explorer.ui.actions import Action

if TYPE_CHECKING:
    from explorer.ui.canvas.canvas import Canvas


def canvas_actions(canvas: Canvas) -> Iterator[Action]:
    """Everything a person can do on the canvas that is not a mouse gesture or a walk with the arrows."""
    yield from _edit_actions(canvas)
    yield from _layer_actions(canvas)
    yield from _view_actions(canvas)


def _edit_actions(canvas: Canvas) -> Iterator[Action]:
    some = _some_selected(canvas)

    def links_too() -> bool:
        return canvas.selection is not None and not canvas.selection.empty

    yield Action("canvas.cut", "Cut", canvas.cut, "Edit", 1, "", "Ctrl+X", "cut", some)
    yield Action("canvas.copy", "Copy", canvas.copy, "Edit", 1, "", "Ctrl+C", "copy", some)
    yield Action("canvas.paste", "Paste", canvas.paste, "Edit", 1, "", "Ctrl+V", "paste", _open(canvas))
    yield Action(
        "canvas.duplicate", "Duplicate", canvas.duplicate, "Edit", 1, "", "Ctrl+D", "duplicate", some
    )
    yield Action("canvas.delete", "Delete", canvas.delete, "Edit", 1, "", "Del", "delete", links_too)
    yield Action(
        "canvas.select_all",
        "Select all",
        canvas.select_all,
        "Edit",
        2,
        "",
        "Ctrl+A",
        "select-all",
        _open(canvas),
    )


def _layer_actions(canvas: Canvas) -> Iterator[Action]:
    some = _some_selected(canvas)

    def one() -> bool:
        return canvas.selected_count == 1

    def one_or_link() -> bool:
        return canvas.selected_count == 1 or canvas.current_wire is not None

    def several() -> bool:
        return canvas.selected_count > 1

    def blocks() -> bool:
        return bool(canvas.selected_blocks)

    def any_blocks() -> bool:
        return canvas.network is not None and bool(canvas.network.blocks)

    def training() -> None:
        canvas.set_training_only(not canvas.selection_training_only)

    yield Action("canvas.rename", "Rename", canvas.rename, "Layer", 0, "", "F2", "rename", one)
    yield Action(
        "canvas.connect", "Connect", canvas.connect_selected, "Layer", 0, "", "Ctrl+J", "link", several,
        detail="the first selected to the last", keywords="link wire skip shortcut",
    )  # fmt: skip
    yield Action(
        "canvas.disconnect", "Disconnect", canvas.disconnect_selected, "Layer", 0, "", "Ctrl+Shift+J",
        "unlink", several, keywords="remove link wire",
    )  # fmt: skip
    yield Action(
        "canvas.select_link", "Select a link", canvas.select_link, "Layer", 0, "", "", "link", one_or_link,
        detail="L on the canvas", keywords="wire remove insert on",
    )  # fmt: skip
    yield Action(
        "canvas.group", "Group as block", canvas.group, "Layer", 1, "", "Ctrl+G", "block", some,
        keywords="wrap module",
    )  # fmt: skip
    yield Action(
        "canvas.ungroup", "Ungroup", canvas.ungroup, "Layer", 1, "", "Ctrl+Shift+G", "unlink", blocks,
        keywords="dissolve block",
    )  # fmt: skip
    yield Action(
        "canvas.repeat", "Repeat block…", canvas.ask_repeat_selected, "Layer", 1, "", "", "repeat", blocks,
        keywords="times copies ×N",
    )  # fmt: skip
    yield Action("canvas.fold", "Fold or unfold", canvas.activate_blocks, "Layer", 2, "", "", "fold", blocks)
    yield Action(
        "canvas.fold_all", "Fold all blocks", canvas.fold_all, "Layer", 2, "", "", "fold", any_blocks
    )
    yield Action(
        "canvas.expand_all", "Unfold all blocks", canvas.expand_all, "Layer", 2, "", "", "unfold", any_blocks,
        keywords="flat expand",
    )  # fmt: skip
    yield Action(
        "canvas.training_only", "Only in training", training, "Layer", 3, "", "", "", some,
        lambda: canvas.selection_training_only, keywords="auxiliary head",
    )  # fmt: skip


def _view_actions(canvas: Canvas) -> Iterator[Action]:
    shown = _open(canvas)
    yield Action(
        "canvas.fit", "Fit on the screen", canvas.fit, "View", 3, "", "", "fit", shown,
        detail="F on the canvas", keywords="zoom whole network",
    )  # fmt: skip
    yield Action(
        "canvas.zoom_in", "Zoom in", canvas.zoom_in, "View", 3, "", "Ctrl++; Ctrl+=", "zoom-in", shown
    )
    yield Action("canvas.zoom_out", "Zoom out", canvas.zoom_out, "View", 3, "", "Ctrl+-", "zoom-out", shown)
    yield Action("canvas.zoom_reset", "Zoom to 100 %", canvas.zoom_reset, "View", 3, "", "Ctrl+0", "", shown)
    yield Action(
        "canvas.tidy", "Tidy", canvas.tidy, "View", 4, "", "", "tidy", shown,
        keywords="arrange layout place again",
    )  # fmt: skip
    yield Action(
        "canvas.dock", "Dock riders", lambda: canvas.set_docked(not canvas.docked), "View", 4, "", "", "",
        shown, lambda: canvas.docked, "norm, activation and dropout under their layer", "every layer a card",
    )  # fmt: skip
    yield Action(
        "canvas.minimap", "Overview", lambda: canvas.set_minimap(not canvas.minimap.wanted), "View", 4, "",
        "", "minimap", shown, lambda: canvas.minimap.wanted, keywords="minimap map",
    )  # fmt: skip


def _open(canvas: Canvas) -> Callable[[], bool]:
    return lambda: canvas.editor is not None


def _some_selected(canvas: Canvas) -> Callable[[], bool]:
    return lambda: not canvas.selection_empty
