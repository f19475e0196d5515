"""Where the panels of Build are: library, canvas over table, inspector over budget. Sizes are kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.widgets.panels import Splitter
from explorer.ui.workspaces.build.budget_section import BudgetSection

LIBRARY_WIDTH, INSPECTOR_WIDTH, TABLE_HEIGHT, BUDGET_HEIGHT = 220, 354, 224, 376
LEAST_LIBRARY = 164
"""So wide that most names of layers can be read whole."""
ROOMY, ROOMY_LIBRARY = 1700, 272
"""From this width on the library has room for the longest names."""
TALL = 960
"""Where there is less height than this, the budget begins folded, so that the inspector has room."""
KEEP_MS = 400

SIDE_BY_SIDE = 900
"""Where the canvas is narrower than this, the code takes the place of the table."""

PANELS = ("library", "table", "code", "inspector", "budget")


class Panels(QWidget):
    """The splitters. `toggle(name)` shows or hides one of PANELS (the budget folds to a line)."""

    def __init__(
        self,
        library: QWidget,
        canvas: QWidget,
        table: QWidget,
        code: QWidget,
        inspector: QWidget,
        budget: BudgetSection,
        settings: Settings,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._placed = False
        self._left_before = 0
        self._scale = theme().tokens.scale
        self._parts = {"library": library, "table": table, "code": code, "inspector": inspector}
        self.budget = budget
        self.middle = Splitter(Qt.Orientation.Vertical)
        self.middle.add(canvas, 1)
        self.low = Splitter(Qt.Orientation.Horizontal)
        self.low.add(table, 1)
        self.low.add(code, 1)
        self.middle.add(self.low)
        self.right = Splitter(Qt.Orientation.Vertical)
        self.right.add(inspector, 1)
        self.right.add(budget)
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(library)
        self.across.add(self.middle, 1)
        self.across.add(self.right)
        canvas.setMinimumSize(200, 120)
        library.setMinimumWidth(theme().tokens.px(LEAST_LIBRARY))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.across)
        self._later = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._later.timeout.connect(self._keep)
        for splitter in self._splitters:
            splitter.splitterMoved.connect(lambda *_: self._later.start())
        budget.toggled.connect(lambda: self.toggle("budget"))
        theme().changed.connect(self._widen)

    @property
    def _splitters(self) -> Sequence[Splitter]:
        return (self.across, self.middle, self.right)

    def is_shown(self, name: str) -> bool:
        """Whether a panel is shown (the budget: open)."""
        if name == "budget":
            return self.budget.is_open
        return not self._parts[name].isHidden()

    def toggle(self, name: str) -> None:
        """Show a panel or hide it, and remember that."""
        self.set_shown(name, not self.is_shown(name))
        self._settings.set_flag(f"build/show-{name}", self.is_shown(name))

    def set_shown(self, name: str, shown: bool) -> None:
        """Show or hide a panel."""
        if name == "budget":
            self.budget.set_open(shown)
            if self._placed:
                whole = self.right.height()
                kept = theme().tokens.px(self._settings.number("build/budget", BUDGET_HEIGHT))
                wanted = min(kept, round(whole * 0.6)) if shown else self.budget.maximumHeight()
                self.right.setSizes([whole - wanted - 1, wanted])
            return
        self._parts[name].setVisible(shown)
        if name == "inspector":
            self.right.setVisible(shown)
        elif name in ("table", "code"):
            other = "code" if name == "table" else "table"
            if shown and self.is_shown(other) and self.middle.width() < theme().tokens.px(SIDE_BY_SIDE):
                self._parts[other].hide()
            self.low.setVisible(self.is_shown("table") or self.is_shown("code"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._placed and self.width() > 300:
            self._placed = True
            self._place()

    def _place(self) -> None:
        """The first sizes: as they were left, or as they are designed."""
        px = theme().tokens.px
        number = self._settings.number
        library = LIBRARY_WIDTH if self.width() < px(ROOMY) else ROOMY_LIBRARY
        left = min(px(number("build/left", library)), max(px(LEAST_LIBRARY), self.width() // 5))
        right = px(number("build/right", INSPECTOR_WIDTH))
        low = px(number("build/low", max(TABLE_HEIGHT, self.height() // px(4))))
        self.across.setSizes([left, max(240, self.width() - left - right - 2), right])
        self.middle.setSizes([max(160, self.height() - low - 1), low])
        tall = self.height() >= px(TALL)
        for name in PANELS:
            default = tall if name == "budget" else name != "code"
            self.set_shown(name, self._settings.flag(f"build/show-{name}", default))

    def _widen(self) -> None:
        """With a larger scale the panels around the canvas need more room."""
        grown, self._scale = theme().tokens.scale / self._scale, theme().tokens.scale
        self._parts["library"].setMinimumWidth(theme().tokens.px(LEAST_LIBRARY))
        if not self._placed or grown == 1:
            return
        left, _, right = self.across.sizes()
        low = self.middle.sizes()[1]
        left, right, low = round(left * grown), round(right * grown), round(low * grown)
        if grown > 1:  # what is drawn large is the canvas: the library keeps to its share
            self._left_before = round(left / grown)
            left = min(left, max(theme().tokens.px(LEAST_LIBRARY), self.width() // 5))
        else:
            left = max(left, self._left_before)
        self.across.setSizes([left, max(240, self.width() - left - right - 2), right])
        self.middle.setSizes([max(160, self.height() - low - 1), low])
        self.set_shown("budget", self.budget.is_open)

    def _keep(self) -> None:
        """Keep the sizes as they are at a scale of 1."""
        for key, splitter, place in (
            ("left", self.across, 0), ("right", self.across, 2), ("low", self.middle, 1)
        ):  # fmt: skip
            if splitter.sizes()[place] > 0:
                self._settings.set_number(f"build/{key}", splitter.sizes()[place] / self._scale)
        if self.budget.is_open and self.right.sizes()[1] > 0:
            self._settings.set_number("build/budget", self.right.sizes()[1] / self._scale)
