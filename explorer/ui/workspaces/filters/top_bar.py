"""The line above everything in Filters: its pages, and at the right where the picture comes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.panels import Panel
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.sources import SourceButton, Sources

NARROW = 800
"""Below this width the buttons of the sources show their icons alone."""


class TopBar(Panel):
    """`chosen(index)` with a click on a page's name. Follows the lab by itself."""

    chosen = Signal(int)

    def __init__(self, titles: Sequence[str], lab: Lab, sources: Sources) -> None:
        super().__init__("window", 0, 0)
        self._lab = lab
        self.pages: list[Button] = []
        self.source = SourceButton(sources, lab)
        self.camera = Button("Camera", "", "camera")
        self.paste = Button("Paste", "", "paste")
        self.freeze = Button("Freeze", "", "stop")
        self._named = ((self.camera, "Camera"), (self.paste, "Paste"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.setSpacing(4)
        for index, title in enumerate(titles):
            button = Button(title, "quiet")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, index=index: self.chosen.emit(index))
            self.pages.append(button)
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.freeze, self.source, self.camera, self.paste):
            row.addSpacing(4)
            row.addWidget(button)
        self.column.setContentsMargins(12, 8, 12, 8)
        self.column.addLayout(row)
        self.camera.clicked.connect(sources.start_camera)
        self.paste.clicked.connect(sources.paste)
        self.freeze.clicked.connect(lambda: lab.freeze() if lab.live else lab.go_on())
        lab.source_changed.connect(self._follow)
        lab.result_changed.connect(self._offer_freeze)
        theme().changed.connect(self._name)
        self._follow()

    def show_current(self, index: int, with_source: bool = True) -> None:
        """Tick a page, and say whether it looks at the picture."""
        for place, button in enumerate(self.pages):
            button.setChecked(place == index)
        for button in (self.source, self.camera, self.paste):
            button.setVisible(with_source)
        self._offer_freeze()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name()

    def _name(self) -> None:
        wide = self.width() >= theme().tokens.px(NARROW)
        for button, name in self._named:
            button.setText(name if wide else "")
            button.setAccessibleName(name)
            button.setToolTip("" if wide else name)

    def _follow(self) -> None:
        lab = self._lab
        self.freeze.setText("Freeze" if lab.live else "Go on")
        self.freeze.setToolTip(
            "Stay with this picture, to look at its pixels" if lab.live else "Look at the source again"
        )
        self.freeze.setAccessibleName(self.freeze.text())
        self._offer_freeze()

    def _offer_freeze(self) -> None:
        lab = self._lab
        offered = (lab.live and lab.result is not None) or lab.frozen
        self.freeze.setVisible(offered and not self.source.isHidden())
