"""Where a picture to run comes from: one that ships, one used before, or any file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.assets import assets_folder
from explorer.ui.shell.settings import Settings

LAST = "build/picture-folder"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
"""As in media.pictures, whose imports (numpy, Pillow) the window does without until a picture is run."""


def bundled_pictures() -> list[Path]:
    """The pictures that ship, by name."""
    folder = assets_folder() / "pictures"
    return sorted(path for path in folder.glob("*.png") if path.is_file()) if folder.is_dir() else []


def picture_title(path: Path) -> str:
    """How a shipped picture is called: `two-shapes.png` is "Two shapes"."""
    words = path.stem.replace("-", " ")
    return words[:1].upper() + words[1:]


def choose_picture(parent: QWidget, settings: Settings) -> Path | None:
    """Ask for a file; None if nobody chose one. The folder is remembered."""
    kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
    before = settings.words(LAST)
    folder = before[0] if before else str(Path.home())
    name, _ = QFileDialog.getOpenFileName(
        parent,
        "Run a picture",
        folder,
        f"Pictures ({kinds});;All files (*)",
    )
    if not name:
        return None
    settings.set_words(LAST, [str(Path(name).parent)])
    return Path(name)


def is_picture(path: Path) -> bool:
    """Whether a file's name is that of a picture."""
    return path.suffix.lower() in SUFFIXES
