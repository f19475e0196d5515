"""The command palette: every action, layer, block and network, found by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.ui.actions import Action, shortcut_text
from explorer.ui.icons import paint_icon
from explorer.ui.shell.matching import match
from explorer.ui.shell.overlay import Overlay
from explorer.ui.shell.settings import Settings
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import SearchField
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Line

ROW = 32
HEADING = 28
ROWS_SHOWN = 12
IN_GROUP = 40
RELATED = "Related"
RECENT_BONUS = 3.0
LATE_MALUS = 20.0
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: a heading where there is no action, else an action and the letters that fit."""

    text: str
    action: Action | None = None
    positions: tuple[int, ...] = ()


def ranked(query: str, actions: Iterable[Action], recent: Sequence[str]) -> list[Row]:
    """The rows for a query, in groups: the group with the best fit first; recent ones first for no query.

    What is found by its keywords alone comes last, or it would stand before better fits of other groups.
    """
    groups: dict[str, list[tuple[float, Action, tuple[int, ...]]]] = {}
    for action in actions:
        found = match(query, action.plain, f"{action.keywords} {action.detail} {action.heading}")
        if found is None or not action.enabled():
            continue
        bonus = (RECENT_BONUS if action.id in recent else 0.0) - (LATE_MALUS if action.late else 0.0)
        heading = "Recent" if not query.strip() and action.id in recent else action.heading
        if query.strip() and not found.positions:
            heading = RELATED
        groups.setdefault(heading, []).append((found.score + bonus, action, found.positions))
    if not query.strip():
        if "Recent" in groups:
            groups["Recent"].sort(key=lambda one: list(recent).index(one[1].id))
            groups = {"Recent": groups.pop("Recent"), **groups}
        ordered = list(groups.items())
    else:
        for members in groups.values():
            members.sort(key=lambda one: -one[0])
        ordered = sorted(groups.items(), key=lambda group: (group[0] == RELATED, -group[1][0][0]))
    rows: list[Row] = []
    for heading, members in ordered:
        rows.append(Row(heading))
        rows.extend(Row(action.plain, action, positions) for _, action, positions in members[:IN_GROUP])
    return rows


class Palette(Overlay):
    """Opened by Ctrl+K; asks `source(query)` for everything there is to run."""

    def __init__(
        self, window: QWidget, source: Callable[[str], Iterable[Action]], settings: Settings
    ) -> None:
        super().__init__(window, 640, "Command palette")
        self._source = source
        self._settings = settings
        self.field = SearchField("Search actions, layers, networks", "Search commands", inset=20)
        self.field.setFrame(False)
        self.field.setProperty("kind", "palette")
        self.list = QListView()
        self.list.setAccessibleName("Commands")
        self.list.setProperty("kind", "palette")
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.viewport().setAutoFillBackground(False)
        self._model = _Rows()
        self.list.setModel(self._model)
        self._nothing = Label("Nothing fits. Try fewer letters.", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setContentsMargins(0, 24, 0, 24)
        self._hint = Label("↑ ↓  choose      ↵  run      Esc  close", "label")
        self._hint.setContentsMargins(16, 8, 16, 8)
        for widget in (self.field, Line(), self.list, self._nothing, Line(), self._hint):
            self.column.addWidget(widget, 1 if widget is self.list else 0)
        self.column.setContentsMargins(1, 1, 1, 1)
        self.field.textChanged.connect(self.refill)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._run)
        self.list.entered.connect(self._hover)

    @property
    def rows(self) -> Sequence[Row]:
        """The lines on show."""
        return self._model.rows

    def open_for(self, query: str = "") -> None:
        """Open with a query already typed."""
        self.field.setText(query)
        self.refill()
        self.open()
        self.field.setFocus()
        self.field.selectAll()

    def refill(self) -> None:
        """Ask again what there is, and choose the first."""
        query = self.field.text()
        rows = ranked(query, self._source(query), self._settings.recent_commands)
        self._model.show(rows)
        self.list.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        self.list.scrollToTop()
        self._choose(0, 1)
        self.place()

    def card_height(self, width: int) -> int:
        px = theme().tokens.px
        rows = sum(px(ROW) if row.action else px(HEADING) for row in self.rows) + px(12)
        middle = min(rows, px(ROW * ROWS_SHOWN)) if self.rows else self._nothing.sizeHint().height()
        return self.field.sizeHint().height() + middle + self._hint.sizeHint().height() + 4

    def run_current(self) -> None:
        """Close, then run the chosen row."""
        self._run(self.list.currentIndex())

    def _run(self, index: QModelIndex) -> None:
        row = self._model.rows[index.row()] if index.isValid() else None
        if row is None or row.action is None:
            return
        self.close_sheet()
        self._settings.add_recent_command(row.action.id)
        row.action.run()

    def _hover(self, index: QModelIndex) -> None:
        if self._model.rows[index.row()].action is not None:
            self.list.setCurrentIndex(index)

    def _choose(self, start: int, step: int) -> None:
        """Choose the first row that is an action, from `start` on, around the end."""
        count = len(self.rows)
        for offset in range(count):
            at = (start + offset * step) % count
            action = self.rows[at].action
            if action is not None:
                index = self._model.index(at)
                self.list.setCurrentIndex(index)
                if step < 0 and at == 1:
                    self.list.scrollToTop()
                self.field.setAccessibleDescription(action.plain)
                return

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            key = event.key()
            now = self.list.currentIndex().row()
            page = ROWS_SHOWN - 2
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run_current()
            elif key == Qt.Key.Key_Escape:
                self.close_sheet()
            elif key in (Qt.Key.Key_Down, Qt.Key.Key_Tab):
                self._choose(now + 1, 1)
            elif key in (Qt.Key.Key_Up, Qt.Key.Key_Backtab):
                self._choose(now - 1, -1)
            elif key == Qt.Key.Key_PageDown:
                self._choose(min(now + page, len(self.rows) - 1), 1)
            elif key == Qt.Key.Key_PageUp:
                self._choose(max(now - page, 0), 1)
            else:
                return False
            return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]


