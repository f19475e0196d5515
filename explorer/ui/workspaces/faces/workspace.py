"""Faces: people on the left, tabs with the live picture in the middle, the answer on the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.faces.gallery.records import record_of
from explorer.faces.pipeline import Reading
from explorer.media.pictures import SUFFIXES
from explorer.ui.actions import Action
from explorer.ui.theme import theme
from explorer.ui.widgets.panels import Splitter
from explorer.ui.workspace import Figure, Status, Surroundings, Workspace
from explorer.ui.workspaces.faces.actions import faces_actions, people_commands
from explorer.ui.workspaces.faces.bundled import BundledFaces, read_enrolled
from explorer.ui.workspaces.faces.clerk import Clerk
from explorer.ui.workspaces.faces.enrol_tab import EnrolTab
from explorer.ui.workspaces.faces.keeping import ENCRYPTED, ENDING, Keeping
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.people_panel import PeoplePanel
from explorer.ui.workspaces.faces.recognise_tab import RecogniseTab
from explorer.ui.workspaces.faces.sources import VIDEOS, SourceButton, Sources
from explorer.ui.workspaces.faces.strip import Strip
from explorer.ui.workspaces.faces.tab import Tab
from explorer.ui.workspaces.faces.verify_tab import VerifyTab
from explorer.ui.workspaces.faces.watch import Sight

LEFT_WIDTH, RIGHT_WIDTH = 216, 320
TELL_MS = 500
"""How often the times in the status line change."""


class FacesWorkspace(Workspace):
    """Puts the parts together; each follows the model by itself."""

    def __init__(self, surroundings: Surroundings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.surroundings = surroundings
        self.model = FacesModel(surroundings)
        self.sources = Sources(self.model)
        self.clerk = Clerk(self.model)
        self.keeping = Keeping(self.model, self.clerk, self)
        self.people = PeoplePanel(self.model)
        self.verify = VerifyTab(self.model, self.sources)
        self.recognise = RecogniseTab(self.model, self.sources)
        self.enrol = EnrolTab(self.model, self.sources, self.clerk)
        self.tabs: list[Tab] = [self.verify, self.recognise, self.enrol, *self._more_tabs()]
        self.tab: Tab = self.verify
        self._sight: Sight | None = None
        self._encode_ms: float | None = None
        self._begun = False
        self._build()
        self._connect()
        self._tell_later = QTimer(self, interval=TELL_MS)
        self._tell_later.timeout.connect(self.changed)

    def _more_tabs(self) -> list[Tab]:
        """The workbenches, which know nothing of the camera."""
        from explorer.ui.workspaces.faces import WORKBENCHES

        return [getattr(import_module(module), name)(self.model) for module, name in WORKBENCHES]

    def _build(self) -> None:
        self.stack, self.sides = QStackedWidget(), QStackedWidget()
        self._none = QWidget()
        self.sides.addWidget(self._none)
        for tab in self.tabs:
            self.stack.addWidget(tab.widget)
            if tab.side is not None:
                self.sides.addWidget(tab.side)
        self.source = SourceButton(self.sources)
        self.strip = Strip([tab.title for tab in self.tabs], self.source)
        self.strip.chosen.connect(lambda index: self.show_tab(self.tabs[index]))
        self.middle = QWidget()
        self.middle.setProperty("ground", "window")
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.strip)
        column.addWidget(self.stack, 1)
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(self.people)
        self.across.add(self.middle, 1)
        self.across.add(self.sides)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.across)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self._widen)
        self._widen()
        self._show_parts()

    def _connect(self) -> None:
        people, keeping = self.people, self.keeping
        people.enrolling.connect(lambda: self.start_enrolment(""))
        people.adding.connect(self.start_enrolment)
        people.importing.connect(keeping.import_)
        people.renaming.connect(keeping.rename)
        people.deleting.connect(keeping.delete)
        people.trying.connect(self.try_bundled)
        people.keeping.connect(keeping.keep)
        people.unlocking.connect(keeping.unlock)
        keeping.changed.connect(lambda: people.set_where(keeping.where))
        self.sources.bundled_wanted.connect(self.try_bundled)
        self.enrol.enrolled.connect(self._greet)
        self.model.seen.connect(self._see)
        self.model.gallery_changed.connect(self.changed)

    # -- the window's questions ------------------------------------------------------------------------

    def own_actions(self) -> Sequence[Action]:
        return faces_actions(self)

    def commands(self, query: str) -> Iterable[Action]:
        return people_commands(self)

    def primary_action(self) -> Action | None:
        return Action("faces.primary", "Verify two pictures…", self.verify_pictures)

    def export_actions(self) -> Sequence[Action]:
        return (
            Action("faces.export-file", "Gallery, encrypted…", self.keeping.export, enabled=self.has_people),
        )

    def status(self) -> Status:
        left = (
            Figure("", "everything stays on this computer"),
            Figure(f"YuNet + {self.model.encoder.title}", "find and compare"),
        )
        right = []
        if self._sight is not None and self.model.status.state.running:
            right.append(Figure(f"{self._sight.detect_ms:.0f} ms", "detect", before=True))
            if self._encode_ms is not None:
                right.append(Figure(f"{self._encode_ms:.0f} ms", "encode", before=True))
        return Status(left, tuple(right))

    def take_file(self, path: Path) -> bool:
        """A picture goes to where pictures are looked at, a video stands in for the camera."""
        ending = path.suffix.lower()
        if ending == ENDING:
            self.keeping.import_from(path)
        elif ending in SUFFIXES and ending != ".gif":
            if self.tab is self.enrol:
                self.enrol.take_file(path)
            else:
                self.verify_pictures()
                self.verify.pictures.take(path)
        elif ending in VIDEOS:
            self.sources.take_path(path)
        else:
            return False
        return True

    # -- going about -----------------------------------------------------------------------------------

    def show_tab(self, tab: Tab) -> None:
        """Show a tab; the camera is given back where it is not needed."""
        if tab is not self.tab:
            self.tab.hidden()
            self.tab = tab
            if self._begun:
                tab.shown()
        self._show_parts()
        self.changed.emit()

    def _show_parts(self) -> None:
        self.stack.setCurrentWidget(self.tab.widget)
        side = self.tab.side
        self.sides.setCurrentWidget(side if side is not None else self._none)
        self.sides.setVisible(side is not None)
        self.model.look(self.tab.live)
        self.strip.show_current(self.tabs.index(self.tab), self.tab.live)

    def verify_pictures(self) -> None:
        """Two pictures: one person, or two?"""
        self.show_tab(self.verify)
        self.verify.show_pictures()

    def verify_person(self, name: str) -> None:
        """Is it them, before the camera?"""
        self.show_tab(self.verify)
        if not self.verify.live_now:
            self.verify.show_camera()
        self.model.set_claim(name)

    def start_enrolment(self, name: str) -> None:
        """Enrol somebody, or add a picture of somebody who is enrolled."""
        self.show_tab(self.enrol)
        self.enrol.begin(name)

    def try_bundled(self) -> None:
        """The faces that ship come before the camera, and some of them are enrolled."""
        if self.keeping.where == ENCRYPTED:
            self.surroundings.messages.ask(
                "The bundled faces are not put into the gallery that is kept, unless you want it.",
                ("Add them", self._enrol_bundled),
            )
        else:
            self._enrol_bundled()
        if self.tab is self.verify and not self.verify.live_now:
            self.verify.show_camera()
        if not self.tab.live:
            self.show_tab(self.verify)
        self.sources.choose(BundledFaces())

    def _enrol_bundled(self) -> None:
        self.model.ask(read_enrolled, self._take_bundled)

    def _take_bundled(self, people: list[tuple[str, Reading]]) -> None:
        held, gallery = set(self.model.names()), self.model.gallery
        new = [(name, reading) for name, reading in people if name not in held]

        def work() -> None:
            gallery.add([record_of(name, reading, consent=True) for name, reading in new])

        def claim(_: None) -> None:
            if self.model.claim is None:
                self.model.set_claim(people[0][0])

        self.clerk.put("Enrolling the bundled faces", work, claim)

    def _greet(self, name: str) -> None:
        self.model.set_claim(name)
        self.surroundings.messages.ask(
            f"{name} is enrolled.", ("Verify now", lambda: self.show_tab(self.verify)), kind="ok"
        )

    def has_people(self) -> bool:
        """Whether anybody is enrolled."""
        return bool(self.model.names())

    def _see(self, sight: Sight) -> None:
        self._sight = sight
        if sight.reading is not None:
            self._encode_ms = sight.encode_ms

    def _widen(self) -> None:
        px = theme().tokens.px
        self.people.setMinimumWidth(px(LEFT_WIDTH))
        self.sides.setMinimumWidth(px(280))
        self.across.setSizes(
            [px(LEFT_WIDTH), max(px(320), self.width() - px(LEFT_WIDTH + RIGHT_WIDTH)), px(RIGHT_WIDTH)]
        )

    # -- shown and hidden --------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        first = not self._begun
        self._begun = True
        if first:
            self._widen()
            self.keeping.open_kept()
            if self.surroundings.camera is not None:
                self.sources.take_path(self.surroundings.camera)
        self.model.resume()
        self.tab.shown()
        self._tell_later.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.tab.hidden()
        self._tell_later.stop()
        self.model.pause()
        if not self.window().isVisible():  # the window closes: what runs must have ended before it is gone
            self.close_down()

    def close_down(self) -> None:
        """End all that runs; showing it again begins anew."""
        for tab in self.tabs:
            tab.close_down()
        self.model.close_down()
        self.sources.close_down()
        self.keeping.close_down()
