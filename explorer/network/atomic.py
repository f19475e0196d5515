"""Writing a file so that, whatever happens, it is the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from explorer.network.errors import UserError


def write(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data`, keeping its permissions and following a link to its file.

    The bytes go to a new file beside it, reach the disk, and only then take the name. Raises UserError.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _mode(target)
        handle, temporary = tempfile.mkstemp(".new", f".{target.name[:100]}.", target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
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


def _mode(target: Path) -> int:
    """The permissions of the file, or those of a new one. Raises OSError where it may not be written."""
    try:
        found = target.stat()
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
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
