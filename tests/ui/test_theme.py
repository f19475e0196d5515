"""The tokens as the look has them, readable on every ground, in all four themes."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from explorer.network.layer import Family
from explorer.ui.stylesheet import stylesheet
from explorer.ui.theme import DARK, LIGHT, PROJECTOR_SCALE, THEMES, Tokens, colors, contrast, theme

GROUNDS = ("window", "panel", "canvas", "card", "field", "hover", "accent_wash")
WORDS = ("text", "muted", "accent", "error", "ok", "warning")
ON_WASHES = [
    ("text", "error_wash"), ("muted", "error_wash"), ("error", "error_wash"), ("text", "warning_wash"),
    ("warning", "warning_wash"), ("on_accent", "accent"), ("on_accent", "accent_hover"),
]  # fmt: skip
PAIRS = [(word, ground) for word in WORDS for ground in GROUNDS] + ON_WASHES


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
@pytest.mark.parametrize(("word", "ground"), PAIRS)
def test_every_text_can_be_read(tokens: Tokens, word: str, ground: str) -> None:
    assert contrast(colors(tokens)[word], colors(tokens)[ground]) >= 4.5


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("family", list(Family))
def test_family_colours_stand_out_as_graphics(tokens: Tokens, family: Family) -> None:
    for ground in ("window", "panel", "canvas", "card", "accent_wash"):
        assert contrast(tokens.family(family), colors(tokens)[ground]) >= 3.0


def test_contrast_is_that_of_wcag() -> None:
    black, white = LIGHT.panel.__class__("#000000"), LIGHT.panel
    assert contrast(black, white) == pytest.approx(21.0)
    assert contrast(white.__class__("#777777"), white) == pytest.approx(4.48, abs=0.01)


def test_the_look_s_own_table() -> None:
    light = {
        "window": "#f4f5f7",
        "line": "#e3e6eb",
        "muted": "#5b6574",
        "accent": "#2f62e0",
        "merge": "#b03a7e",
    }
    dark = {
        "window": "#14171b",
        "card": "#1f242b",
        "muted": "#98a1ae",
        "accent": "#7ba2ff",
        "on_accent": "#14171b",
    }
    assert {name: colors(LIGHT)[name].name() for name in light} == light
    assert {name: colors(DARK)[name].name() for name in dark} == dark


def test_dropout_is_drawn_as_an_activation() -> None:
    assert LIGHT.family("regularize") == LIGHT.activation
    assert LIGHT.family("merge") == LIGHT.merge


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
def test_the_stylesheet_is_filled_in(tokens: Tokens) -> None:
    sheet = stylesheet(tokens)
    assert "@" not in sheet
    assert not re.search(r"(?<![\w])#\d{1,2}(?!\w)", sheet)
    assert tokens.accent.name() in sheet


def test_choosing_changes_palette_and_font_and_tells(qapp: QApplication) -> None:
    told: list[str] = []
    theme().choose("light", False)
    theme().changed.connect(lambda: told.append(theme().tokens.name))
    theme().choose("dark")
    theme().choose("dark")
    theme().choose(projector=True)
    assert told == ["dark", "dark projector"]
    assert qapp.palette().window().color() == theme().tokens.window
    assert qapp.font().pixelSize() == round(13 * PROJECTOR_SCALE)
    theme().choose("light", False)


def test_follows_the_system(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    theme().choose("system", False)
    hints = QGuiApplication.styleHints()
    seen = []
    # The offscreen platform has no colour scheme to set, so only the question to it is answered here.
    for dark in (True, False):
        monkeypatch.setattr("explorer.ui.theme.system_is_dark", lambda dark=dark: dark)
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        seen.append(theme().tokens.dark)
    theme().choose("light", False)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert seen == [True, False]
    assert not theme().tokens.dark


def test_figures_are_tabular_also_in_styled_labels(qapp: QApplication) -> None:
    theme().choose("light", False)
    label = QLabel("1")
    label.setProperty("role", "figure")
    label.ensurePolished()
    assert label.font().isFeatureSet(QFont.Tag("tnum"))
    assert label.fontMetrics().horizontalAdvance("111") == label.fontMetrics().horizontalAdvance("000")
    assert theme().font("title").pixelSize() == 18
