"""Above the table: which two networks, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.diff import Diff, Status
from explorer.network.diff.written import SIGNS, change
from explorer.session.session import Session
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.fields import Choice, Switch
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.compare.model import Comparison
from explorer.ui.workspaces.compare.sides import ACTIVE, TORCHVISION, Side
from explorer.ui.workspaces.compare.table_view import status_color
from explorer.zoo import catalogue

LINE = 22
LAYERS, RESULTS = "Layers", "Results"
FILE = Side("file", "")
"""Stands in a list for "choose one"."""


class Picker(Choice):
    """Every network that can stand on one side: what is open, the classic ones, a file."""

    def __init__(self, name: str) -> None:
        super().__init__((), name)
        self.setMaxVisibleItems(18)
        self.setPlaceholderText("Choose a network")
        self.setMinimumContentsLength(14)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def fill(self, session: Session, chosen: Side | None) -> None:
        """List what there is now; emits nothing."""
        items: list[tuple[str, Side] | None] = []
        if session.active is not None:
            items.append((f"{session.active.title} (open)", ACTIVE))
        items += [
            (tab.title, Side("tab", str(tab.number))) for tab in session.tabs if tab is not session.active
        ]
        if chosen is not None and all(item is None or item[1] != chosen for item in items):
            if chosen.kind in ("file", "code"):
                items.append((chosen.key.replace("\\", "/").rsplit("/", 1)[-1], chosen))
            elif chosen.kind == "torchvision":
                items.append((f"{TORCHVISION}{chosen.key}", chosen))
            elif chosen.kind == "tab" and session.active is not None:
                items.append((session.active.title, chosen))
        items.append(None)
        items += [(entry.title, Side("zoo", entry.name)) for entry in catalogue.entries()]
        items += [None, ("A file…", FILE)]
        if [item for item in items if item] != [
            (self.itemText(n), self.itemData(n)) for n in range(self.count()) if self.itemData(n) is not None
        ]:
            self.clear()
            for item in items:
                if item is None:
                    self.insertSeparator(self.count())
                else:
                    self.addItem(*item)
        self.setCurrentIndex(-1)
        if chosen is not None:
            self.set_value(chosen)


class Head(QWidget):
    """`chosen(letter, side)`; `swapped`; `turned(page)`; `filtered(differences only)`."""

    chosen = Signal(str, object)
    swapped = Signal()
    turned = Signal(str)
    filtered = Signal(bool)

    def __init__(self, comparison: Comparison, session: Session) -> None:
        super().__init__()
        self._comparison, self._session = comparison, session
        self.a, self.b = Picker("Network A"), Picker("Network B")
        self.swap = IconButton("swap", "Swap A and B")
        self.only = Switch("Only differences")
        self.pages = QButtonGroup(self)
        self.sums = Sums()
        self._build()
        comparison.changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (Label("A", "strong"), self.a, self.swap, Label("B", "strong"), self.b):
            row.addWidget(widget, 1 if isinstance(widget, Picker) else 0)
        row.addStretch(1)
        row.addWidget(self.only)
        row.addSpacing(4)
        for name in (LAYERS, RESULTS):
            page = Button(name, "quiet")
            page.setCheckable(True)
            page.clicked.connect(lambda _=False, name=name: self.turned.emit(name))
            self.pages.addButton(page)
            row.addWidget(page)
        for picker, letter in ((self.a, "a"), (self.b, "b")):
            picker.chosen.connect(lambda side, letter=letter: self.chosen.emit(letter, side))
        self.swap.clicked.connect(self.swapped)
        self.only.toggled.connect(self.filtered)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.sums)

    def show_page(self, name: str) -> None:
        """Mark the page on show; what is of the table alone goes with it."""
        for button in self.pages.buttons():
            button.setChecked(button.text() == name)
        self.only.setVisible(name == LAYERS)
        self.sums.setVisible(name == LAYERS and bool(self.sums.accessibleName()))

    def refresh(self) -> None:
        """Name what is compared, and show what it comes to."""
        self.a.fill(self._session, self._comparison.a)
        self.b.fill(self._session, self._comparison.b)
        self.swap.setEnabled(self._comparison.a is not None and self._comparison.b is not None)
        self.sums.show_diff(self._comparison.diff, self._comparison.busy)


class Sums(QWidget):
    """Parameters and MACs of both with their difference, and how many layers have which status."""

    def __init__(self) -> None:
        super().__init__()
        self._diff: Diff | None = None
        self._busy = False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.updateGeometry)

    def show_diff(self, diff: Diff | None, busy: bool) -> None:
        """Show another comparison."""
        self._diff, self._busy = diff, busy
        self.setAccessibleName("; ".join(" ".join(part for _, part in words) for words in self._words()))
        self.setToolTip(self._story())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(400), theme().tokens.px(LINE))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(width)[-1][1].bottom() + 1 if self._words() else 0

    def _lay_out(self, width: int) -> list[tuple[list[tuple[str, str, int]], QRect]]:
        """Each group with the widths of its words and its place: a group that has no room begins a line."""
        px = theme().tokens.px
        plain, strong = (QFontMetrics(theme().font("value", strong=bold)) for bold in (False, True))
        x = y = 0
        found = []
        for words in self._words():
            sized = [(k, t, (strong if _bold(k) else plain).horizontalAdvance(t)) for k, t in words]
            room = sum(size + px(8) for _, _, size in sized)
            if x and x + room > width:
                x, y = 0, y + px(LINE)
            found.append((sized, QRect(x, y, room, px(LINE))))
            x += room + px(20)
        return found

    def _story(self) -> str:
        if self._diff is None:
            return ""
        a, b = self._diff.totals
        return (
            f"{numerals.grouped(a.parameters)} → {numerals.grouped(b.parameters)} parameters\n"
            f"{numerals.grouped(a.macs)} → {numerals.grouped(b.macs)} MACs for one image"
        )

    def _words(self) -> list[list[tuple[str, str]]]:
        """Groups of (token or font, text)."""
        if self._diff is None:
            return [[("muted", "Comparing…")]] if self._busy else []
        found = []
        a, b = self._diff.totals
        for name, one, other in (("Parameters", a.parameters, b.parameters), ("MACs", a.macs, b.macs)):
            words = [("muted", name), ("strong", numerals.compact(one, a.exact))]
            if (one, a.exact) != (other, b.exact):
                share = f" ({_share(one, other)})" if one else ""
                words += [("muted", "→"), ("strong", numerals.compact(other, b.exact))]
                words.append(("text", f"{_short(one, other)}{share}"))
            else:
                words.append(("muted", "in both"))
            found.append(words)
        counts = self._diff.counts
        found.append(
            [("muted", "Layers")]
            + [
                (
                    f"status:{status}" if counts[status] else "muted",
                    f"{SIGNS[status]} {counts[status]:,} {status}",
                )
                for status in Status
            ]
        )
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        for words, box in self._lay_out(self.width()):
            x = box.left()
            for kind, text, width in words:
                painter.setFont(theme().font("value", strong=_bold(kind)))
                if kind.startswith("status:"):
                    painter.setPen(status_color(Status(kind.removeprefix("status:")), tokens))
                else:
                    painter.setPen(tokens.muted if kind == "muted" else tokens.text)
                place = QRect(x, box.top(), width + 2, box.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
                x += width + tokens.px(8)


def _bold(kind: str) -> bool:
    return kind == "strong" or kind.startswith("status:")


def _share(a: int, b: int) -> str:
    """How much more or less: `+0.8 %`, `−41.0 %`, `×21.4`."""
    if b >= 3 * a:
        return f"×{b / a:.1f}"
    return f"{100 * (b - a) / a:+.1f} %".replace("-", "−")


def _short(a: int, b: int) -> str:
    exact = change(a, b)
    return exact if abs(b - a) < 10_000 else exact[:1] + numerals.compact(abs(b - a))


def names_of(sides: Sequence[Side | None], comparison: Comparison) -> tuple[str, str]:
    """What the columns of both sides are called."""
    a, b = (comparison.title(side) for side in sides)
    return (a, b) if a != b else (f"{a} (A)", f"{b} (B)")
