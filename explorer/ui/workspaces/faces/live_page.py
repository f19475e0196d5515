"""The live picture, or, where there is none, why not and what to do about it; and room for controls below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from explorer.media.sources import Device, FeedState
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.faces.button_row import ButtonRow
from explorer.ui.workspaces.faces.live_view import LiveView
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.sources import Sources
from explorer.ui.workspaces.faces.watch import Sight

Choice = tuple[str, str, Callable[[], object]]
"""The text of a button, its kind, and what it does."""

HELLO = "Look into the camera"
PRIVACY = "Faces are found and compared on this computer. Nothing is sent anywhere, nothing is kept unasked."


class LivePage(QWidget):
    """One for each tab that looks through the camera; it follows the model while it is on show."""

    def __init__(self, model: FacesModel, sources: Sources) -> None:
        super().__init__()
        self.model, self.sources = model, sources
        self.view = LiveView()
        self.page = StatePage()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.page)
        self.stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.stack, 1)
        self.below = QVBoxLayout()
        self.below.setContentsMargins(0, 0, 0, 0)
        self.below.setSpacing(8)
        column.addLayout(self.below)
        model.frame_changed.connect(self._show_frame)
        model.status_changed.connect(self.refresh)
        model.source_changed.connect(self.refresh)
        model.seen.connect(self._show_sight)
        sources.changed.connect(self.refresh)
        self.view.picked.connect(lambda x, y: model.pick((x, y)))
        self.refresh()

    def showEvent(self, event: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Say what the feed is doing."""
        model = self.model
        status = model.status
        trouble = self._trouble()
        if trouble is not None:
            self.page.say(*trouble)
            self.stack.setCurrentWidget(self.page)
            return
        self.stack.setCurrentWidget(self.view)
        if model.paused:
            self.view.show_words("Paused")
        elif model.frame is None:
            self.view.show_words(status.sentence if status.state is FeedState.OPENING else "")
        else:
            black = status.state is FeedState.BLACK
            self.view.show_words(f"{status.sentence}\n{status.advice}" if black else "")

    def _trouble(self) -> tuple[str, str, str, Sequence[Choice]] | None:
        """Symbol, title, text and buttons of the page that stands in for the picture."""
        sources, status = self.sources, self.model.status
        file: Choice = ("Use a video or picture…", "", lambda: sources.ask_for_file(self.window()))
        bundled: Choice = ("Try with bundled faces", "", sources.bundled_wanted.emit)
        camera: Choice = ("Start the camera", "primary", sources.start_camera)
        if self.model.source is None:
            if not sources.fault:
                return "camera", HELLO, PRIVACY, (camera, bundled, file)
            bundled = ("Try with bundled faces", "primary", bundled[2])
            again: Choice = ("Look again", "", sources.start_camera)
            sentence, _, rest = sources.fault.partition(";")
            advice = rest.strip().capitalize() or "Connect one, or see it work with the faces that ship."
            return "camera", sentence.removesuffix(".") + ".", advice, (bundled, file, again)
        if not status.state.stopped:
            return None
        retry = "Play again" if status.state is FeedState.ENDED else "Try again"
        choices: tuple[Choice, ...] = ((retry, "primary", self.model.retry), file, bundled)
        symbol = "play" if status.state is FeedState.ENDED else "problem"
        return symbol, status.sentence, status.advice, choices

    def _show_frame(self) -> None:
        if not self.isVisible():
            return
        frame = self.model.frame
        self.view.show_frame(frame, mirrored(self.model))
        if self.stack.currentWidget() is not self.view or self.view.has_words != self._wants_words():
            self.refresh()

    def _wants_words(self) -> bool:
        return self.model.paused or self.model.frame is None or self.model.status.state is FeedState.BLACK

    def _show_sight(self, sight: Sight) -> None:
        if self.isVisible():
            self.view.show_sight(sight)


def mirrored(model: FacesModel) -> bool:
    """People know themselves from mirrors; videos and pictures are shown as they are."""
    source = model.source
    return isinstance(source, Device) or type(source).__name__ == "QtDevice"


class StatePage(QWidget):
    """A calm page with a symbol, a sentence, advice, and buttons; the first one is what Enter does."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._symbol = _Symbol()
        self.title, self.text = Label("", "title"), Label("", "muted")
        self._shown: tuple[object, ...] = ()
        self._row = ButtonRow()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            label.setMaximumWidth(theme().tokens.px(480))
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(label, 1000)
            row.addStretch(1)
            column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(self._row)
        column.addStretch(3)
        theme().changed.connect(self.update)

    @property
    def buttons(self) -> list[QPushButton]:
        """Those on show."""
        return self._row.buttons

    def say(self, symbol: str, title: str, text: str, choices: Sequence[Choice]) -> None:
        """Show it, in place of what was shown before."""
        shown = (symbol, title, text, tuple(choice[:2] for choice in choices))
        if shown == self._shown:
            return
        self._shown = shown
        self._symbol.show_symbol(symbol)
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        focused = any(button.hasFocus() for button in self.buttons)
        buttons = [Button(words, kind) for words, kind, _ in choices]
        for button, (_, _, run) in zip(buttons, choices, strict=True):
            button.clicked.connect(lambda _=False, run=run: run())
        self._row.show_buttons(buttons)
        if focused and self.buttons:
            self.buttons[0].setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(tokens.line)
        painter.setBrush(tokens.panel)
        area = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, tokens.px(8), tokens.px(8))


class _Symbol(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._name = "camera"

    def show_symbol(self, name: str) -> None:
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(40), theme().tokens.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRect(0, 0, self.width(), self.height())
        paint_icon(QPainter(self), self._name, box, theme().tokens.muted)
