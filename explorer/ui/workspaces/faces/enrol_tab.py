"""Enrol: one picture of a person is enough; the coach asks for a good one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLineEdit, QWidget

from explorer.faces.gallery.gallery import MemoryGallery
from explorer.faces.gallery.records import clean_name, record_of
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.faces.quality import Hint
from explorer.media.pictures import read_picture
from explorer.ui.actions import Action
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import Switch
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.faces.chips import Chip
from explorer.ui.workspaces.faces.clerk import Clerk
from explorer.ui.workspaces.faces.coach import Coach, warnings
from explorer.ui.workspaces.faces.live_page import LivePage
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.pictures_page import FILTER
from explorer.ui.workspaces.faces.side_parts import SignedWords, column_of, quality_words, row_of
from explorer.ui.workspaces.faces.sources import Sources
from explorer.ui.workspaces.faces.tab import Tab
from explorer.ui.workspaces.faces.watch import Sight

MOST = 6
"""Pictures that are enrolled at once."""
FRESH = 1.0
"""Seconds for which what was seen last may still be taken."""
CONSENT = "This person agrees that their face is kept in this gallery."


class EnrolTab(Tab):
    """Takes pictures from the camera or from files, and puts them into the gallery under a name."""

    title = "Enrol"
    live = True
    enrolled = Signal(str)

    def __init__(self, model: FacesModel, sources: Sources, clerk: Clerk) -> None:
        super().__init__(model)
        self.clerk = clerk
        self.page = LivePage(model, sources)
        self.coach = Coach()
        self.take = Button("Take a picture", "primary", "camera")
        self.file = Button("From a file…")
        self.page.below.addWidget(self.coach)
        self.page.below.addLayout(row_of(self.take, self.file))
        self.widget = self.page
        self.panel = EnrolSide(model)
        self.side = self.panel
        self._last: Sight | None = None
        self._showing = False
        self.take.clicked.connect(self.take_picture)
        self.file.clicked.connect(self.ask_for_files)
        self.panel.enrol.clicked.connect(self.finish)
        self.panel.name.returnPressed.connect(self.finish)
        model.seen.connect(self._see)
        model.source_changed.connect(self._forget)
        model.status_changed.connect(self._follow)
        self._follow()

    def shown(self) -> None:
        self._showing = True
        self._follow()
        self.panel.refresh()

    def hidden(self) -> None:
        self._showing = False

    def begin(self, name: str = "") -> None:
        """Start for a person; with a name, one more picture of somebody who is enrolled."""
        self.panel.clear()
        self.panel.name.setText(name)
        (self.take if name else self.panel.name).setFocus()

    def actions(self) -> Sequence[Action]:
        take = Action(
            "faces.take", "Take a picture", self.take_picture, menu="Edit", section=20,
            shortcut="Ctrl+Return", icon="camera", enabled=self.take.isEnabled,
        )  # fmt: skip
        return (take,)

    def take_picture(self) -> None:
        """The face that is seen now becomes a picture to enrol."""
        if self._last is not None and self._last.reading is not None:
            self.panel.add(self._last.reading)

    def ask_for_files(self) -> None:
        """Let the person choose pictures."""
        settings = self.model.surroundings.settings
        before = next(iter(settings.words("faces/folder")), "")
        names, _ = QFileDialog.getOpenFileNames(self.page.window(), "Pictures of one person", before, FILTER)
        if names:
            settings.set_words("faces/folder", [str(Path(names[0]).parent)])
        for name in names[:MOST]:
            self.take_file(Path(name))

    def take_file(self, path: Path) -> None:
        """A picture from a file; what is wrong with it is said in the message line."""
        self.model.ask(partial(_read, path), self.panel.add)

    def finish(self) -> None:
        """Put the pictures into the gallery."""
        panel = self.panel
        if not panel.ready:
            panel.refresh()
            return
        name, readings, gallery = panel.full_name, list(panel.readings), self.model.gallery

        def work() -> None:
            gallery.add([record_of(name, reading, consent=True) for reading in readings])  # all or none

        panel.set_busy(True)
        self.clerk.put(
            f"Enrolling {name}", work, lambda _: self._done(name, readings), lambda _: panel.set_busy(False)
        )

    def _done(self, name: str, readings: list[Reading]) -> None:
        """They are in the gallery. What was typed or taken for the next person meanwhile stays."""
        panel = self.panel
        panel.set_busy(False)
        panel.let_go(name, readings)
        found = [one for one in self.model.names() if one.casefold() == clean_name(name).casefold()]
        if found:  # not deleted again by another window
            self.enrolled.emit(found[0])

    def _see(self, sight: Sight) -> None:
        if not self._showing:
            return
        if sight.reading is not None:
            self._last = sight
            self.coach.show_hints(sight.reading.hints)
            self.page.view.show_note(quality_words(sight.reading))
            good = sight.reading.quality.acceptable_for_enrolment and not sight.reading.hints
            self.page.view.show_answer("ready" if good else "", "yes" if good else "looking")
        elif sight.face is None:
            self.page.view.show_note(str(Hint.NONE))
            self.page.view.show_answer("", "looking")
            if self._last is not None and sight.time - self._last.time > FRESH:
                self._forget()
        self.take.setEnabled(self._last is not None)

    def _forget(self) -> None:
        self._last = None
        self.coach.show_hints(None)
        self.take.setEnabled(False)

    def _follow(self) -> None:
        if not self.model.status.state.running and not self.model.paused:
            self._forget()


class EnrolSide(ScrollPanel):
    """The name, the pictures so far, warnings, consent."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__("panel", margins=16, spacing=12)
        self.model = model
        self.readings: list[Reading] = []
        self._busy = False
        self.setAccessibleName("Enrol")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Their name")
        self.name.setAccessibleName("Name")
        self.pictures = Label("", "note")
        self.pictures.setWordWrap(True)
        self.chips = [TakenChip(index) for index in range(MOST)]
        grid = QGridLayout()
        grid.setSpacing(8)
        for index, chip in enumerate(self.chips):
            grid.addWidget(chip, index // 3, index % 3)
            chip.removed.connect(self.remove)
        grid.setColumnStretch(3, 1)
        holder = QWidget()
        holder.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        self.warnings = SignedWords()
        self.consent = Switch("They agree", CONSENT)
        self.consent_text = Label(CONSENT, "note")
        self.consent_text.setWordWrap(True)
        self.enrol = Button("Enrol", "primary")
        self.missing = Label("", "note")
        self.missing.setWordWrap(True)
        self.column.addWidget(Label("Enrol a person", "title"))
        self.column.addWidget(column_of(Heading("Name"), self.name))
        self.column.addWidget(column_of(Heading("Pictures"), self.pictures, holder))
        self.column.addWidget(self.warnings)
        self.column.addWidget(column_of(Heading("Consent"), self.consent, self.consent_text))
        self.column.addLayout(row_of(self.enrol))
        self.column.addWidget(self.missing)
        self.column.addStretch(1)
        self.name.textChanged.connect(self.refresh)
        self.consent.toggled.connect(self.refresh)
        model.gallery_changed.connect(self.refresh)
        model.threshold_changed.connect(self.refresh)
        self.refresh()

    @property
    def full_name(self) -> str:
        """The name; that of a person who is enrolled already, as it is written there."""
        typed = " ".join(self.name.text().split())
        return next((one for one in self.model.names() if one.casefold() == typed.casefold()), typed)

    @property
    def ready(self) -> bool:
        """Whether there is a name, a picture and consent, and nothing is being written."""
        return bool(not self._busy and self.full_name and self.readings and self.consent.isChecked())

    def add(self, reading: Reading) -> None:
        """One more picture; the oldest gives way when there are too many."""
        self.readings = [*self.readings, reading][-MOST:]
        self.refresh()

    def remove(self, index: int) -> None:
        """Take a picture away again."""
        if index < len(self.readings):
            del self.readings[index]
            self.refresh()

    def clear(self) -> None:
        """Begin anew. Consent is asked for each person."""
        self.readings = []
        self.name.clear()
        self.consent.setChecked(False)
        self.refresh()

    def let_go(self, name: str, readings: list[Reading]) -> None:
        """Begin anew after these were enrolled; what is of somebody else stays."""
        if self.full_name.casefold() == name.casefold():
            self.name.clear()
            self.consent.setChecked(False)
        self.readings = [one for one in self.readings if all(one is not other for other in readings)]
        self.refresh()

    def set_busy(self, busy: bool) -> None:
        """Whether the gallery is being written, which a slow disk or another window may draw out."""
        self._busy = busy
        self.refresh()

    def refresh(self) -> None:
        """Show the pictures, what should be known of them, and what is still missing."""
        count = len(self.readings)
        self.pictures.setText(
            "One is enough; more, in other light or with glasses, are averaged: that errs less."
            if count == 0
            else "Good: one is enough."
            if count == 1
            else f"{count} pictures; their mean counts."
        )
        for index, chip in enumerate(self.chips):
            chip.show_chip(self.readings[index].chip if index < count else None)
            chip.setVisible(index < max(3, 3 * -(-count // 3)))
        self.warnings.show_words(warnings(self.model, self.full_name, self.readings) if self.readings else [])
        lacking = [
            words
            for words, there in (
                ("a name", bool(self.full_name)),
                ("a picture", count > 0),
                ("their consent", self.consent.isChecked()),
            )
            if not there
        ]
        self.enrol.setEnabled(not lacking and not self._busy)
        self.enrol.setText("Enrolling…" if self._busy else "Enrol")
        stays = (
            "Kept in memory until you say otherwise."
            if isinstance(self.model.gallery, MemoryGallery)
            else "Kept encrypted on this computer, until you delete them."
        )
        self.missing.setText(f"Still missing: {', '.join(lacking)}." if lacking else stays)


class TakenChip(Chip):
    """A picture to enrol; a click or Delete takes it away."""

    removed = Signal(int)

    def __init__(self, index: int) -> None:
        super().__init__(80, f"Picture {index + 1}")
        self._index = index

    def show_chip(self, chip: object) -> None:
        super().show_chip(chip)  # type: ignore[arg-type]
        there = chip is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if there else Qt.FocusPolicy.NoFocus)
        self.setToolTip("Click to take it away" if there else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if there else Qt.CursorShape.ArrowCursor)
        self.setAccessibleDescription("Delete takes it away." if there else "Empty")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self.empty:
            self.removed.emit(self._index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.empty and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return):
            self.removed.emit(self._index)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            tokens = theme().tokens
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(tokens.accent, 2))
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(area, tokens.px(8), tokens.px(8))


def _read(path: Path, pipeline: FacePipeline) -> Reading:
    return pipeline.read(read_picture(path), name=f"“{path.name}”")
