"""Arguments: a verb and its own, or a file for the window. Imports nothing heavy."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from explorer.cli import VERBS
from explorer.network.errors import UserError

WORKSPACES = ("build", "filters", "train", "faces", "compare")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints fit on one line: argparse itself prints the usage first."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see '{self.prog} --help'")


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"ConvNet Explorer {program_version()}")
        parser.exit()


@dataclass(frozen=True)
class Command:
    """What is to be done: calling it does it, and gives the exit code."""

    name: str
    call: Callable[[], int]


def program_version() -> str:
    """The installed version, or the one of a checkout that was never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("convnet-explorer")
    except PackageNotFoundError:
        return "0 (not installed)"


def parse(arguments: Sequence[str]) -> Command:
    """The command that the arguments name. Raises `UserError` for wrong use; exits 0 itself after --help."""
    if arguments and arguments[0] in VERBS:
        return _verb(arguments[0], arguments[1:])
    return _window(arguments)


def _verb(name: str, arguments: Sequence[str]) -> Command:
    module = importlib.import_module(VERBS[name].module)
    parser = Parser(prog=f"explorer {name}", description=_sentence(VERBS[name].help))
    module.add_arguments(parser)
    parsed = parser.parse_args(arguments)

    def call() -> int:
        return int(module.run(parsed))

    return Command(name, call)


def _window(arguments: Sequence[str]) -> Command:
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {name:<{width}}  {verb.help}" for name, verb in VERBS.items())
    parser = Parser(
        prog="explorer",
        description="Build convolutional networks and see every size and count live.",
        epilog=f"without the window:\n{verbs}\n\n'explorer VERB --help' tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a .convnet project to open, or a classic network by its name"
    )
    parser.add_argument("--workspace", choices=WORKSPACES, metavar="NAME", help=", ".join(WORKSPACES))
    parser.add_argument("--camera", metavar="INDEX|FILE", help="a camera by its number, or a video file")
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    parsed = parser.parse_args(arguments)
    file = None if parsed.file is None else _openable(parsed.file)
    workspace: str | None = parsed.workspace
    camera: str | None = parsed.camera

    def call() -> int:
        if sys.platform == "win32":
            from contextlib import suppress

            from explorer.cli.torch_beside_qt import load_c10

            with suppress(OSError):  # the window works without torch; `explorer doctor` tells of it
                load_c10()
        from explorer.ui import app

        return app.run(file=file, workspace=workspace, camera=camera)

    return Command("window", call)


def _openable(text: str) -> str:
    """A file that is there, or the name of a classic network."""
    path = Path(text)
    if path.is_file():
        return text
    if path.is_dir():
        raise UserError(f"'{text}' is a folder; name a .convnet file in it")
    from explorer.zoo import catalogue

    if catalogue.known(text):
        return text
    import difflib

    near = difflib.get_close_matches(text, VERBS, n=1) or catalogue.near(text)
    hint = f"did you mean 'explorer {near[0]}'?" if near else "'explorer --help' lists what there is"
    raise UserError(f"no file or verb is called '{text}'; {hint}")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def say(line: str) -> None:
    """One line on standard error; a windowed program on Windows has none."""
    if sys.stderr is not None:
        print(line, file=sys.stderr, flush=True)
