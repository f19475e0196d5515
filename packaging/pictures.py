"""Makes the pictures of README.md from the running app: `uv run python packaging/pictures.py [FOLDER]`.

The real window is opened without a screen, brought into a state that says something, and grabbed. Settings
and state are of this run alone, so the pictures do not depend on whose machine makes them.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
SIZE = (1440, 900)
PATIENCE = 120.0

if TYPE_CHECKING:
    from PIL import Image
    from PySide6.QtWidgets import QApplication

    from explorer.network.graph import Network
    from explorer.session.session import OpenNetwork
    from explorer.ui.window import Window
    from explorer.ui.workspaces.build import BuildWorkspace


class Studio:
    """The window, and what is needed to make it hold still."""

    def __init__(self, app: QApplication, window: Window, folder: Path) -> None:
        self.app = app
        self.window = window
        self.folder = folder

    def wait(self, until: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Run the event loop until something is so."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise SystemExit("The app did not come to the state that the picture is of.")
            self.app.processEvents()
            time.sleep(0.005)

    def rest(self, seconds: float = 0.6) -> None:
        """Let everything that moves come to rest."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end)

    def open(self, network: Network) -> OpenNetwork:
        """Open a network in a tab of its own; the ones before it are closed."""
        before = list(self.window.session.tabs)
        tab = self.window.files.open_network(network)
        for old in before:
            old.mark_saved(Path(f"{old.title}.convnet"))
            self.window.files.close(old)
        self.rest()
        return tab

    def tidy(self) -> None:
        """Close all tabs but the one that is open."""
        for tab in list(self.window.session.tabs):
            if tab is not self.window.session.active:
                tab.mark_saved(Path(f"{tab.title}.convnet"))
                self.window.files.close(tab)

    @property
    def build(self) -> BuildWorkspace:
        """The workspace."""
        from explorer.ui.workspaces.build import BuildWorkspace

        shown = self.window.workspace
        assert isinstance(shown, BuildWorkspace)
        return shown

    def shoot(self, name: str, rest: float = 0.6) -> None:
        """Keep a picture of the window after a rest, packed as tightly as PNG can."""
        from PIL import Image
        from PySide6.QtCore import QBuffer, QIODevice

        self.rest(rest)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.window.grab().save(buffer, "PNG")
        file = self.folder / f"{name}.png"
        picture = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
        packed(picture).save(file, optimize=True)
        print(f"{file}  {file.stat().st_size / 1000:.0f} kB")


def packed(picture: Image.Image) -> Image.Image:
    """With 256 colours: the commonest, which are the theme's, as they are; photographs dithered."""
    from PIL import Image

    common = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)[:128]
    others = picture.quantize(128, Image.Quantize.FASTOCTREE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(channel for _, color in common for channel in color), *others[: 3 * 128]])
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def start(studio: Studio) -> None:
    """The start page."""
    studio.window.choose_theme("light")
    studio.rest(2.5)
    studio.shoot("start")


def build(studio: Studio) -> None:
    """ResNet-34 with its first stage open and a convolution selected, light and dark."""
    from explorer.zoo import catalogue

    tab = studio.open(opened(catalogue.find("resnet34").build(), "layer1"))
    first = next(
        node for node in tab.document.network.nodes.values() if type(node.layer).__name__ == "Conv2d"
    )
    studio.build.canvas.reveal(first.id)
    studio.rest()
    studio.shoot("build-light")
    studio.window.choose_theme("dark")
    studio.shoot("build-dark")
    studio.window.choose_theme("light")


