"""The result to the clipboard and to a file."""

from __future__ import annotations

import io
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.media.pictures import Picture
from explorer.network.atomic import write
from explorer.network.errors import UserError
from explorer.ui.workspaces.filters.images import image_of

FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP",
    ".tif": "TIFF", ".tiff": "TIFF",
}  # fmt: skip


def copy(picture: Picture) -> None:
    """To the clipboard."""
    QGuiApplication.clipboard().setImage(image_of(picture))


def ask_where(window: QWidget, suggestion: Path) -> Path | None:
    """Where a result should go; None if the person would rather not."""
    kinds = " ".join(f"*{ending}" for ending in FORMATS)
    name, _ = QFileDialog.getSaveFileName(window, "Save the result", str(suggestion), f"Pictures ({kinds})")
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(".png")


def save(picture: Picture, path: Path) -> None:
    """In the format its name says, in one piece or not at all. Raises UserError."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise UserError(f"'{path.name}' does not say which format it should have; end it in .png or .jpg.")
    from PIL import Image

    data = io.BytesIO()
    try:
        Image.fromarray(picture).save(data, form)
    except (OSError, ValueError):
        raise UserError(f"The result is too large for {form}; end the name in .png.") from None
    write(path, data.getvalue())