class _Rows(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.UserRole:
            return row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        heading = self.rows[index.row()].action is None
        return (
            Qt.ItemFlag.NoItemFlags if heading else Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        )


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        px = theme().tokens.px
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        return QSize(0, px(ROW if row.action else HEADING))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        tokens = theme().tokens
        px = tokens.px
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.action is None:
            painter.setFont(theme().font("label"))
            painter.setPen(tokens.muted)
            painter.drawText(box.adjusted(px(16), px(4), -px(16), 0), middle, row.text)
            painter.restore()
            return
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.accent_wash)
            painter.drawRoundedRect(box.adjusted(px(8), 0, -px(8), 0), px(6), px(6))
            painter.setBrush(tokens.accent)
            bar = QRect(box.left() + px(8), box.top() + px(8), px(3), box.height() - px(16))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        if row.action.icon:
            side = px(16)
            place = QRect(box.left() + px(20), box.center().y() - side // 2, side, side)
            paint_icon(painter, row.action.icon, place, tokens.accent if chosen else tokens.muted)
        keys = shortcut_text(row.action)
        right = box.right() - px(20)
        if keys:
            painter.setFont(theme().font("value"))
            wide = painter.fontMetrics().horizontalAdvance(keys)
            painter.setPen(tokens.muted)
            painter.drawText(QRect(right - wide, box.top(), wide + 1, box.height()), middle, keys)
            right -= wide + px(16)
        left = _letters(painter, row, QRect(box.left() + px(48), box.top(), right, box.height()))
        if row.action.detail and right - left > px(48):
            painter.setFont(theme().font("value"))
            painter.setPen(tokens.muted)
            room = QRect(left + px(12), box.top(), right - left - px(12), box.height())
            words = painter.fontMetrics().elidedText(
                row.action.detail, Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, middle, words)
        painter.restore()


def _letters(painter: QPainter, row: Row, box: QRect) -> int:
    """Draw the text with the typed letters strong; where it ends."""
    tokens = theme().tokens
    plain, strong = theme().font("body"), theme().font("body", strong=True)
    typed = set(row.positions)
    x = box.left()
    start = 0
    while start < len(row.text):
        end = start + 1
        while end < len(row.text) and (end in typed) == (start in typed):
            end += 1
        piece = row.text[start:end]
        painter.setFont(strong if start in typed else plain)
        painter.setPen(tokens.accent if start in typed else tokens.text)
        wide = painter.fontMetrics().horizontalAdvance(piece)
        painter.drawText(QRect(x, box.top(), wide + 2, box.height()), Qt.AlignmentFlag.AlignVCenter, piece)
        x += wide
        start = end
    return x
