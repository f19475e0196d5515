"""What a person set and the window remembers: theme, geometry, splitters, recents."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from explorer.folders import settings_folder
from explorer.ui.theme import Choice

RECENTS = 12
COMMANDS = 6


class Settings:
    """An INI file in the settings folder; two windows may write it, Qt merges them."""

    def __init__(self, folder: Path | None = None) -> None:
        path = (folder or settings_folder()) / "window.ini"
        self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> Choice:
        """The chosen theme; anything unreadable is "system"."""
        read = self._store.value("look/theme", "system")
        return "light" if read == "light" else "dark" if read == "dark" else "system"

    @theme.setter
    def theme(self, choice: Choice) -> None:
        self._store.setValue("look/theme", choice)

    @property
    def projector(self) -> bool:
        """Whether projector mode is on."""
        return self.flag("look/projector", False)

    @projector.setter
    def projector(self, on: bool) -> None:
        self.set_flag("look/projector", on)

    def flag(self, key: str, default: bool) -> bool:
        """A yes or no, e.g. whether a panel is open."""
        return str(self._store.value(key, default)).lower() in ("true", "1")

    def set_flag(self, key: str, value: bool) -> None:
        """Keep a yes or no."""
        self._store.setValue(key, value)

    def number(self, key: str, default: float) -> float:
        """A number; an unreadable one is the default."""
        try:
            return float(str(self._store.value(key, default)))
        except ValueError:
            return default

    def set_number(self, key: str, value: float) -> None:
        """Keep a number."""
        self._store.setValue(key, value)

    def state(self, key: str) -> QByteArray:
        """Qt's own bytes for a window or a splitter; empty if there are none."""
        read = self._store.value(key)
        return read if isinstance(read, QByteArray) else QByteArray()

    def set_state(self, key: str, value: QByteArray) -> None:
        """Keep Qt's bytes."""
        self._store.setValue(key, value)

    def words(self, key: str) -> list[str]:
        """A list of texts."""
        read = self._store.value(key, [])
        if isinstance(read, str):  # how an INI file gives back a list of one
            return [read] if read else []
        return [word for word in read if isinstance(word, str)] if isinstance(read, list) else []

    def set_words(self, key: str, words: list[str]) -> None:
        """Keep a list of texts."""
        self._store.setValue(key, words)

    @property
    def recents(self) -> list[Path]:
        """The files last opened or saved, latest first, whether they still exist or not."""
        return [Path(word) for word in self.words("files/recent")]

    def add_recent(self, path: Path) -> None:
        """Put a file at the top of the recents."""
        kept = [other for other in self.recents if other != path]
        self.set_words("files/recent", [str(one) for one in [path, *kept][:RECENTS]])

    def remove_recent(self, path: Path) -> None:
        """Forget a file."""
        self.set_words("files/recent", [str(other) for other in self.recents if other != path])

    @property
    def recent_commands(self) -> list[str]:
        """Ids of the commands last run from the palette, latest first."""
        return self.words("palette/recent")

    def add_recent_command(self, identifier: str) -> None:
        """Put a command at the top of the recent ones."""
        kept = [other for other in self.recent_commands if other != identifier]
        self.set_words("palette/recent", [identifier, *kept][:COMMANDS])

    def sync(self) -> None:
        """Write now."""
        self._store.sync()
