"""Colours, fonts and words as the painters of the canvas need them: prepared once, drawn often."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPen,
    QStaticText,
    QTransform,
)

from explorer.ui.theme import Tokens

_ROLES = {
    "name": (13, True),
    "size": (13, True),
    "value": (12, False),
    "label": (11, False),
    "label strong": (11, True),
    "far": (22, True),
    "title": (20, True),
}


class Look:
    """One theme on the canvas. `vector` draws plain text, which SVG and PDF keep as text."""

    def __init__(self, tokens: Tokens, family: str = "", vector: bool = False) -> None:
        self.tokens = replace(tokens, scale=1.0)
        self.vector = vector
        family = family or QGuiApplication.font().family()
        self.fonts = {role: _font(family, pixels, strong) for role, (pixels, strong) in _ROLES.items()}
        self.measures = {role: QFontMetricsF(font) for role, font in self.fonts.items()}
        self._words: dict[tuple[str, str], tuple[QStaticText, float]] = {}
        self._elided: dict[tuple[str, str, int], str] = {}
        self.ground = tokens.canvas
        self.families = {name: tokens.family(name) for name in _FAMILIES}
        self.washes = {name: mixed(color, tokens.card, 0.16) for name, color in self.families.items()}
        self.bars = {name: mixed(color, tokens.canvas, 0.72) for name, color in self.families.items()}
        self.shadow = mixed(tokens.text, tokens.canvas, 0.08)
        self.pens = {
            "line": cosmetic(tokens.line, 1),
            "card": QPen(
                tokens.line_strong if tokens.dark else mixed(tokens.line_strong, tokens.line, 0.5), 1
            ),
            "wire": rounded(mixed(tokens.muted, tokens.canvas, 0.85), 1.4),
            "shortcut": rounded(tokens.merge, 1.6),
            "selected": QPen(tokens.accent, 2),
            "error": QPen(tokens.error, 2),
            "warning": QPen(tokens.warning, 1.5),
        }
        self.region = QBrush(_alpha(tokens.accent, 0.045 if tokens.dark else 0.035))

    def width(self, text: str, role: str) -> float:
        """How wide a text is."""
        return self._prepared(text, role)[1]

    def elided(self, text: str, role: str, width: float) -> str:
        """The text, its end given up for dots if it is wider than there is room."""
        if self.width(text, role) <= width:
            return text
        key = (text, role, int(width))
        if key not in self._elided:
            self._elided[key] = self.measures[role].elidedText(text, Qt.TextElideMode.ElideRight, width)
        return self._elided[key]

    def write(
        self,
        painter: QPainter,
        text: str,
        x: float,
        top: float,
        role: str,
        color: QColor,
        right: bool = False,
    ) -> None:
        """Draw one line from `x`, or so that it ends at `x`; `top` is the upper edge of its line."""
        words, width = self._prepared(text, role)
        if right:
            x -= width
        painter.setFont(self.fonts[role])
        painter.setPen(color)
        if self.vector:
            painter.drawText(QPointF(x, top + self.measures[role].ascent()), text)
        else:
            painter.drawStaticText(QPointF(x, top), words)

    def _prepared(self, text: str, role: str) -> tuple[QStaticText, float]:
        found = self._words.get((text, role))
        if found is None:
            if len(self._words) > 8000:
                self._words.clear()
            words = QStaticText(text)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            words.prepare(QTransform(), self.fonts[role])
            found = self._words[text, role] = (words, self.measures[role].horizontalAdvance(text))
        return found


_FAMILIES = (
    "boundary", "convolution", "pooling", "dense", "normalization", "activation", "regularize", "merge",
    "reshape",
)  # fmt: skip


def _font(family: str, pixels: int, strong: bool) -> QFont:
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def cosmetic(color: QColor, width: float) -> QPen:
    """A pen as wide on the screen at any zoom."""
    pen = QPen(color, width)
    pen.setCosmetic(True)
    return pen


def rounded(color: QColor, width: float) -> QPen:
    """A pen with round ends and joins."""
    return QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def dashed(color: QColor, width: float) -> QPen:
    """A pen of short dashes: blocks, and what is not there yet."""
    pen = QPen(color, width, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([4, 4])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


@lru_cache(maxsize=256)
def _mix(first: int, second: int, share: float) -> QColor:
    one, two = QColor.fromRgba(first), QColor.fromRgba(second)
    return QColor.fromRgbF(
        one.redF() * share + two.redF() * (1 - share),
        one.greenF() * share + two.greenF() * (1 - share),
        one.blueF() * share + two.blueF() * (1 - share),
    )


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """`share` of the first colour over the second, opaque."""
    return _mix(first.rgba(), second.rgba(), share)


def _alpha(color: QColor, opacity: float) -> QColor:
    made = QColor(color)
    made.setAlphaF(opacity)
    return made
