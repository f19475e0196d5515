"""The kernel as a grid of numbers that are typed, wheeled and painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QToolTip, QWidget

from explorer.network.errors import UserError
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import restyle
from explorer.ui.workspaces.filters.spelling import spelled, typed

LARGEST_CELL, GAP = 58, 4
ROOM = 0.84
"""Share of a cell's width that its value may take."""
_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}

Rows = tuple[tuple[float, ...], ...]


class KernelGrid(QWidget):
    """Blue cells weigh positively, red ones negatively, the stronger the deeper; the sign is written, too.

    `painted(rows)` comes with every new kernel, `settled()` when the gesture is over. A drag paints the
    value it began on; the wheel and Page up and down change a cell by one, with Shift by a tenth; digits
    begin to type, and fractions are fine.
    """

    painted = Signal(object)
    settled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: Rows = ((0.0,),)
        self._at = (0, 0)
        self._painting: float | None = None
        self._last: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Kernel")
        self.editor = QLineEdit(self)
        self.editor.setAccessibleName("Value of the cell")
        self.editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.editor.hide()
        self.editor.installEventFilter(self)
        self.editor.textEdited.connect(lambda: self._mark(False))
        theme().changed.connect(self.updateGeometry)

    @property
    def rows(self) -> Rows:
        return self._rows

    @property
    def at(self) -> tuple[int, int]:
        """The chosen cell: row, column."""
        return self._at

    def show_rows(self, rows: Rows) -> None:
        """Another kernel; emits nothing."""
        if rows != self._rows:
            resized = len(rows) != len(self._rows) or len(rows[0]) != len(self._rows[0])
            self._rows = rows
            self._at = min(self._at[0], len(rows) - 1), min(self._at[1], len(rows[0]) - 1)
            if resized:
                self.editor.hide()
                self.updateGeometry()
            self._describe()
            self.update()

    # -- geometry ----------------------------------------------------------------------------------------

    def _cell(self, width: int) -> float:
        px = theme().tokens.px
        most = max(len(self._rows), len(self._rows[0]))
        return min(px(LARGEST_CELL), width / most)

    def heightForWidth(self, width: int) -> int:
        return round(self._cell(width) * len(self._rows))

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        width = self.width() if self.width() > px(80) else px(236)
        return QSize(px(180), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(120), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        self._place_editor()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """A cell on the widget."""
        side = self._cell(self.width())
        gap = min(theme().tokens.px(GAP), side * 0.1)
        return QRectF(column * side, row * side, side - gap, side - gap)

    def _cell_at(self, position: QPointF) -> tuple[int, int] | None:
        side = self._cell(self.width())
        row, column = int(position.y() // side), int(position.x() // side)
        inside = 0 <= row < len(self._rows) and 0 <= column < len(self._rows[0])
        return (row, column) if inside else None

    # -- changing ----------------------------------------------------------------------------------------

    def set_value(self, row: int, column: int, value: float) -> None:
        """One cell, by the person's hand."""
        if self._rows[row][column] != value:
            rows = [list(one) for one in self._rows]
            rows[row][column] = value
            self._rows = tuple(tuple(one) for one in rows)
            self._describe()
            self.update()
            self.painted.emit(self._rows)

    def choose(self, row: int, column: int) -> None:
        """Go to a cell, which may lie outside: then to the nearest."""
        self._at = max(0, min(row, len(self._rows) - 1)), max(0, min(column, len(self._rows[0]) - 1))
        self._describe()
        self.update()

    def _change(self, by: float) -> None:
        row, column = self._at
        self.set_value(row, column, round(self._rows[row][column] + by, 5))

    def _describe(self) -> None:
        row, column = self._at
        value = spelled(self._rows[row][column])
        self.setAccessibleDescription(f"row {row + 1}, column {column + 1}: {value}")

    # -- mouse -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton:
            self._commit()
            if cell is not None:
                self.choose(*cell)
                self._painting, self._last = self._rows[cell[0]][cell[1]], cell

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if self._painting is None or cell is None or cell == self._last:
            return
        assert self._last is not None
        steps = max(abs(cell[0] - self._last[0]), abs(cell[1] - self._last[1]))
        for step in range(1, steps + 1):  # a fast drag skips cells
            row = self._last[0] + round((cell[0] - self._last[0]) * step / steps)
            column = self._last[1] + round((cell[1] - self._last[1]) * step / steps)
            self.set_value(row, column, self._painting)
        self._last = cell
        self.choose(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._painting is not None:
            self._painting = None
            self.settled.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._cell_at(event.position()) is not None:
            self.type_value()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Only while one works in it: a panel that scrolls under the pointer must not change numbers.
        cell = self._cell_at(event.position())
        delta = event.angleDelta().y() or event.angleDelta().x()
        if not self.hasFocus() or cell is None or not delta:
            event.ignore()
            return
        self.choose(*cell)
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._change((1 if delta > 0 else -1) * (0.1 if fine else 1.0))
        event.accept()

    # -- keys and typing ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _STEPS:
            rows, columns = _STEPS[key]
            self.choose(self._at[0] + rows, self._at[1] + columns)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._change((1 if key == Qt.Key.Key_PageUp else -1) * (0.1 if fine else 1.0))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.set_value(*self._at, 0.0)
            self.settled.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.type_value()
        elif event.text() and event.text() in "0123456789.-−":
            self.type_value(event.text())
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat() and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.settled.emit()
        super().keyReleaseEvent(event)

    def type_value(self, begin: str | None = None) -> None:
        """Open the field over the chosen cell, with its value or with what was typed already."""
        value = self._rows[self._at[0]][self._at[1]]
        self.editor.setText(spelled(value) if begin is None else begin)
        self._mark(False)
        self._place_editor()
        self.editor.show()
        self.editor.setFocus()
        if begin is None:
            self.editor.selectAll()

    def _place_editor(self) -> None:
        px = theme().tokens.px
        cell = self.cell_rect(*self._at)
        width, height = max(cell.width(), px(64)), max(cell.height(), px(28))
        left = min(max(0.0, cell.center().x() - width / 2), max(0.0, self.width() - width))
        top = min(max(0.0, cell.center().y() - height / 2), max(0.0, self.height() - height))
        self.editor.setGeometry(round(left), round(top), round(width), round(height))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.editor and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape:
                self.editor.hide()
                self.setFocus()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                if self._commit():
                    self.setFocus()
                    if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                        self._next(1 if key == Qt.Key.Key_Tab else -1)
                return True
        elif watched is self.editor and event.type() == QEvent.Type.FocusOut and not self._commit():
            self.editor.hide()
        return False

    def _next(self, by: int) -> None:
        columns = len(self._rows[0])
        at = (self._at[0] * columns + self._at[1] + by) % (columns * len(self._rows))
        self.choose(at // columns, at % columns)
        self.type_value()

    def _commit(self) -> bool:
        """Take what was typed; False, and marked, where it is no number."""
        if self.editor.isHidden():
            return True
        try:
            value = typed(self.editor.text())
        except UserError as error:
            self._mark(True, str(error))
            return False
        self.editor.hide()
        self.set_value(*self._at, value)
        self.settled.emit()
        return True

    def _mark(self, invalid: bool, why: str = "") -> None:
        if bool(self.editor.property("invalid")) != invalid:
            self.editor.setProperty("invalid", invalid)
            restyle(self.editor)
        self.editor.setToolTip(why)

    # -- painting ----------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._cell_at(QPointF(event.pos()))
            if cell is not None:
                value = self._rows[cell[0]][cell[1]]
                QToolTip.showText(event.globalPos(), f"{value:.6g}".replace("-", "−"), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = self._at if self.hasFocus() else None
        paint_numbers(painter, self._rows, self.cell_rect, at)


def paint_numbers(
    painter: QPainter,
    rows: Sequence[Sequence[float]],
    place: Callable[[int, int], QRectF],
    at: tuple[int, int] | None = None,
) -> None:
    """Cells coloured by sign and strength, with their values where there is room for all of them."""
    tokens = theme().tokens
    strongest = max((abs(value) for row in rows for value in row), default=0) or 1.0
    font = theme().font("value", strong=True)
    font.setPixelSize(tokens.px(15))
    metrics = QFontMetrics(font)
    longest = max((metrics.horizontalAdvance(spelled(value)) for row in rows for value in row), default=0)
    room = ROOM * place(0, 0).width()
    if longest > room:
        font.setPixelSize(max(1, int(font.pixelSize() * room / longest)))
    painter.setFont(font)
    readable = font.pixelSize() >= 8
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            box = place(y, x)
            chosen = at == (y, x)
            painter.setPen(QPen(tokens.accent, 2) if chosen else QPen(tokens.line, 1))
            painter.setBrush(shade(value / strongest))
            radius = min(6.0, box.width() / 6)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            if readable:
                painter.setPen(tokens.text if value else tokens.muted)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, spelled(value))


def shade(share: float) -> QColor:
    """The ground of a value in [−1, 1]: blue above zero, red below, the field's own at zero."""
    tokens = theme().tokens
    if share == 0:
        return tokens.field
    far = tokens.convolution if share > 0 else tokens.error
    near = tokens.panel
    amount = 0.10 + (0.42 if tokens.dark else 0.34) * min(1.0, abs(share))
    return QColor(
        round(near.red() + (far.red() - near.red()) * amount),
        round(near.green() + (far.green() - near.green()) * amount),
        round(near.blue() + (far.blue() - near.blue()) * amount),
    )
