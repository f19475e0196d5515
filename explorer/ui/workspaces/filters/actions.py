"""What Filters adds to the menus, the shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from explorer.imaging.kernels import KERNELS
from explorer.ui.actions import Action
from explorer.ui.workspaces.filters.presets import LECTURE, bundled, title_of

if TYPE_CHECKING:
    from explorer.ui.workspaces.filters.workspace import FiltersWorkspace


def filter_actions(filters: FiltersWorkspace) -> Iterator[Action]:
    """What is always the same while Filters is shown."""
    lab, sources, stage = filters.lab, filters.sources, filters.stage
    yield Action(
        "filters.open", "Open a picture or a video…", partial(sources.ask_for_file, filters), "File", 20,
        shortcut="Ctrl+Shift+O", icon="picture", keywords="load image",
    )  # fmt: skip
    yield Action(
        "filters.camera", "Start the camera", sources.start_camera, "File", 20, icon="camera",
        keywords="webcam live",
    )  # fmt: skip
    yield Action(
        "filters.paste", "Paste a picture", sources.paste, "Edit", 20, shortcut="Ctrl+V", icon="paste",
        keywords="clipboard",
    )  # fmt: skip
    yield from result_actions(filters)
    yield Action(
        "filters.undo", "Undo in the filter lab", lab.undo, "Edit", 21, icon="undo",
        enabled=lambda: bool(lab.past.undo_title), detail="Ctrl+Z where one works in it",
        live_text=lambda: f"Undo {lab.past.undo_title or 'in the filter lab'}",
    )  # fmt: skip
    yield Action(
        "filters.redo", "Redo in the filter lab", lab.redo, "Edit", 21, icon="redo",
        enabled=lambda: bool(lab.past.redo_title),
        live_text=lambda: f"Redo {lab.past.redo_title or 'in the filter lab'}",
    )  # fmt: skip
    yield Action(
        "filters.add", "Add a filter after this one", filters.chain.add_step, "Edit", 22,
        shortcut="Ctrl+Return", icon="plus", keywords="chain",
    )  # fmt: skip
    yield Action(
        "filters.flip", "Flip the kernel", filters.flip, "Edit", 22, checked=lambda: lab.filter.flip,
        keywords="convolution cross-correlation",
    )  # fmt: skip
    yield Action(
        "filters.play", "Play the sweep", stage.sweep.toggle, "View", 20, shortcut="F5", icon="play",
        live_text=lambda: "Stop the sweep" if stage.sweep.playing else "Play the sweep",
    )  # fmt: skip
    yield Action(
        "filters.pixels", "Zoom to the pixels", stage.zoom_to_pixels, "View", 20, shortcut="Ctrl+1",
        icon="zoom-in",
    )  # fmt: skip
    yield Action(
        "filters.fit", "Show the whole picture", stage.lens.fit, "View", 20, shortcut="Ctrl+0", icon="fit"
    )
    yield Action(
        "filters.search", "Search kernels", filters.search_kernels, "View", 20, shortcut="Ctrl+L",
        icon="search",
    )  # fmt: skip


def result_actions(filters: FiltersWorkspace) -> Iterator[Action]:
    """What can be done with the result; also the entries of Export…."""
    yield Action(
        "filters.copy", "Copy the result", filters.copy_result, "Edit", 20, shortcut="Ctrl+C", icon="copy",
        enabled=filters.has_result,
    )  # fmt: skip
    yield Action(
        "filters.save", "Save the result…", filters.save_result, "File", 20, icon="export",
        enabled=filters.has_result,
    )  # fmt: skip


def filter_commands(filters: FiltersWorkspace) -> Iterator[Action]:
    """Every kernel and every picture, for the palette."""
    lab, sources = filters.lab, filters.sources
    for kernel in KERNELS:
        yield Action(
            f"filters.kernel.{kernel.name}", kernel.title, partial(lab.choose_kernel, kernel),
            icon="filters", detail=kernel.group, group="Kernels", keywords="filter",
        )  # fmt: skip
    for path in bundled():
        yield Action(
            f"filters.picture.{path.stem}", title_of(path), partial(sources.show_bundled, path),
            icon="picture", group="Pictures",
        )  # fmt: skip
    for preset in LECTURE:
        yield Action(
            f"filters.preset.{preset.padding}", preset.title, partial(sources.show_preset, preset),
            icon="learn", group="Pictures", keywords="example",
        )  # fmt: skip