def problem(studio: Studio) -> None:
    """A convolution of ResNet-34 with too few filters: the add behind it says so and offers mends."""
    from explorer.network.layers import Conv2d
    from explorer.network.operations import set_fields
    from explorer.network.problems import find_problems
    from explorer.zoo import catalogue

    tab = studio.open(opened(catalogue.find("resnet34").build(), ""))
    document = tab.document
    inside = [node for node in document.network.nodes.values() if node.block is not None]
    last = [node for node in inside if isinstance(node.layer, Conv2d)][1]
    change = set_fields(document.network, last.id, {"out_channels": 48})
    document.apply(change.title, change.edits)
    found = find_problems(document.network, document.inference)
    worst = next(one for one in found if one.node is not None and one.mends)
    studio.rest()
    studio.build.canvas.reveal(worst.node or "")
    studio.rest(1.5)
    studio.shoot("problem")


def run(studio: Studio) -> None:
    """VGG-16 with a picture run through it."""
    from explorer.network.layers import Conv2d
    from explorer.zoo import catalogue

    tab = studio.open(opened(catalogue.find("vgg16").build(), ""))
    studio.build.running.start(tab, ROOT / "assets" / "pictures" / "still-life.png")
    studio.wait(lambda: studio.build.running.results(tab) is not None)
    studio.wait(lambda: studio.build.running.running(tab) is None)
    convolutions = [node for node in tab.document.network.nodes.values() if isinstance(node.layer, Conv2d)]
    studio.build.canvas.reveal(convolutions[2].id)
    studio.rest(1.5)
    studio.shoot("run")


