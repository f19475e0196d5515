"""Blocks that a person saved: pieces of networks as JSON files in a folder of their own."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from explorer.folders import settings_folder
from explorer.network.errors import UserError
from explorer.network.fragment import Fragment, from_text, to_text

SUFFIX = ".block.json"
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


class SavedBlocks:
    """The folder. Names are file names, so they are cleaned of what a system forbids in those."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or settings_folder() / "blocks"

    def names(self) -> list[str]:
        """All saved blocks, by name."""
        found = (path.name.removesuffix(SUFFIX) for path in self._folder.glob(f"*{SUFFIX}"))
        return sorted(found, key=str.casefold)

    def free_name(self, wanted: str) -> str:
        """`wanted`, cleaned, or with a number behind it if that is taken."""
        clean = self._clean(wanted) or "Block"
        taken = {name.casefold() for name in self.names()}
        number, name = 1, clean
        while name.casefold() in taken:
            number += 1
            name = f"{clean} {number}"
        return name

    def save(self, name: str, fragment: Fragment) -> None:
        """Keep a fragment. The file is whole or not there. Raises UserError if it cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._folder, suffix=".part", delete=False
            ) as file:
                file.write(to_text(fragment))
            os.replace(file.name, self._path(name))
        except OSError as error:
            raise UserError(
                f"The block '{name}' could not be saved in {self._folder}: {error.strerror or error}"
            ) from None

    def load(self, name: str) -> Fragment:
        """Read one. Raises UserError if it is gone or is not a block."""
        try:
            text = self._path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise UserError(
                f"The saved block '{name}' cannot be read any more; remove it from the library."
            ) from None
        try:
            return from_text(text)
        except UserError as error:
            raise UserError(f"The saved block '{name}' is damaged: {error}") from None

    def rename(self, name: str, wanted: str) -> str:
        """Give it another name; returns the one it got. Raises UserError if the file is gone."""
        if self._clean(wanted) in ("", name):
            return name
        free = self.free_name(wanted)
        try:
            self._path(name).rename(self._path(free))
        except OSError as error:
            raise UserError(f"'{name}' could not be renamed: {error.strerror or error}") from None
        return free

    def remove(self, name: str) -> None:
        """Forget one."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{self._clean(name)}{SUFFIX}"

    def _clean(self, name: str) -> str:
        return _FORBIDDEN.sub(" ", name).strip(" .")[:80]
