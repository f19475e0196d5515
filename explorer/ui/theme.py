"""The look: colours, sizes and fonts as named tokens, in light and dark, plain and for a projector.

Painted items read `theme().tokens` when they paint and repaint on `theme().changed`; widgets get the
palette and one stylesheet, both generated from the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from explorer.ui.stylesheet import stylesheet

Choice = Literal["system", "light", "dark"]
Role = Literal["body", "value", "label", "heading", "title", "display"]

PROJECTOR_SCALE = 1.35


@dataclass(frozen=True)
class Tokens:
    """Every colour and size of one theme. Sizes are logical pixels; `scale` multiplies them all."""

    name: str
    dark: bool
    window: QColor
    panel: QColor
    canvas: QColor
    card: QColor
    field: QColor
    hover: QColor
    line: QColor
    line_strong: QColor
    text: QColor
    muted: QColor
    accent: QColor
    accent_hover: QColor
    accent_wash: QColor
    on_accent: QColor
    error: QColor
    error_wash: QColor
    warning: QColor
    warning_wash: QColor
    ok: QColor
    convolution: QColor
    pooling: QColor
    normalization: QColor
    activation: QColor
    dense: QColor
    merge: QColor
    reshape: QColor
    boundary: QColor
    scale: float = 1.0

    def family(self, name: str) -> QColor:
        """The colour of a layer family, by the value of `explorer.network.layer.Family`."""
        return getattr(self, _FAMILY_TOKEN.get(name, "boundary"))  # type: ignore[no-any-return]

    def px(self, logical: float) -> int:
        """A length of the design in this theme's pixels (larger on a projector)."""
        return round(logical * self.scale)


_FAMILY_TOKEN = {
    "convolution": "convolution",
    "pooling": "pooling",
    "normalization": "normalization",
    "activation": "activation",
    "regularize": "activation",
    "dense": "dense",
    "merge": "merge",
    "reshape": "reshape",
    "boundary": "boundary",
}

LIGHT = Tokens(
    name="light",
    dark=False,
    window=QColor("#F4F5F7"),
    panel=QColor("#FFFFFF"),
    canvas=QColor("#FAFBFC"),
    card=QColor("#FFFFFF"),
    field=QColor("#F4F5F7"),
    hover=QColor("#EEF0F3"),
    line=QColor("#E3E6EB"),
    line_strong=QColor("#C4CAD3"),
    text=QColor("#1B2330"),
    muted=QColor("#5B6574"),
    accent=QColor("#2F62E0"),
    accent_hover=QColor("#2553C7"),
    accent_wash=QColor("#E8EEFC"),
    on_accent=QColor("#FFFFFF"),
    error=QColor("#C7352B"),
    error_wash=QColor("#FDECEA"),
    warning=QColor("#8A5A00"),
    warning_wash=QColor("#FFF3DC"),
    ok=QColor("#177A43"),
    convolution=QColor("#2F6FD0"),
    pooling=QColor("#C46A00"),
    normalization=QColor("#7C56C4"),
    activation=QColor("#7B8794"),
    dense=QColor("#17865A"),
    merge=QColor("#B03A7E"),
    reshape=QColor("#2A8A9C"),
    boundary=QColor("#4B5565"),
)

DARK = Tokens(
    name="dark",
    dark=True,
    window=QColor("#14171B"),
    panel=QColor("#1A1E24"),
    canvas=QColor("#121519"),
    card=QColor("#1F242B"),
    field=QColor("#14171B"),
    hover=QColor("#232830"),
    line=QColor("#2A3038"),
    line_strong=QColor("#444C57"),
    text=QColor("#E7EAEF"),
    muted=QColor("#98A1AE"),
    accent=QColor("#7BA2FF"),
    accent_hover=QColor("#93B3FF"),
    accent_wash=QColor("#22304F"),
    on_accent=QColor("#14171B"),
    error=QColor("#FF8378"),
    error_wash=QColor("#3A1F1E"),
    warning=QColor("#E8B45C"),
    warning_wash=QColor("#33291A"),
    ok=QColor("#4CC38A"),
    convolution=QColor("#6BA4FF"),
    pooling=QColor("#F0A04B"),
    normalization=QColor("#B79BF2"),
    activation=QColor("#8F9AA7"),
    dense=QColor("#5CCFA8"),
    merge=QColor("#E878B6"),
    reshape=QColor("#62C4D6"),
    boundary=QColor("#A6B0BE"),
)

