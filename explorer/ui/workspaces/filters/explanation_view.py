"""One pixel explained: its window, times the kernel, is the products; their sum, and what follows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.imaging.explanation import CHANNELS, Explanation, number
from explorer.imaging.kernels import Values
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.widgets.panels import ScrollPanel
from explorer.ui.workspaces.filters.kernel_grid import paint_numbers
from explorer.ui.workspaces.filters.model import Lab

HEIGHT = 164
NARROW = 600
"""Width below which the colour stands under the heading rather than beside it."""
_SIDE, _SMALLEST, _BETWEEN, _HEAD = 116, 72, 26, 20


class ExplanationView(QWidget):
    """Follows the lab by itself."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.grids = _Grids()
        self.lines = Label("", "value")
        self.lines.setWordWrap(True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.lines.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.heading = ElidedLabel("This pixel", "label")
        self.channel = Choice([(name, index) for index, name in enumerate(CHANNELS)], "colour")
        self.channel.setMinimumContentsLength(5)
        self.channel.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.channel.chosen.connect(lab.set_channel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.grids)
        right = QVBoxLayout()
        right.setSpacing(4)
        self._top = top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        top.setSpacing(4)
        top.addWidget(self.heading, 1)
        top.addWidget(self.channel)
        right.addLayout(top)
        self._scroll = ScrollPanel("window", 0, 4)
        self._scroll.column.addWidget(self.lines)
        self._scroll.column.addStretch(1)
        right.addWidget(self._scroll, 1)
        row.addLayout(right, 1)
        theme().changed.connect(self._fit)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = event.size().width() < theme().tokens.px(NARROW)
        self._top.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def _fit(self) -> None:
        self.setFixedHeight(theme().tokens.px(HEIGHT))

    def show_explanation(self, found: Explanation | None) -> None:
        """What is said of a pixel; None empties it."""
        self.grids.show_explanation(found)
        colored = found is not None and found.sight.products.shape[2] > 1
        self.channel.setVisible(colored)
        if found is None:
            self.heading.setText("This pixel")
            self.lines.setText("")
            return
        self.channel.set_value(found.channel)
        row, column = self._lab.pixel
        self.heading.setText(f"Row {row}, column {column}: {number(found.shown)}")
        self.lines.setText("\n".join(found.lines))
        self.setAccessibleDescription("; ".join(found.lines))


class _Grids(QWidget):
    """Pixels × kernel = products, painted side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Explanation | None = None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Pixels, kernel and products")
        theme().changed.connect(self.updateGeometry)

    def show_explanation(self, found: Explanation | None) -> None:
        self._found = found
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(3 * _SIDE + 2 * _BETWEEN), px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(3 * _SMALLEST + 2 * _BETWEEN), px(_HEAD + _SMALLEST))

    def _side(self) -> int:
        px = theme().tokens.px
        return min(px(_SIDE), (self.width() - 2 * px(_BETWEEN)) // 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._found is None:
            return
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = self._side()
        sight, channel = self._found.sight, self._found.channel
        parts = (
            ("pixels", sight.pixels[..., channel]),
            ("kernel", sight.weights[..., min(channel, sight.weights.shape[2] - 1)]),
            ("products", sight.products[..., channel]),
        )
        for index, (name, values) in enumerate(parts):
            left = index * (whole + px(_BETWEEN))
            painter.setFont(theme().font("label"))
            painter.setPen(tokens.muted)
            painter.drawText(left, 0, whole, px(_HEAD), Qt.AlignmentFlag.AlignVCenter, name)
            if index:
                sign = QRectF(left - px(_BETWEEN), px(_HEAD), px(_BETWEEN), whole)
                painter.setFont(theme().font("heading"))
                painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, "×" if index == 1 else "=")
            rows, columns = values.shape
            side = whole / max(rows, columns)
            gap = min(2.0, side * 0.08)

            def place(
                row: int, column: int, left: int = left, side: float = side, gap: float = gap
            ) -> QRectF:
                return QRectF(left + column * side, px(_HEAD) + row * side, side - gap, side - gap)

            if name == "pixels":
                self._paint_pixels(painter, values, place)
            else:
                rounded = [[round(float(value), 2) if name == "products" else float(value) for value in row]
                           for row in values]  # fmt: skip
                paint_numbers(painter, rounded, place, None)

    def _paint_pixels(self, painter: QPainter, values: Values, place: Callable[[int, int], QRectF]) -> None:
        tokens = theme().tokens
        font = theme().font("value")
        for y in range(values.shape[0]):
            for x in range(values.shape[1]):
                box = place(y, x)
                grey = max(0, min(255, round(float(values[y, x]))))
                painter.setPen(QPen(tokens.line, 1))
                painter.setBrush(QColor(grey, grey, grey))
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
                font.setPixelSize(max(1, min(tokens.px(13), int(box.width() / 3 * 1.4))))
                if font.pixelSize() >= tokens.px(8):
                    painter.setFont(font)
                    painter.setPen(QColor("#1B2330") if grey > 122 else QColor("#F2F4F7"))
                    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(grey))
