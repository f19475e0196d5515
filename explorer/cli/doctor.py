"""`explorer doctor`: what works on this machine, and what to do about faults. Loads no Qt and no torch."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from explorer import folders
from explorer.assets import assets_folder
from explorer.cli.parsing import program_version
from explorer.cli.table import coloured
from explorer.cli.torch_beside_qt import c10_library, load_c10
from explorer.network.errors import UserError

PACKAGES = {
    "PySide6": "pyside6",
    "msgspec": "msgspec",
    "platformdirs": "platformdirs",
    "numpy": "numpy",
    "PIL": "pillow",
    "torch": "torch",
    "torchvision": "torchvision",
    "pyqtgraph": "pyqtgraph",
    "cv2": "opencv-python",
    "cryptography": "cryptography",
    "keyring": "keyring",
    "safetensors": "safetensors",
}
"""Module → the name it is installed by."""

FREE = 1 << 30
"""Bytes that should be free: a download of weights takes up to 0.6 GB."""

LIBRARIES = (
    "apt install libegl1 libgl1 libpulse0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1"
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `fix` is empty where nothing is wrong."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the checks; 0 if all are well, 1 if one is not."""
    checks = list(examine())
    if args.json:
        print(json.dumps({"checks": [asdict(check) for check in checks]}, ensure_ascii=False))
    else:
        _table(checks)
    return 0 if all(check.ok for check in checks) else 1


def _table(checks: list[Check]) -> None:
    colours = coloured()
    width = max(len(check.name) for check in checks)
    for check in checks:
        word = "ok   " if check.ok else "FAULT"
        if colours:
            word = f"\x1b[{32 if check.ok else 31}m{word}\x1b[0m"
        print(f"{word}  {check.name:<{width}}  {check.detail}")
        if check.fix:
            print(f"{'':5}  {'':<{width}}  → {check.fix}")


def examine() -> Iterator[Check]:
    """All checks that apply to this system, in the order in which they are printed."""
    yield Check("program", True, f"ConvNet Explorer {program_version()}, {platform.platform()}")
    yield _python()
    for module, name in PACKAGES.items():
        yield _package(module, name)
    yield _assets()
    yield _weights()
    if sys.platform == "linux":
        yield _window_libraries()
        yield _screen()
    yield _camera()
    if sys.platform == "win32":
        yield _torch_beside_qt()
    for kind, folder in _FOLDERS.items():
        yield _writable(kind, folder)
    yield _gallery()
    yield _disk()


_FOLDERS: dict[str, Callable[[], Path]] = {
    "settings": folders.settings_folder,
    "state": folders.state_folder,
    "data": folders.data_folder,
    "cache": folders.cache_folder,
}


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check(
        "python", ok, f"{platform.python_version()}, {sys.executable}", "" if ok else "install Python 3.11+"
    )


def _package(module: str, name: str) -> Check:
    fix = f"install it again: pip install {name}"
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, False, "not installed", fix)
    if find_spec(module) is None:
        return Check(name, False, f"{found} is recorded, but '{module}' is missing", fix)
    return Check(name, True, found)


def _assets() -> Check:
    try:
        return Check("assets", True, str(assets_folder()))
    except UserError as error:
        return Check("assets", False, str(error), "install ConvNet Explorer again")


def _weights() -> Check:
    """Whether the networks of Faces are the files that were shipped, byte by byte."""
    from explorer.interop.model_files import SFACE, YUNET, checked_bytes

    try:
        size = sum(len(checked_bytes(model)) for model in (YUNET, SFACE))
    except (UserError, OSError) as error:
        return Check("weights", False, str(error), "install ConvNet Explorer again")
    return Check("weights", True, f"YuNet and SFace for Faces, {size / 1e6:.1f} MB, as shipped")


def _window_libraries() -> Check:
    """Whether the libraries that Qt's X11 platform links are there: a bare Debian lacks some."""
    spec = find_spec("PySide6")
    if spec is None or spec.origin is None:
        return Check("window", False, "PySide6 is missing", "install it again: pip install pyside6")
    plugin = Path(spec.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    ldd = shutil.which("ldd")
    if ldd is None or not plugin.is_file():
        return Check("window", True, "Qt's libraries were not checked (no ldd, or another build of Qt)")
    answer = subprocess.run([ldd, str(plugin)], capture_output=True, text=True, check=False)
    missing = sorted({line.split()[0] for line in answer.stdout.splitlines() if "not found" in line})
    if missing:
        return Check("window", False, f"missing: {', '.join(missing)}", LIBRARIES)
    return Check("window", True, "Qt finds its libraries")


def _screen() -> Check:
    chosen = os.environ.get("QT_QPA_PLATFORM")
    screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if chosen or screen:
        return Check("screen", True, f"QT_QPA_PLATFORM={chosen}" if chosen else str(screen))
    return Check(
        "screen", False, "none: the window cannot open, the verbs work", "set DISPLAY, or run under xvfb-run"
    )


def _camera() -> Check:
    if sys.platform != "linux":  # looking would switch it on, or ask for permission
        return Check("camera", True, "not opened here; Faces and Filters list cameras by name")
    devices = sorted(Path("/dev").glob("video*"))
    denied = [device for device in devices if not os.access(device, os.R_OK | os.W_OK)]
    if denied:
        names = ", ".join(map(str, denied))
        return Check("camera", False, f"{names}: no permission", "add yourself to the group 'video'")
    names = ", ".join(map(str, devices))
    return Check("camera", True, names or "none found; a video file can stand in for one")


def _torch_beside_qt() -> Check:
    name, library = "torch beside Qt", c10_library()
    if library is None:
        return Check(name, False, "torch is missing", "install it again: pip install torch")
    try:
        load_c10()
    except OSError as error:
        return Check(name, False, f"{library}: {error}", "install the Visual C++ runtime, then torch again")
    return Check(name, True, str(library))


def _writable(kind: str, folder: Callable[[], Path]) -> Check:
    name = f"{kind} folder"
    try:
        path = folder()
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        return Check(
            name, False, str(error), "make it writable, or set CONVNET_EXPLORER_HOME to a folder that is"
        )
    return Check(name, True, str(path))


def _gallery() -> Check:
    """Whether the people kept on this computer can be opened; with a passphrase only if it was given."""
    from explorer.faces.gallery import keys, stored

    try:
        path = stored.gallery_path()
        lock = stored.lock_of(path)
        if lock is None:
            return Check("gallery", True, "none kept; people who are enrolled stay in memory")
        if lock.kind is keys.Kind.PASSPHRASE and not os.environ.get(keys.VARIABLE):
            return Check("gallery", True, f"{path}, locked by a passphrase; set {keys.VARIABLE} to check it")
        gallery = stored.StoredGallery.open(path, keys.command_line_key(lock))
    except (UserError, OSError) as error:
        reason, _, fix = str(error).partition("; ")
        return Check("gallery", False, reason, fix or "make the data folder readable")
    people = len(gallery.people())
    gallery.close()
    return Check("gallery", True, f"{path}, opens: {people} {'person' if people == 1 else 'people'}")


def _disk() -> Check:
    try:
        free = shutil.disk_usage(folders.cache_folder()).free
    except OSError as error:
        return Check("disk", False, str(error), "set CONVNET_EXPLORER_HOME to a folder on a disk with room")
    fix = "" if free >= FREE else "free 1 GB on this disk, or set CONVNET_EXPLORER_HOME to another"
    return Check("disk", free >= FREE, f"{free / 1e9:.1f} GB free for downloads", fix)
