"""The distance on a scale, with the threshold τ on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme


def cosine(distance: float) -> float:
    """The cosine of a squared L2 distance of unit embeddings."""
    return 1 - distance / 2


def signed(value: float) -> str:
    """Three decimals, with a minus that is one."""
    return f"{value:.3f}".replace("-", "−")


class SimilarityScale(QWidget):
    """Cosine similarity from 0, strangers, to 1, the same picture; right of τ it is the same person."""

    def __init__(self) -> None:
        super().__init__()
        self._distance: float | None = None
        self._recent: tuple[float, ...] = ()
        self._threshold = 1.2
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Cosine similarity")
        theme().changed.connect(self.updateGeometry)

    def show_distance(self, distance: float | None, threshold: float, recent: tuple[float, ...] = ()) -> None:
        """Squared L2 distances, 0 to 4; None while there is nothing to compare.

        `recent` are the single readings whose mean `distance` is: they tremble, it does not.
        """
        if (distance, threshold, recent) == (self._distance, self._threshold, self._recent):
            return
        self._distance, self._threshold, self._recent = distance, threshold, recent
        words = f"τ {cosine(threshold):.3f}"
        exact = f"squared L2: threshold {threshold:.3f}"
        if distance is not None:
            words = f"{cosine(distance):.3f}, {words}"
            exact += f", distance {distance:.3f}"
        self.setAccessibleDescription(words)
        self.setToolTip(f"Cosine {words}; {exact}")
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(280), px(60))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(200), self.sizeHint().height())

    def _at(self, distance: float) -> float:
        inset = theme().tokens.px(8)
        share = min(1.0, max(0.0, cosine(distance)))
        return inset + share * (self.width() - 2 * inset)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = px(28)
        track = QRectF(0, middle - px(5), self.width(), px(10))
        at = self._at(self._threshold)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.line)
        painter.drawRoundedRect(track, px(5), px(5))
        zone = QColor(tokens.ok)
        zone.setAlphaF(0.38)
        painter.setClipRect(QRectF(at, 0, self.width() - at, self.height()))
        painter.setBrush(zone)
        painter.drawRoundedRect(track, px(5), px(5))
        painter.setClipping(False)
        painter.setPen(QPen(tokens.text, 2))
        painter.drawLine(QPointF(at, middle - px(12)), QPointF(at, middle + px(12)))
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        painter.drawText(QRectF(0, 0, self.width(), px(14)), Qt.AlignmentFlag.AlignLeft, "cosine similarity")
        self._paint_words(painter, at)

    def _paint_words(self, painter: QPainter, at: float) -> None:
        tokens = theme().tokens
        px = tokens.px
        top = px(44)
        taken: list[tuple[float, float]] = []
        if self._distance is not None:
            same = self._distance <= self._threshold
            color = tokens.ok if same else tokens.error
            x = self._at(self._distance)
            tick = QColor(tokens.text)
            tick.setAlphaF(0.45)
            painter.setPen(QPen(tick, 1.5))
            for one in self._recent:
                at_one = self._at(one)
                painter.drawLine(QPointF(at_one, px(28) - px(10)), QPointF(at_one, px(28) + px(10)))
            painter.setPen(QPen(tokens.window, 2))
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x, px(28)), px(7), px(7))
            font = theme().font("body", strong=True)
            self._word(painter, signed(cosine(self._distance)), x, top, taken, font, tokens.text)
        font = theme().font("label")
        self._word(painter, f"τ {cosine(self._threshold):.3f}", at, top, taken, font, tokens.muted)
        self._word(painter, "stranger", 0, top, taken, font, tokens.muted)
        self._word(painter, "same picture", self.width(), top, taken, font, tokens.muted)

    def _word(
        self, painter: QPainter, text: str, x: float, top: float, taken: list[tuple[float, float]],
        font: object, color: QColor,
    ) -> None:  # fmt: skip
        """A word centred under x, unless another stands there already."""
        painter.setFont(font)  # type: ignore[arg-type]
        width = QFontMetrics(painter.font()).horizontalAdvance(text)
        left = min(max(0.0, x - width / 2), self.width() - width)
        gap = theme().tokens.px(8)
        if any(left < end + gap and left + width > start - gap for start, end in taken):
            return
        taken.append((left, left + width))
        painter.setPen(color)
        painter.drawText(
            QRectF(left, top, width + 1, theme().tokens.px(16)), Qt.AlignmentFlag.AlignVCenter, text
        )
