"""Text on the screen: labels with a role, headings, badges, and the calm page that stands in for nothing."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtGui import Qt as RichText  # its own namespace, of the functions on text
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.actions import Action, tooltip
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme


class Label(QLabel):
    """A label in a role of the sheet: muted, strong, value, note, label, heading, title, display, error."""

    def __init__(self, text: str = "", role: str = "body", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def changeEvent(self, event: QEvent) -> None:
        # With another sheet Qt takes the margins of a frame that was not shown yet for those of its border.
        margins = self.contentsMargins()
        super().changeEvent(event)
        if self.contentsMargins() != margins:
            self.setContentsMargins(margins)

    def set_role(self, role: str) -> None:
        """Change the role and restyle."""
        if self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)


def plain_tip(text: str) -> str:
    """A tooltip that shows just this: Qt takes what looks like HTML for HTML, also a name from a file."""
    return f"<span>{escape(text)}</span>" if RichText.mightBeRichText(text) else text


class ElidedLabel(Label):
    """One line that gives up its end for dots when there is no room, and shows the whole as a tooltip."""

    def __init__(
        self, text: str = "", role: str = "body", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ):
        super().__init__("", role)
        self._mode = mode
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        if text == self._whole and text:
            return  # nothing to lay out anew: progress is told many times a second
        self._whole = text
        self.setAccessibleName(text)
        super().setText(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()  # a label's own hint is kept over a change of its least width
        wide = self.fontMetrics().horizontalAdvance(self._whole) + 1  # it rounds, also down
        return QSize(wide + margins.left() + margins.right(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(24), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, self.contentsRect().width())
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment()), shown)


class Heading(Label):
    """The small quiet line above a group of controls."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "label", parent)
        self.setContentsMargins(0, 4, 0, 0)


class Badge(QWidget):
    """A word or a count in a small rounded field; the colour is a token's name and never the only sign."""

    def __init__(self, text: str = "", color: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._color = color
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_text(self, text: str, color: str | None = None) -> None:
        """Show another word, in another colour if one is given."""
        self._text = text
        self._color = color or self._color
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        metrics = QFontMetrics(theme().font("label"))
        return QSize(metrics.horizontalAdvance(self._text) + px(12), px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color: QColor = getattr(tokens, self._color)
        painter.setPen(QPen(color, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self.height() / 2 - 0.5
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setFont(theme().font("label"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)


class FamilySquare(QWidget):
    """The small square in a layer family's colour."""

    def __init__(self, family: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = family
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_family(self, family: str) -> None:
        """Show another family."""
        self._family = family
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(9)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().tokens.family(self._family))
        painter.drawRoundedRect(self.rect(), 2, 2)


class EmptyState(QWidget):
    """What a panel shows when there is nothing to show: a drawing, one sentence, and what to do about it."""

    def __init__(self, symbol: str, title: str, text: str, action: Action | None = None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(_Symbol(symbol), 0, Qt.AlignmentFlag.AlignHCenter)
        for words, role in ((title, "heading"), (text, "muted")):
            column.addWidget(_Centred(words, role), 0, Qt.AlignmentFlag.AlignHCenter)
        if action is not None:
            button = action_button(action, "primary")
            column.addSpacing(8)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)


class _Centred(Label):
    """Wraps at `WIDEST`: a layout that centres a label would not ask how high it is for its width."""

    WIDEST = 360

    def __init__(self, text: str, role: str) -> None:
        super().__init__(text, role)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        width = min(px(self.WIDEST), self.fontMetrics().horizontalAdvance(self.text()) + px(24))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hasHeightForWidth(self) -> bool:
        return False  # or the layout asks for the width of its whole column


class _Symbol(QWidget):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(40)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_icon(
            QPainter(self), self._name, QRect(0, 0, self.width(), self.height()), theme().tokens.line_strong
        )


def action_button(action: Action, kind: str = "", parent: QWidget | None = None) -> QPushButton:
    """A push button for an action, with its tooltip; `kind` is "", primary, quiet or link."""
    button = QPushButton(action.text, parent)
    button.setProperty("kind", kind)
    button.setToolTip(tooltip(action))
    button.setAccessibleName(action.plain)
    button.clicked.connect(lambda: action.run() if action.enabled() else None)
    return button


def restyle(widget: QWidget) -> None:
    """Let the stylesheet look at a widget's properties again."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