# A projector washes out greys: secondary text nears the text colour and hairlines become lines.
LIGHT_PROJECTOR = replace(
    LIGHT,
    name="light projector",
    scale=PROJECTOR_SCALE,
    text=QColor("#0A0F18"),
    muted=QColor("#363F4C"),
    line=QColor("#B4BBC6"),
    line_strong=QColor("#7B8794"),
    activation=QColor("#5B6674"),
)
DARK_PROJECTOR = replace(
    DARK,
    name="dark projector",
    scale=PROJECTOR_SCALE,
    window=QColor("#0C0E11"),
    field=QColor("#0C0E11"),
    panel=QColor("#13161A"),
    canvas=QColor("#090B0D"),
    text=QColor("#FFFFFF"),
    muted=QColor("#CBD2DB"),
    line=QColor("#4A525E"),
    line_strong=QColor("#7B8794"),
)

THEMES = (LIGHT, DARK, LIGHT_PROJECTOR, DARK_PROJECTOR)

_SIZE: dict[Role, tuple[int, QFont.Weight]] = {
    "body": (13, QFont.Weight.Normal),
    "value": (12, QFont.Weight.Normal),
    "label": (11, QFont.Weight.Normal),
    "heading": (14, QFont.Weight.DemiBold),
    "title": (18, QFont.Weight.DemiBold),
    "display": (26, QFont.Weight.DemiBold),
}


class Theme(QObject):
    """The theme of this process: which tokens are in force, and word when that changes."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        self._projector = False
        self._applied: Tokens | None = None
        self._family = _interface_family()
        self._mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        self.tokens = LIGHT
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._refresh)

    @property
    def choice(self) -> Choice:
        """What the person chose: a fixed theme, or to follow the system."""
        return self._choice

    @property
    def projector(self) -> bool:
        """Whether type is large and contrast high."""
        return self._projector

    def choose(self, choice: Choice | None = None, projector: bool | None = None) -> None:
        """Take a theme, projector mode, or both; what is None stays as it is."""
        if choice is not None:
            self._choice = choice
        if projector is not None:
            self._projector = projector
        self._dress_frame()
        self._refresh()

    def _dress_frame(self) -> None:
        """Let the system draw frames and its own dialogs in the same scheme."""
        hints = QGuiApplication.styleHints()
        if self._choice == "system":
            hints.unsetColorScheme()
        else:
            dark = self._choice == "dark"
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)

    def font(self, role: Role = "body", *, strong: bool = False, mono: bool = False) -> QFont:
        """The font of a role, with tabular figures; `strong` is weight 600, for names and numbers."""
        size, weight = _SIZE[role]
        font = QFont(self._mono if mono else self._family)
        font.setPixelSize(self.tokens.px(size))
        font.setWeight(QFont.Weight.DemiBold if strong else weight)
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
        else:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _refresh(self) -> None:
        dark = self._choice == "dark" or (self._choice == "system" and system_is_dark())
        tokens = {
            (False, False): LIGHT,
            (True, False): DARK,
            (False, True): LIGHT_PROJECTOR,
            (True, True): DARK_PROJECTOR,
        }[dark, self._projector]
        if tokens is self._applied:
            return
        self.tokens = self._applied = tokens
        # Going over from one sheet to another, Qt polishes every widget twice and more; from none, once: a
        # fifth of the time.
        self._app.setStyleSheet("")
        self._app.setPalette(palette(tokens))
        self._app.setFont(self.font("body"))
        self._app.setStyleSheet(stylesheet(tokens))
        self.changed.emit()


def palette(tokens: Tokens) -> QPalette:
    """The palette Fusion draws with, and what painted widgets inherit."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, color in {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.panel,
        role.AlternateBase: tokens.window,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.panel,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.error,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.ToolTipBase: tokens.card,
        role.ToolTipText: tokens.text,
        role.Mid: tokens.line,
        role.Midlight: tokens.line,
        role.Light: tokens.panel,
        role.Dark: tokens.line_strong,
        role.Accent: tokens.accent,
    }.items():
        made.setColor(which, color)
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, tokens.line_strong)
    return made


def colors(tokens: Tokens) -> dict[str, QColor]:
    """Every colour of a theme by its token's name."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    return {name: value for name, value in values.items() if isinstance(value, QColor)}


def contrast(first: QColor, second: QColor) -> float:
    """WCAG 2.1 contrast ratio of two opaque colours, 1 to 21."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def system_is_dark() -> bool:
    """Whether the system asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _interface_family() -> str:
    """Inter where it is installed, else what the system draws its own windows with."""
    if QFontDatabase.hasFamily("Inter"):
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


_theme: Theme | None = None


def theme() -> Theme:
    """The theme of this process, made with the first call after the `QApplication`."""
    global _theme
    if _theme is None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("the theme needs a QApplication")
        _theme = Theme(app)
        app.setStyle("Fusion")
        _theme._refresh()
    return _theme
