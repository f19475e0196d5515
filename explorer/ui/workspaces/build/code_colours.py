"""Quiet colours for Python: layers in the colour of their family, as on the canvas, and little else."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from explorer.network.layers import LAYERS
from explorer.ui.theme import contrast, theme

LEAST = 4.5
"""Contrast of letters on their ground."""

_FAMILIES = {layer.torch_name: layer.family.value for layer in LAYERS if layer.torch_name}
#: What torch calls layers that have another name here, without the number of axes.
_OTHERS = {"BatchNorm": "normalization", "InstanceNorm": "normalization", "Conv": "convolution"}
_TOKEN = re.compile(
    r"""(?P<string>\"\"\".*?\"\"\"|\"(?:[^\"\\]|\\.)*\")
    |(?P<comment>\#.*)
    |(?P<keyword>\b(?:class|def|return|import|from|for|in|if|else|is|not|and|or|None|True|False|as|assert|self)\b)
    |(?:nn\.(?P<layer>\w+))""",
    re.VERBOSE,
)
_NAMED = re.compile(r"\b(?:class|def)\s+(\w+)")


class CodeColours(QSyntaxHighlighter):
    """Colours a document, and again when the theme changes."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._choose()
        theme().changed.connect(self._again)

    def _choose(self) -> None:
        tokens = theme().tokens
        self._quiet, self._strong = QTextCharFormat(), QTextCharFormat()
        self._quiet.setForeground(tokens.muted)
        self._strong.setFontWeight(QFont.Weight.DemiBold)
        self._layers = {}
        for family in {*_FAMILIES.values()}:
            self._layers[family] = QTextCharFormat()
            self._layers[family].setForeground(_readable(tokens.family(family), tokens.panel, tokens.dark))

    def _again(self) -> None:
        self._choose()
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        for found in _TOKEN.finditer(text):
            if found["layer"] is not None:
                family = family_of(found["layer"])
                if family is not None:
                    self.setFormat(found.start("layer"), len(found["layer"]), self._layers[family])
            else:
                self.setFormat(found.start(), len(found[0]), self._quiet)
        named = _NAMED.search(text)
        if named is not None:
            self.setFormat(named.start(1), len(named[1]), self._strong)


def _readable(colour: QColor, ground: QColor, dark: bool) -> QColor:
    """A family's colour, so much stronger that letters in it can be read."""
    while contrast(colour, ground) < LEAST:
        colour = colour.lighter(106) if dark else colour.darker(106)
    return colour


def family_of(name: str) -> str | None:
    """The family of a class of torch.nn, None for what is no layer."""
    base = re.sub(r"[123]d$", "", name)
    return _FAMILIES.get(name) or _FAMILIES.get(f"{base}2d") or _OTHERS.get(base)
