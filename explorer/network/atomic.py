"""Writing a file so that, whatever happens, it is the old one or the new one."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import sys
import time
from pathlib import Path
from secrets import token_hex

from explorer.network.errors import UserError

ABANDONED_AFTER = 600.0
"""Seconds after which an unfinished file beside the target is nobody's any more."""


def write(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data`, keeping its permissions and following a link to its file.

    The bytes go to a new file beside it, reach the disk, and only then take the name. Raises UserError.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode(target)
        temporary = target.with_name(f".{target.name[:100]}.{token_hex(6)}.new")
        _clear(target)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                os.chmod(temporary, mode)
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(target.parent)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"{path} could not be saved: {reason}. The file is as it was.") from error


def _clear(target: Path) -> None:
    """Remove what a save that was killed left beside the file; a fresh one may be another window's."""
    long_ago = time.time() - ABANDONED_AFTER
    pattern = f".{glob.escape(target.name[:100])}.{'[0-9a-f]' * 12}.new"
    with contextlib.suppress(OSError):
        for left in target.parent.glob(pattern):
            if left.stat().st_mtime < long_ago:
                left.unlink()


def _mode(target: Path) -> int | None:
    """The permissions of the file, None for a new one. Raises OSError where it may not be written."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(None, "it is not a file")
    if not os.access(target, os.W_OK):
        raise PermissionError(None, "it is read-only")
    return stat.S_IMODE(found.st_mode)


def _sync_folder(folder: Path) -> None:
    """Let the new name reach the disk too, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network file systems refuse; the file itself is written
    finally:
        os.close(handle)
