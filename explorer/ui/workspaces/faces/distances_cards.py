"""The distances of the lecture as cards: formula, its letters, and how it does on held-out pairs."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from explorer.faces.distances import Kind
from explorer.ui.theme import theme


@dataclass(frozen=True)
class Formula:
    """How a distance is written, and its letters."""

    kind: Kind
    text: str
    letters: str
    spoken: str


FORMULAS = (
    Formula(
        Kind.SQUARED_L2,
        "d = Σₖ (aₖ − bₖ)²",
        "a, b: unit embeddings.\nd = 2 − 2 · cosine.",
        "the sum over k of a k minus b k, squared",
    ),
    Formula(
        Kind.WEIGHTED_L1,
        "d = Σₖ wₖ |aₖ − bₖ| + b₀",
        "wₖ: weights, b₀: bias.\nσ(−d): chance of same.",
        "the sum over k of w k times the absolute difference of a k and b k, plus the bias",
    ),
    Formula(
        Kind.WEIGHTED_CHI2,
        "d = Σₖ wₖ (aₖ−bₖ)²/(aₖ+bₖ) + b₀",
        "a, b scaled to [0, 1]; 0/0 = 0.\nwₖ, b₀, σ(−d) as beside.",
        "the sum over k of w k times the squared difference over the sum of a k and b k, plus the bias",
    ),
)


class FormulaCard(QAbstractButton):
    """One distance. Checked: it is the one shown in the plots below."""

    def __init__(self, formula: Formula) -> None:
        super().__init__()
        self.formula = formula
        self._figure = ""
        self.setCheckable(True)
        self.setAccessibleName(f"{formula.kind.value}: {formula.spoken}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_figure(self, figure: str) -> None:
        """What it does on held-out pairs, in a few words."""
        if figure != self._figure:
            self._figure = figure
            self.setAccessibleDescription(figure)
            self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(200), px(116))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(140), px(116))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.isChecked() or self.hasFocus()
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(tokens.accent if marked else tokens.line, width))
        painter.setBrush(tokens.accent_wash if self.isChecked() else tokens.card)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(8), px(8))
        inner = QRectF(self.rect()).adjusted(px(12), px(8), -px(12), -px(8))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.setPen(tokens.text)
        painter.setFont(theme().font("value", strong=True))
        painter.drawText(inner, left, self.formula.kind.value)
        painter.setFont(self._fitting(inner.width()))
        painter.drawText(inner.adjusted(0, px(20), 0, 0), left, self.formula.text)
        painter.setPen(tokens.muted)
        painter.setFont(theme().font("label"))
        painter.drawText(inner.adjusted(0, px(44), 0, 0), left, self.formula.letters)
        painter.setPen(tokens.text)
        painter.setFont(theme().font("value", strong=True))
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.drawText(inner, bottom, self._figure)

    def _fitting(self, width: float) -> QFont:
        """The formula's font: as large as there is room for."""
        font = theme().font("heading")
        font.setWeight(QFont.Weight.Normal)
        while QFontMetrics(font).horizontalAdvance(self.formula.text) > width and font.pixelSize() > 9:
            font.setPixelSize(font.pixelSize() - 1)
        return font


class FormulaCards(QWidget):
    """The three in a row; `chosen(kind)`."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.cards: dict[Kind, FormulaCard] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for formula in FORMULAS:
            card = FormulaCard(formula)
            card.clicked.connect(lambda _=False, kind=formula.kind: self.chosen.emit(kind))
            self._group.addButton(card)
            self.cards[formula.kind] = card
            row.addWidget(card, 1)

    def choose(self, kind: Kind) -> None:
        """Mark one; emits nothing."""
        self.cards[kind].setChecked(True)
