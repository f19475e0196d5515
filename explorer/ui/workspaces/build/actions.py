"""The actions that Build adds to those of its canvas: panels, running, exporting, saved blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from explorer.ui.actions import Action
from explorer.ui.workspaces.build.transform.operations import OPERATIONS

if TYPE_CHECKING:
    from explorer.ui.workspaces.build.workspace import BuildWorkspace

_PANELS = (
    ("library", "Library", "panel-left", "Ctrl+1"),
    ("table", "Table of layers", "panel-bottom", "Ctrl+2"),
    ("inspector", "Inspector", "panel-right", "Ctrl+3"),
    ("budget", "Budget", "budget", "Ctrl+4"),
    ("code", "PyTorch code", "code", "Ctrl+5"),
)


def build_actions(build: BuildWorkspace) -> Iterator[Action]:
    """What is always the same while Build is shown."""
    yield from _panel_actions(build)
    yield from _layer_actions(build)
    yield from _transform_actions(build)
    yield from export_actions(build)


def _transform_actions(build: BuildWorkspace) -> Iterator[Action]:
    def any_layers() -> bool:
        return build.tab is not None and bool(build.tab.document.network.nodes)

    yield Action(
        "build.transform", "Transform…", build.transform, "Transform", shortcut="Ctrl+Shift+T", icon="tools",
        enabled=any_layers, keywords="surgery rebuild change whole network",
    )  # fmt: skip
    sections = {group: n for n, group in enumerate(dict.fromkeys(one.group for one in OPERATIONS), 1)}
    for operation in OPERATIONS:
        yield Action(
            f"build.transform.{operation.key}", f"{operation.title}…",
            partial(build.transform, operation.key), "Transform", sections[operation.group],
            enabled=any_layers, keywords="surgery transform",
        )  # fmt: skip


def _panel_actions(build: BuildWorkspace) -> Iterator[Action]:
    for name, text, symbol, key in _PANELS:
        yield Action(
            f"build.panel.{name}", text, partial(build.panels.toggle, name), "View", 2, "Panels", key,
            symbol, checked=partial(build.panels.is_shown, name), detail="panel",
            keywords="show hide collapse side bar",
        )  # fmt: skip
    yield Action(
        "build.next_panel", "Next panel", build.focus_next_panel, "View", 2, "Panels", "F6",
        "chevron-right", keywords="focus keyboard go to",
    )  # fmt: skip
    yield Action(
        "build.search_library", "Search the library", build.search_library, "View", 2, "Panels",
        "Ctrl+L", "search", keywords="find layer block network",
    )  # fmt: skip
    yield Action(
        "build.filter_table", "Filter the table", build.filter_table, "View", 2, "Panels", "Ctrl+Shift+F",
        "table", keywords="find search layers",
    )  # fmt: skip
    yield Action(
        "build.problems", "Show problems", build.show_problems, "View", 2, "Panels", "F8", "problem",
        enabled=lambda: bool(build.feed.problems), keywords="errors mends wrong",
    )  # fmt: skip


def _layer_actions(build: BuildWorkspace) -> Iterator[Action]:
    def selected() -> bool:
        tab = build.tab
        return tab is not None and bool(tab.selection.nodes or tab.selection.blocks)

    yield Action(
        "build.save_block", "Save selection as block", build.save_selection, "Layer", 5,
        icon="save", enabled=selected, keywords="library own keep reuse",
    )  # fmt: skip
    yield run_action(build)
    yield Action(
        "build.clear_run", "Forget the run", build.clear_run, "Layer", 6, icon="close",
        enabled=lambda: build.run_results is not None, keywords="picture columns",
    )  # fmt: skip


def run_action(build: BuildWorkspace) -> Action:
    """The main button."""
    return Action(
        "build.run_picture", "Run a picture", build.choose_picture, "Layer", 6, shortcut="Ctrl+R",
        icon="play", enabled=lambda: build.tab is not None, keywords="image forward activations time",
        detail="activations and times",
    )  # fmt: skip


def export_actions(build: BuildWorkspace) -> Iterator[Action]:
    """The entries of Export…"""

    def any_open() -> bool:
        return build.tab is not None

    yield Action(
        "build.export_picture", "Picture: SVG, PDF or PNG…", build.export_picture, "File", 2, "Export",
        icon="picture", enabled=any_open, keywords="image drawing vector export",
    )  # fmt: skip
    for kind, text, symbol, words in (
        ("py", "PyTorch code, checked…", "code", "python module source"),
        ("onnx", "ONNX, checked…", "network", "onnxruntime open neural network exchange"),
        ("safetensors", "Weights: safetensors…", "save", "trained tensors state dict"),
    ):
        yield Action(
            f"build.export_{kind}", text, partial(build.export_model, kind), "File", 2, "Export", icon=symbol,
            enabled=any_open, keywords=f"export check compare {words}",
        )  # fmt: skip
    for kind, words in (("csv", "CSV"), ("md", "Markdown"), ("html", "HTML")):
        yield Action(
            f"build.export_{kind}", f"Table as {words}…", partial(build.export_table, kind), "File", 2,
            "Export", icon="table", enabled=any_open, keywords="layers report spreadsheet export",
        )  # fmt: skip
    yield Action(
        "build.copy_table", "Copy the table", build.table.copy, "File", 2, "Export", icon="copy",
        enabled=any_open, keywords="spreadsheet clipboard tsv export",
    )  # fmt: skip
