"""Fields: numbers that can be typed, stepped and dragged; choices; switches; search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QWidget,
)

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import plain_tip, restyle

LONG = 1e18
"""From here on a number with decimals is written with its power of ten: nobody counts that many digits."""
DRAG_STEP = 6
"""Pixels of sideways movement for one step of a dragged number."""


class NumberField(QLineEdit):
    """A bounded number. Type it, step it with the arrow keys (Shift: ten steps), or drag it sideways.

    `changing(value)` comes with every new value, `settled(value)` once when the gesture or the typing ends:
    apply edits on the first with a merge key, and seal them on the second. A text that is no number within
    the bounds is marked and put back when the field is left.
    """

    changing = Signal(object)
    settled = Signal(object)

    def __init__(
        self,
        value: float = 0,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        decimals: int = 0,
        step: float = 1,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._minimum = minimum
        self._maximum = maximum
        self._decimals = decimals
        self._step = step
        self._value: float = value
        self._press: QPointF | None = None
        self._steps_dragged = 0
        self._dragging = False
        self._unsettled = False
        self._before: float = value
        self.setAccessibleName(name)
        self.setText(self._written(value))
        self.setMinimumWidth(theme().tokens.px(48))
        self.textEdited.connect(self._typed)
        self.editingFinished.connect(self._finish)

    @property
    def value(self) -> float:
        """The last valid number; an int when the field has no decimals."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value that comes from elsewhere; emits nothing, and leaves alone what was just typed."""
        if value != self._value:
            self._value = value
            self.setText(self._written(value))
            self._mark(False)

    def set_bounds(self, minimum: float | None, maximum: float | None) -> None:
        """Other bounds; a value outside of them is brought inside. Emits nothing."""
        self._minimum, self._maximum = minimum, maximum
        self.set_value(self._bounded(self._value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        steps = direction.get(Qt.Key(event.key()))
        if steps is None:
            if event.key() == Qt.Key.Key_Escape and self._unsettled:
                self._put_back()
                return
            super().keyPressEvent(event)
            return
        self._move(steps * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))
        self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Only the field one works in: a panel that scrolls under the pointer must not change numbers.
        if self.hasFocus():
            self._move(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.hasSelectedText():
            self._press = event.globalPosition()
            self._steps_dragged = 0
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        steps = int((event.globalPosition().x() - self._press.x()) / DRAG_STEP)
        if steps != self._steps_dragged:
            if not self._dragging:
                self._dragging = True
                self.setCursor(Qt.CursorShape.SizeHorCursor)
            self._move(steps - self._steps_dragged)
            self._steps_dragged = steps
            self.deselect()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._dragging, self._press = self._dragging, False, None
        super().mouseReleaseEvent(event)
        if dragged:
            self.setCursor(Qt.CursorShape.IBeamCursor)
            self._finish()
        elif not self.hasSelectedText():
            self.selectAll()

    def event(self, event: QEvent) -> bool:
        # Ctrl+Z in a field undoes the last step of the document: a field has no history of its own.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._before = self._value
        super().focusInEvent(event)

    def _put_back(self) -> None:
        """Esc: what the field held when it was entered."""
        if self._value != self._before:
            self._take(self._before)
        self._finish()
        self.selectAll()

    def _move(self, steps: int) -> None:
        moved = self._bounded(self._value + steps * self._step)
        if moved != self._value:
            self._take(moved)
            self.setText(self._written(moved))

    def _typed(self, text: str) -> None:
        self._unsettled = True
        read = self._read(text)
        self._mark(read is None)
        if read is not None and read != self._value:
            self._take(read)

    def _take(self, value: float) -> None:
        self._value = value
        self._unsettled = True
        self._mark(False)
        self.changing.emit(value)

    def _finish(self) -> None:
        self.setText(self._written(self._value))
        self._mark(False)
        if self._unsettled:
            self._unsettled = False
            self.settled.emit(self._value)

    def _read(self, text: str) -> float | None:
        plain = text.strip().replace(",", "").replace("\u202f", "").replace("−", "-")
        try:
            number: float = float(plain) if self._decimals else int(plain)
        except ValueError:
            return None
        return number if self._bounded(number) == number else None

    def _written(self, value: float) -> str:
        if not self._decimals:
            return str(int(value))
        if abs(value) >= LONG:
            return f"{value:g}"
        return f"{value:.{self._decimals}f}".rstrip("0").rstrip(".")

    def _bounded(self, value: float) -> float:
        if self._minimum is not None:
            value = max(value, self._minimum)
        if self._maximum is not None:
            value = min(value, self._maximum)
        return round(value, self._decimals) if self._decimals else int(value)

    def _mark(self, invalid: bool) -> None:
        if bool(self.property("invalid")) != invalid:
            self.setProperty("invalid", invalid)
            self.setToolTip(self._bounds_text() if invalid else "")
            restyle(self)

    def _bounds_text(self) -> str:
        kind = "A number" if self._decimals else "A whole number"
        if self._minimum is not None and self._maximum is not None:
            return f"{kind} from {self._written(self._minimum)} to {self._written(self._maximum)}"
        if self._minimum is not None:
            return f"{kind} of at least {self._written(self._minimum)}"
        return f"{kind} of at most {self._written(self._maximum)}" if self._maximum is not None else kind


class Choice(QComboBox):
    """One of a few, with a calm arrow. Items are (text, value); `chosen(value)` is the person's doing."""

    chosen = Signal(object)

    def __init__(
        self, items: Sequence[tuple[str, Any]] = (), name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(QStyledItemDelegate(self))  # the usual one knows no padding
        for text, value in items:
            self.addItem(text, value)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def set_value(self, value: Any) -> None:
        """Show a value; emits nothing."""
        for index in range(self.count()):
            if self.itemData(index) == value:
                self.setCurrentIndex(index)
                return

    def showPopup(self) -> None:
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + theme().tokens.px(12))  # every text in full
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and not self.toolTip() and self._elided() != self.currentText():
            QToolTip.showText(event.globalPos(), plain_tip(self.currentText()), self)
            return True
        return super().event(event)

    def _elided(self) -> str:
        """The text on show, with dots where there is no room for its end: the style would cut it off."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + theme().tokens.px(4)
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self._elided()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        tokens = theme().tokens
        side = tokens.px(14)
        box = QRect(self.width() - side - tokens.px(8), (self.height() - side) // 2, side, side)
        paint_icon(painter, "chevron-down", box, tokens.muted if self.isEnabled() else tokens.line_strong)


class Switch(QCheckBox):
    """On or off, painted as a box with a tick."""

    def __init__(self, text: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(name or text)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        words = self.fontMetrics().horizontalAdvance(self.text()) + px(10) if self.text() else px(4)
        return QSize(px(16) + words, max(px(28), self.fontMetrics().height()))

    def hitButton(self, pos: Any) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRect(px(2), (self.height() - px(16)) // 2, px(16), px(16))
        on = self.isChecked()
        edge = tokens.accent if on else (tokens.muted if self.underMouse() else tokens.line_strong)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(tokens.accent if on else tokens.field)
        painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        if on:
            paint_icon(painter, "check", box.adjusted(1, 1, -1, -1), tokens.on_accent)
        if self.hasFocus():
            painter.setPen(QPen(tokens.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.toRectF().adjusted(-1, -1, 1, 1), px(5), px(5))
        painter.setPen(tokens.text if self.isEnabled() else tokens.line_strong)
        painter.drawText(
            self.rect().adjusted(px(26), 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self.text(),
        )


class SearchField(QLineEdit):
    """A line to search in, with a glass and a clear button; Esc clears it, and leaves it when it is clear."""

    left_with_arrow = Signal()

    def __init__(self, hint: str, name: str = "", parent: QWidget | None = None, inset: int = 8) -> None:
        super().__init__(parent)
        self._inset = inset
        self.setPlaceholderText(hint)
        self.setAccessibleName(name or hint)
        theme().changed.connect(self._make_room)
        self._make_room()

    def _make_room(self) -> None:
        self.setTextMargins(theme().tokens.px(self._inset + 12), 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.clearFocus()
            return
        if event.key() == Qt.Key.Key_Down:
            self.left_with_arrow.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = theme().tokens
        side = tokens.px(14)
        box = QRect(tokens.px(self._inset), (self.height() - side) // 2, side, side)
        paint_icon(QPainter(self), "search", box, tokens.muted)

    def event(self, event: QEvent) -> bool:
        # Single-key shortcuts of the canvas must not swallow what is typed here.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            if event.text() and not event.modifiers() & chord:
                event.accept()
        return super().event(event)
