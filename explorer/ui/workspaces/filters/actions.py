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
    yield from _pages(filters)
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
        shortcut="Ctrl+Return", icon="plus", keywords="chain", enabled=filters.in_lab,
    )  # fmt: skip
    yield Action(
        "filters.flip", "Flip the kernel", filters.flip, "Edit", 22, checked=lambda: lab.filter.flip,
        keywords="convolution cross-correlation", enabled=filters.in_lab,
    )  # fmt: skip
    yield Action(
        "filters.play", "Play the sweep", stage.sweep.toggle, "View", 20, shortcut="F5", icon="play",
        live_text=lambda: "Stop the sweep" if stage.sweep.playing else "Play the sweep",
        enabled=filters.in_lab,
    )  # fmt: skip
    yield Action(
        "filters.pixels", "Zoom to the pixels", stage.zoom_to_pixels, "View", 20, shortcut="Ctrl+1",
        icon="zoom-in", enabled=filters.in_lab,
    )  # fmt: skip
    yield Action(
        "filters.fit", "Show the whole picture", stage.lens.fit, "View", 20, shortcut="Ctrl+0", icon="fit",
        enabled=filters.in_lab,
    )  # fmt: skip
    yield Action(
        "filters.search", "Search kernels", filters.search_kernels, "View", 20, shortcut="Ctrl+L",
        icon="search", enabled=filters.in_lab,
    )  # fmt: skip


def _pages(filters: FiltersWorkspace) -> Iterator[Action]:
    """The pages, and what goes to and from the open network."""
    for index, (name, title, words) in enumerate(
        (
            ("lab", "Filter lab", "kernel convolution"),
            (
                "inside",
                "Look inside the open network",
                "feature maps activations saliency grad-cam deconvnet",
            ),
            ("invariance", "Invariance", "equivariance shift rotate scale noise global average pooling"),
        )
    ):
        yield Action(
            f"filters.page.{name}", title, partial(filters.show_page, index), "View", 19,
            shortcut=f"Ctrl+Alt+{index + 1}", icon=("filters", "eye", "repeat")[index],
            checked=partial(filters.shows, index), keywords=words,
        )  # fmt: skip
    network = filters.surroundings.session
    yield Action(
        "filters.first-filters", "List the first filters of the open network", filters.list_first_filters,
        "Edit", 23, icon="network", enabled=lambda: network.active is not None,
        keywords="weights kernels conv1",
    )  # fmt: skip
    yield Action(
        "filters.use-weights", "Use the kernel as weights", filters.panel.weights.use.click, "Edit", 23,
        icon="import", enabled=lambda: filters.in_lab() and filters.panel.weights.use.isEnabled(),
        keywords="convolution open network",
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
