"""Which encoder compares: the one that ships, dlib's, or one that was trained here; each opens in Build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from explorer.faces.encoders import EncoderChoice, installed, of_file
from explorer.media.pictures import Picture
from explorer.network.graph import Network
from explorer.tasks.job import Work
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.side_parts import row_of

FOLDER_KEY = "faces/encoder-folder"
FILE = "From a file…"
OPEN, INSIDE = "Open in Build", "Look inside"


class EncoderPicker(QWidget):
    """A choice, a word on what follows from it, and the way to the network itself."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.model = model
        self._there: list[EncoderChoice] = list(installed())
        self.choice = Choice(name="Encoder")
        self.about = Label("", "note")
        self.about.setWordWrap(True)
        self.chip: Picture | None = None
        self.build, self.inside = Button(OPEN, "link", "network"), Button(INSIDE, "link", "eye")
        self.build.setToolTip("Its layers on the canvas, with its weights; a picture can be run through it")
        self.inside.setToolTip("What each layer makes of the face that is seen now")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Heading("Encoder"))
        column.addWidget(self.choice)
        column.addWidget(self.about)
        column.addLayout(row_of(self.build, self.inside))
        self.choice.chosen.connect(self._chosen)
        self.build.clicked.connect(self.open_in_build)
        self.inside.clicked.connect(self.look_inside)
        model.encoder_changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        used = self.model.encoder
        if all(one.version != used.version for one in self._there):
            self._there.append(used)
        self.choice.clear()
        for one in self._there:
            self.choice.addItem(one.title, one.version)
        self.choice.addItem(FILE, None)
        self.choice.set_value(used.version)
        self.about.setText(
            ""
            if used.ships
            else f"The gallery was read again. τ = {used.threshold:.3f}"
            + (", its own." if used.calibration is not None else ", from unseen people of its training.")
        )
        self.about.setVisible(not used.ships)
        self._offer()

    def show_chip(self, chip: Picture | None) -> None:
        """The face that is seen now, (112, 112, 3), or none."""
        self.chip = chip
        self.inside.setEnabled(chip is not None and self.build.isEnabled())

    def _offer(self) -> None:
        self.build.setEnabled(self.model.encoder.network is not None)
        self.show_chip(self.chip)

    def _chosen(self, version: object) -> None:
        found = next((one for one in self._there if one.version == version), None)
        if found is not None:
            self.model.use_encoder(found)
            return
        self.choice.set_value(self.model.encoder.version)
        self.ask_for_file()

    def ask_for_file(self) -> None:
        """Choose an encoder that was saved from the Siamese lab, or dlib's file."""
        settings = self.model.surroundings.settings
        before = next(iter(settings.words(FOLDER_KEY)), "")
        name, _ = QFileDialog.getOpenFileName(
            self.window(), "Use an encoder", before, "Encoders (*.safetensors *.dat);;All files (*)"
        )
        if name:
            settings.set_words(FOLDER_KEY, [str(Path(name).parent)])
            self.take_file(Path(name))

    def take_file(self, path: Path) -> None:
        """Use the encoder in a file, once it has been read."""
        self.model.surroundings.runner.start(
            Work("Reading the encoder", lambda _: of_file(path)), on_done=self.model.use_encoder
        )

    def open_in_build(self) -> None:
        """The network of the encoder in use, with its weights, in a tab of its own."""
        self._open(lambda: self.model.surroundings.show("build"))

    def look_inside(self) -> None:
        """The same network, and what it makes of the face that is seen now."""
        chip = self.chip
        if chip is not None:
            self._open(lambda: self.model.surroundings.hand("filters", chip, "The face, aligned"))

    def _open(self, then: Callable[[], object]) -> None:
        make, session = self.model.encoder.network, self.model.surroundings.session
        if make is None:
            return

        def opened(network: Network) -> None:
            there = next((tab for tab in session.tabs if tab.document.network == network), None)
            if there is not None:
                session.activate(there)
            else:
                session.open(network)
            then()

        self.build.setEnabled(False)
        self.inside.setEnabled(False)
        work = Work("Opening the encoder", lambda _: make())
        handle = self.model.surroundings.runner.start(work, on_done=opened)
        handle.ended.connect(self._offer)