def code(studio: Studio) -> None:
    """The PyTorch code of ResNet-50 below its canvas."""
    from explorer.zoo import catalogue

    studio.open(opened(catalogue.find("resnet50").build(), ""))
    panels = studio.build.panels
    panels.set_shown("code", True)
    sizes = panels.middle.sizes()
    panels.middle.setSizes([sum(sizes) // 3, sum(sizes) - sum(sizes) // 3])
    studio.rest()
    studio.shoot("code")
    panels.set_shown("table", True)
    panels.set_shown("code", False)
    panels.middle.setSizes(sizes)


def filters(studio: Studio) -> None:
    """The filter lab as it opens."""
    studio.window.show_workspace("filters")
    studio.rest(2.5)
    studio.shoot("filters")


def inside(studio: Studio) -> None:
    """LeNet-5, trained, and what a unit of its second convolution sees of an ankle boot."""
    from explorer.ui.workspaces.filters.inside.jobs import Unit
    from explorer.ui.workspaces.filters.inside.page import InsidePage
    from explorer.ui.workspaces.filters.workspace import FiltersWorkspace

    studio.window.show_workspace("filters")
    workspace = studio.window.workspace
    assert isinstance(workspace, FiltersWorkspace)
    workspace.show_page(1)
    page = workspace.stack.currentWidget()
    assert isinstance(page, InsidePage)
    model = page.model
    page.open_trained()
    studio.wait(lambda: model.network is not None and model.network.name == "LeNet-5" and model.page)
    assert model.network is not None
    model.choose(model.network.paths["features.conv2"])
    studio.wait(lambda: model.page is not None and not model.passing.busy)
    assert model.page is not None
    model.pin(Unit(model.node, model.page.channels[1], 5, 4))
    studio.tidy()
    studio.wait(lambda: model.laid is not None)
    studio.shoot("inside")


def invariance(studio: Studio) -> None:
    """A pooled head beside a connected one, under a shift."""
    from explorer.ui.workspaces.filters.invariance.page import InvariancePage
    from explorer.ui.workspaces.filters.workspace import FiltersWorkspace

    studio.window.show_workspace("filters")
    workspace = studio.window.workspace
    assert isinstance(workspace, FiltersWorkspace)
    workspace.show_page(2)
    page = workspace.stack.currentWidget()
    assert isinstance(page, InvariancePage)
    page.model.choose_pair(("gap-head", "fc-head"))
    page.model.set_amount("shift", 0.12)
    studio.rest(1.0)
    studio.wait(lambda: page.model.curves is not None and not page.model.busy)
    studio.window.choose_theme("dark")
    studio.shoot("invariance")
    studio.window.choose_theme("light")
    workspace.show_page(0)


def train(studio: Studio) -> None:
    """LeNet-5 in training on the embedded sample, after a few epochs."""
    from explorer.ui.workspaces.train.workspace import TrainWorkspace

    studio.window.show_workspace("train")
    workspace = studio.window.workspace
    assert isinstance(workspace, TrainWorkspace)
    workspace.experiments.start_first()
    told = workspace.run
    studio.tidy()
    studio.wait(
        lambda: told.state is not None and told.state.epoch is not None and told.state.epoch.epoch >= 6
    )
    studio.shoot("train")
    told.stop()
    studio.wait(lambda: not told.running)


def faces(studio: Studio) -> None:
    """Verify, on the faces that ship: the claimed person is the one in view."""
    from explorer.ui.workspaces.faces.verdict import VerdictLine
    from explorer.ui.workspaces.faces.workspace import FacesWorkspace

    studio.window.show_workspace("faces")
    workspace = studio.window.workspace
    assert isinstance(workspace, FacesWorkspace)
    studio.window.choose_theme("dark")
    studio.rest()
    workspace.try_bundled()
    studio.wait(lambda: any(line.tone == "yes" for line in workspace.findChildren(VerdictLine)))
    studio.shoot("faces", rest=0.1)  # soon somebody else looks into the camera
    studio.window.choose_theme("light")


def compare(studio: Studio) -> None:
    """Plain-34 against ResNet-34, and the results with AlexNet and VGG-16 among them."""
    from explorer.ui.workspaces.compare.head import LAYERS, RESULTS
    from explorer.ui.workspaces.compare.sides import Side
    from explorer.ui.workspaces.compare.workspace import CompareWorkspace

    studio.window.show_workspace("compare")
    workspace = studio.window.workspace
    assert isinstance(workspace, CompareWorkspace)
    workspace.comparison.choose(Side("zoo", "alexnet"), Side("zoo", "vgg16"))
    workspace.go(1)
    workspace.go(1)
    studio.shoot("compare")
    workspace.show_page(RESULTS)
    assert workspace.results is not None
    workspace.results.table.setCurrentIndex(workspace.results.table.model().index(14, 0))
    studio.window.choose_theme("dark")
    studio.shoot("results")
    studio.window.choose_theme("light")
    workspace.show_page(LAYERS)


def transform(studio: Studio) -> None:
    """What shortcuts would make of Plain-34."""
    from explorer.zoo import catalogue

    studio.window.show_workspace("build")
    studio.open(opened(catalogue.find("plain34").build(), "layer1"))
    studio.build.transform("shortcuts")
    studio.shoot("transform")
    assert studio.build.sheet is not None
    studio.build.sheet.close_sheet()


def opened(network: Network, stage: str) -> Network:
    """The network with its blocks open whose path begins with `stage`, the others folded."""
    import msgspec

    blocks = {
        block.id: msgspec.structs.replace(block, folded=not network.block_path(block.id).startswith(stage))
        for block in network.blocks.values()
    }
    return replace(network, blocks=blocks)


def main() -> None:
    """Make all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "packaging" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(CONVNET_EXPLORER_HOME=home, QT_QPA_PLATFORM="offscreen")
        from explorer.ui.app import ENTRIES, application
        from explorer.ui.window import Window

        app = application()
        window = Window(ENTRIES)
        window.resize(*SIZE)
        window.show()
        studio = Studio(app, window, folder)
        for picture in (
            start,
            build,
            problem,
            run,
            code,
            filters,
            inside,
            invariance,
            train,
            faces,
            compare,
            transform,
        ):
            picture(studio)
        for tab in window.session.tabs:
            tab.mark_saved(Path("done.convnet"))
        window.close()
    total = sum(file.stat().st_size for file in folder.glob("*.png"))
    print(f"{total / 1e6:.2f} MB in all")


if __name__ == "__main__":
    main()
