"""The settings of a Siamese training: data, encoder, loss and numbers; below them the result."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.faces.siamese_settings import FASHION, Loss, Mining, Optimizer, Settings
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Choice, NumberField
from explorer.ui.widgets.labels import ElidedLabel, Heading, Label
from explorer.ui.widgets.panels import Line, ScrollPanel
from explorer.ui.workspaces.faces.siamese_run import Data, EncoderKind
from explorer.ui.workspaces.faces.side_parts import Facts

LOSSES = (
    ("triplet", Loss.TRIPLET),
    ("contrastive", Loss.CONTRASTIVE),
    ("cross-entropy on |a − b|", Loss.CROSS_ENTROPY),
)
HELP = {
    Loss.TRIPLET: "max(‖A − P‖² − ‖A − N‖² + α, 0): a stranger must be farther by α.",
    Loss.CONTRASTIVE: "d² for one person, max(0, margin − d)² for two, margin 1.",
    Loss.CROSS_ENTROPY: "σ(Σ w|a − b| + b) is the chance of one person.",
}


class SiameseForm(ScrollPanel):
    """Fields and the result. `folder_wanted` when a folder must be chosen; `changed` with every field."""

    changed = Signal()
    folder_wanted = Signal()
    using = Signal()
    saving = Signal()
    applying = Signal()

    def __init__(self) -> None:
        super().__init__("panel", 16, 8)
        self.path: Path | None = None
        self.data = Choice([(kind.value, kind) for kind in Data], "Data")
        self.folder = Button("Choose a folder…")
        self.folder_name = ElidedLabel("one folder a person", "note")
        self.encoder = Choice([(kind.value, kind) for kind in EncoderKind], "Encoder")
        self.loss = Choice(LOSSES, "Loss")
        self.mining = Choice([(mining.value, mining) for mining in Mining], "Mining of triplets")
        self.optimizer = Choice((("Adam", Optimizer.ADAM), ("SGD", Optimizer.SGD)), "Optimizer")
        usual = FASHION
        self.alpha = NumberField(usual.alpha, 0.01, 4, decimals=2, step=0.05, name="Margin α")
        self.people = NumberField(usual.people_per_batch, 2, 256, name="People a batch, P")
        self.pictures = NumberField(usual.pictures_per_person, 2, 64, name="Pictures of each, K")
        self.epochs = NumberField(usual.epochs, 1, 1000, name="Epochs")
        self.seed = NumberField(usual.seed, 0, 2**31 - 1, name="Seed")
        self.rate = NumberField(usual.learning_rate, 1e-6, 10, decimals=6, step=0.0005, name="Learning rate")
        self.says = Label("", "note")
        self.about = Label("", "note")
        self.material = Label("", "note")
        self.facts = Facts()
        self.use = Button("Use this encoder in Verify", "primary")
        self.save = Button("Save weights…")
        self.apply = Button("Apply weights")
        self.apply.setToolTip("Give the open network what it learned; one step that can be undone")
        self.why = Label("", "note")
        for label in (self.says, self.about, self.material, self.why):
            label.setWordWrap(True)
        self._build()
        self._connect()
        self.mining.set_value(usual.mining)
        self._follow()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        rows: tuple[tuple[tuple[str, QWidget], ...], ...] = (
            (("data", self.data),),
            (("", self.folder),),
            (("encoder", self.encoder),),
            (("loss", self.loss),),
            (("mining", self.mining),),
            (("α", self.alpha), ("rate", self.rate)),
            (("P", self.people), ("K", self.pictures)),
            (("epochs", self.epochs), ("seed", self.seed)),
            (("optimizer", self.optimizer),),
        )
        for row, fields in enumerate(rows):
            for place, (words, field) in enumerate(fields):
                if words:
                    label = Label(words, "note")
                    label.setBuddy(field)
                    grid.addWidget(label, row, 2 * place)
                grid.addWidget(field, row, 2 * place + 1, 1, 1 if len(fields) > 1 else 3)
        column = self.column
        column.addWidget(Heading("Settings"))
        column.addLayout(grid)
        column.addWidget(self.folder_name)
        column.addWidget(self.says)
        column.addWidget(self.about)
        column.addWidget(self.material)
        column.addWidget(Line())
        column.addWidget(Heading("Result"))
        column.addWidget(self.facts)
        column.addWidget(self.use)
        column.addWidget(self.apply)
        column.addWidget(self.save)
        column.addWidget(self.why)
        column.addStretch(1)

    def _connect(self) -> None:
        for choice in (self.encoder, self.loss, self.mining, self.optimizer):
            choice.chosen.connect(lambda _: self._follow())
        self.data.chosen.connect(lambda _: self._take_data())
        self.folder.clicked.connect(self.folder_wanted)
        self.use.clicked.connect(self.using)
        self.save.clicked.connect(self.saving)
        self.apply.clicked.connect(self.applying)
        numbers = (self.alpha, self.people, self.pictures, self.epochs, self.seed, self.rate)
        for field in numbers:
            field.changing.connect(lambda _: self._follow())
        self.fields: tuple[QWidget, ...] = (
            self.data, self.folder, self.encoder, self.loss, self.mining, self.optimizer, *numbers,
        )  # fmt: skip

    # Qt gives enumerations of texts back as plain texts.

    @property
    def chosen_data(self) -> Data:
        return Data(self.data.currentData())

    @property
    def chosen_encoder(self) -> EncoderKind:
        return EncoderKind(self.encoder.currentData())

    @property
    def chosen_loss(self) -> Loss:
        return Loss(self.loss.currentData())

    def settings(self) -> Settings:
        """As the fields say. Clothes keep their own three classes unseen."""
        fashion = self.chosen_data is Data.FASHION
        return Settings(
            loss=self.chosen_loss,
            mining=Mining(self.mining.currentData()),
            alpha=float(self.alpha.value),
            people_per_batch=int(self.people.value),
            pictures_per_person=int(self.pictures.value),
            epochs=int(self.epochs.value),
            seed=int(self.seed.value),
            optimizer=Optimizer(self.optimizer.currentData()),
            learning_rate=float(self.rate.value),
            unseen=FASHION.unseen if fashion else None,
        )

    def choose(self, data: Data) -> None:
        """Take other data, with the settings that suit it."""
        self.data.set_value(data)
        self._take_data()

    def set_folder(self, path: Path) -> None:
        """The folder that was chosen."""
        self.path = path
        self.folder_name.setText(str(path))
        self._follow()

    def say_material(self, words: str) -> None:
        """How much the run has to learn from."""
        if self.material.text() != words:
            self.material.setText(words)
        self.material.setVisible(bool(words))

    def set_busy(self, busy: bool) -> None:
        """While it runs the settings are what they are."""
        for field in self.fields:
            field.setEnabled(not busy)
        if not busy:
            self._follow()

    def _take_data(self) -> None:
        usual = FASHION if self.chosen_data is Data.FASHION else Settings()
        self.people.set_value(usual.people_per_batch)
        self.pictures.set_value(usual.pictures_per_person)
        self.mining.set_value(usual.mining)
        if self.chosen_data is not Data.FACES and self.chosen_encoder is EncoderKind.SFACE:
            self.encoder.set_value(EncoderKind.SMALL)
        self._follow()

    def _follow(self) -> None:
        folder = self.chosen_data is not Data.FASHION
        self.folder.setVisible(folder)
        self.folder_name.setVisible(folder)
        loss = self.chosen_loss
        triplets = loss is Loss.TRIPLET
        self.mining.setEnabled(triplets)
        self.alpha.setEnabled(triplets)
        self.says.setText(HELP[loss])
        people, each = int(self.people.value), int(self.pictures.value)
        kind = "classes" if self.chosen_data is Data.FASHION else "people"
        text = f"A batch is {people} {kind} × {each} pictures = {people * each}."
        if self.chosen_data is Data.FASHION:
            text += " Seven classes are learned from; dress, coat and ankle boot stay unseen."
        self.about.setText(text)
        self.changed.emit()
