"""The hardest triplets of a batch as pictures: anchor, positive, negative, and how far they are apart."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.faces.siamese_events import Hardest, TripletPicture
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel
from explorer.ui.workspaces.faces.images import image_of

CAPTION, HEAD, GAP = 16, 16, 6
LARGEST = 144


class TripletsView(QWidget):
    """A heading and the triplets below each other, the worst on top."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel("Hardest triplets: ‖A − P‖² against ‖A − N‖²", "label")
        self.rows = _Rows()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.rows, 1)

    def show_triplets(self, hardest: Hardest | None) -> None:
        """Other triplets, or none."""
        self.rows.show_triplets(() if hardest is None else hardest.triplets)


class _Rows(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._triplets: tuple[TripletPicture, ...] = ()
        self._images: list[tuple[QImage, ...]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Hardest triplets")
        theme().changed.connect(self.update)

    def show_triplets(self, triplets: tuple[TripletPicture, ...]) -> None:
        if triplets is self._triplets:
            return
        self._triplets = triplets
        self._images = [
            tuple(image_of(picture) for picture in (one.anchor, one.positive, one.negative))
            for one in triplets
        ]
        self.setAccessibleDescription("; ".join(_words(one) for one in triplets))
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(236), px(280))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(200), px(150))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(theme().font("label"))
        if not self._triplets:
            painter.setPen(tokens.muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "none yet")
            return
        side = self._side()
        step = (self.width() - side * 3) / 2 if self.width() < side * 3 + 2 * px(GAP) else px(GAP)
        heads = ("anchor", "positive", "negative")
        painter.setPen(tokens.muted)
        for place, word in enumerate(heads):
            box = QRectF(place * (side + step), 0, side, px(HEAD))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        top = float(px(HEAD) + 2)
        for triplet, images in zip(self._triplets, self._images, strict=True):
            if top + side > self.height():
                break
            for place, image in enumerate(images):
                _paint(painter, image, QRectF(place * (side + step), top, side, side))
            top += side
            wrong = triplet.far < triplet.near
            painter.setPen(tokens.error if wrong else tokens.muted)
            box = QRectF(0, top, self.width(), px(CAPTION))
            words = painter.fontMetrics().elidedText(
                _words(triplet), Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
            top += px(CAPTION) + px(GAP)

    def _side(self) -> float:
        """Of a picture: as large as four rows of three allow."""
        px = theme().tokens.px
        wide = (self.width() - 2 * px(GAP)) / 3
        high = (self.height() - px(HEAD) - 2) / 4 - px(CAPTION) - px(GAP)
        return max(float(px(32)), min(wide, high, float(px(LARGEST))))


def _words(triplet: TripletPicture) -> str:
    sign = ">" if triplet.near > triplet.far else "≤"
    return f"{triplet.near:.2f} {sign} {triplet.far:.2f}  {triplet.person} · {triplet.other}"


def _paint(painter: QPainter, image: QImage, area: QRectF) -> None:
    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(area, 4, 4)
    painter.setClipPath(outline)
    painter.fillRect(area, theme().tokens.hover)
    scale = min(area.width() / image.width(), area.height() / image.height())
    inside = QRectF(0, 0, image.width() * scale, image.height() * scale)
    inside.moveCenter(area.center())
    painter.drawImage(inside, image)
    painter.restore()
