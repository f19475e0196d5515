"""The left column: which data, which settings, and the kept runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu

from explorer.learning.settings import TrainSettings
from explorer.ui.shell.settings import Settings
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.train.data_source import DataSource
from explorer.ui.workspaces.train.runs_list import RunsList
from explorer.ui.workspaces.train.settings_form import SettingsForm

if TYPE_CHECKING:
    from explorer.learning.data import DataSet

FOLDER, CAMERA = "folder", "camera"
FOLDER_KEY = "train/folder"


class Side(ScrollPanel):
    """Fields and the list of runs; what is done with them is the workspace's."""

    data_chosen = Signal(object)
    """The name of a set, or the path of a folder."""
    resuming = Signal()
    exporting = Signal()
    weighing = Signal()
    commanding = Signal()
    collecting = Signal()
    deleting = Signal()

    def __init__(self, source: DataSource, usual: TrainSettings, kept: Settings) -> None:
        super().__init__("panel", 12, 8)
        self._source, self._settings = source, kept
        self.data = Choice([], "Data")
        self.form = SettingsForm(usual)
        self.find_rate = Button("Find the learning rate", "link")
        self.find_rate.setToolTip("A range test: a hundred batches at growing rates; nothing of it is kept")
        self.runs = RunsList()
        self.no_runs = Label("Every run is kept here with its settings, curves and weights.", "note")
        self.resume = Button("Resume")
        self.look = IconButton("eye", "Look inside the selected run…")
        self.export = IconButton("export", "Export the selected run…")
        self.delete = IconButton("delete", "Delete the selected run…")
        self._build()
        self.data.chosen.connect(self._choose)
        source.changed.connect(self.show_data)
        self.resume.clicked.connect(self.resuming)
        self.export.clicked.connect(self._offer_exports)
        self.delete.clicked.connect(self.deleting)
        self.runs.deleting.connect(self.deleting)
        self.show_data()

    def _build(self) -> None:
        self.no_runs.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.resume)
        row.addStretch(1)
        row.addWidget(self.look)
        row.addWidget(self.export)
        row.addWidget(self.delete)
        self.column.addWidget(Heading("Data"))
        self.column.addWidget(self.data)
        self.column.addWidget(Heading("Settings"))
        self.column.addWidget(self.form)
        finding = QHBoxLayout()
        finding.addWidget(self.find_rate)
        finding.addStretch(1)
        self.column.addLayout(finding)
        self.column.addWidget(Heading("Runs"))
        self.column.addWidget(self.no_runs)
        self.column.addWidget(self.runs)
        self.column.addLayout(row)
        self.column.addStretch(1)

    @property
    def data_here(self) -> DataSet | None:
        """The data that is read, for the names of its classes."""
        return self._source.data

    def _offer_exports(self) -> None:
        menu = QMenu(self)
        menu.addAction("Best weights as safetensors…").triggered.connect(lambda: self.weighing.emit())
        menu.addAction("Curves as CSV…").triggered.connect(lambda: self.exporting.emit())
        menu.addAction("Command for torchrun…").triggered.connect(lambda: self.commanding.emit())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def show_data(self) -> None:
        """Offer the named sets, the folder that is or was chosen, and another one."""
        source = self._source
        items = [(info.title.removesuffix(" (embedded)"), info.name) for info in source.listing()]
        words = self._settings.words(FOLDER_KEY)
        folder = source.name if source.is_folder else words[0] if words else ""
        if folder:
            items.append((Path(folder).name or folder, folder))
        items.append(("Folder of classes…", FOLDER))
        items.append(("Classes from the camera…", CAMERA))
        if [(self.data.itemText(at), self.data.itemData(at)) for at in range(self.data.count())] != items:
            self.data.clear()
            for text, value in items:
                self.data.addItem(text, value)
        self.data.set_value(source.name if source.is_folder else source.name.partition(":")[0])
        self.data.setToolTip(folder if source.is_folder else "")

    def set_busy(self, busy: bool) -> None:
        """While a training runs, its data and settings stay."""
        self.data.setEnabled(not busy)
        self.find_rate.setEnabled(not busy)
        self.form.set_busy(busy)

    def ask_for_folder(self) -> None:
        """Ask for a folder that has one folder of pictures a class."""
        words = self._settings.words(FOLDER_KEY)
        start = words[0] if words and Path(words[0]).is_dir() else str(Path.home())
        path = QFileDialog.getExistingDirectory(self, "A folder with one folder of pictures a class", start)
        if path:
            self.take_folder(Path(path))
        else:
            self.show_data()

    def take_folder(self, path: Path) -> None:
        """Choose this folder and remember it."""
        self._settings.set_words(FOLDER_KEY, [str(path)])
        self.data_chosen.emit(str(path))

    def _choose(self, name: object) -> None:
        if name == FOLDER:
            self.ask_for_folder()
        elif name == CAMERA:
            self.show_data()
            self.collecting.emit()
        elif name != self._source.name:
            self.data_chosen.emit(name)
