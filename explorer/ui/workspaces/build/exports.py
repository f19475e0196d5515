"""Writing the open network out as a picture or a table, to a file that a person names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.network.errors import UserError
from explorer.network.report import Report, to_csv, to_html, to_markdown
from explorer.session.session import OpenNetwork
from explorer.ui.shell.settings import Settings

LAST = "build/export-folder"
Write = Callable[[OpenNetwork, Path], None]
TABLES: dict[str, tuple[str, Callable[[Report], str]]] = {
    "csv": ("CSV", to_csv),
    "md": ("Markdown", to_markdown),
    "html": ("HTML", to_html),
}
MODELS = {"py": "PyTorch code", "onnx": "ONNX", "safetensors": "weights"}
PICTURES = {"svg": "SVG", "pdf": "PDF", "png": "PNG"}


def write_table(tab: OpenNetwork, path: Path) -> None:
    """Write the table of layers in the form that the name's ending asks for. Raises UserError."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in TABLES:
        raise UserError(f"'{path.name}' should end in {' or '.join('.' + one for one in TABLES)}.")
    text = TABLES[kind][1](Report(tab.document.network, tab.document.inference))
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UserError(f"'{path}' cannot be written: {error.strerror or error}.") from None


def write_picture(tab: OpenNetwork, path: Path) -> None:
    """Draw the network as SVG, PDF or PNG, as the name's ending asks for. Raises UserError."""
    from explorer.ui.canvas.picture import export

    export(tab.document.network, path)


def ask_for_file(
    parent: QWidget, settings: Settings, title: str, name: str, kinds: dict[str, str], chosen: str
) -> Path | None:
    """Ask where to write; None if nobody chose. A name without an ending gets that of the chosen kind."""
    before = settings.words(LAST)
    folder = Path(before[0]) if before and Path(before[0]).is_dir() else Path.home()
    filters = {kind: f"{words} (*.{kind})" for kind, words in kinds.items()}
    path, picked = QFileDialog.getSaveFileName(
        parent, title, str(folder / f"{name}.{chosen}"), ";;".join(filters.values()), filters[chosen]
    )
    if not path:
        return None
    found = Path(path)
    settings.set_words(LAST, [str(found.parent)])
    if not found.suffix:
        kind = next((kind for kind, words in filters.items() if words == picked), chosen)
        found = found.with_suffix(f".{kind}")
    return found


def file_name(tab: OpenNetwork) -> str:
    """The tab's title as a file name."""
    return "".join(c if c.isalnum() or c in " -_." else "-" for c in tab.title).strip() or "network"
