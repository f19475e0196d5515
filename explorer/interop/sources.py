"""Where a network may come from outside: torchvision by name, a Python module or file, `.pt2`, `.onnx`.

`python:MODULE:CALLABLE`, `FILE.py:CALLABLE` and `.pt2` (whose loader unpickles) run somebody's code: whoever
calls `read` has asked, or was told.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from explorer.network.errors import UserError
from explorer.network.layer import Shape

PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")
_MOST_TEXT = 4 << 20


class Foreign(NamedTuple):
    """A source that is no project file: which kind, the module or file, and what to call in it."""

    text: str
    kind: str  # "torchvision", "python", "file", "pt2" or "onnx"
    place: str
    callable: str = ""

    @property
    def executes(self) -> bool:
        """Whether reading it runs code that came with it."""
        return self.kind in ("python", "file", "pt2")

    @property
    def name(self) -> str:
        """What the network is called."""
        if self.kind in ("python", "file") and self.callable:
            return self.callable
        return self.place if self.kind == "torchvision" else Path(self.place).stem


def parse(text: str) -> Foreign | None:
    """What `text` names, or None if it is none of these forms. Raises UserError for half of one."""
    if text.startswith("torchvision:"):
        return Foreign(text, "torchvision", text.removeprefix("torchvision:"))
    if text.startswith("python:"):
        parts = text.split(":")
        if len(parts) != 3 or not all(parts):
            raise UserError(f"'{text}' is not of the form python:MODULE:CALLABLE")
        return Foreign(text, "python", parts[1], parts[2])
    place, found, name = text.rpartition(".py:")
    if found:
        if not name:
            raise UserError(f"'{text}' names no callable; write FILE.py:CALLABLE")
        return Foreign(text, "file", f"{place}.py", name)
    ending = Path(text).suffix.lower()
    if ending in (".py", ".pt2", ".onnx"):
        return Foreign(text, {".py": "file"}.get(ending, ending[1:]), text)
    if ending in PICKLES:
        raise UserError(
            f"'{text}' is a pickle, which runs code when it is opened: write the model with "
            "torch.export.save (x.pt2) or to .onnx, or name what makes it (x.py:CALLABLE); weights alone go "
            "with --weights"
        )
    if ending == ".safetensors":
        raise UserError(f"'{text}' holds weights and no network: name the network, and these with --weights")
    return None


def missing(source: Foreign) -> str | None:
    """What is wrong with the file that is named, without opening it; None if nothing is."""
    if source.kind in ("torchvision", "python"):
        return None
    if os.path.isdir(source.place):
        return f"'{source.place}' is a folder"
    if not os.path.isfile(source.place):
        return f"there is no file '{source.place}'"
    return None


def read(source: Foreign, shape: Shape | None = None) -> Any:
    """The network and the report, an `Imported`; traced at `shape` (C, H, W) if it is given.

    The network's notes say where it is from and how it was read. Loads torch. Raises UserError.
    """
    wrong = missing(source)
    if wrong is not None:
        raise UserError(wrong)
    found = _read(source, shape)
    origin = source.text if source.kind in ("torchvision", "python") else Path(source.text).name
    notes = "\n".join([f"From {origin}.", *found.report.lines()])
    return replace(found, network=replace(found.network, notes=notes))


def _read(source: Foreign, shape: Shape | None) -> Any:
    path = Path(source.place)
    if source.kind == "pt2":
        from explorer.interop import exported_programs

        return exported_programs.read(path, shape)
    if source.kind == "onnx":
        from explorer.interop import onnx_models

        return onnx_models.read(path, shape)
    from explorer.interop.torch_trace.importing import import_module
    from explorer.interop.torch_trace.input_size import declared, fitting

    if source.kind == "torchvision":
        from explorer.interop import torchvision_models

        module = torchvision_models.make(source.place)
        usual = torchvision_models.inputs(source.place)
        shapes = usual if shape is None else [shape] * len(usual)
        return import_module(module, shapes, source.name, keep_weights=False)
    module = make(source)
    if shape is None:
        return import_module(module, fitting(module), source.name)
    try:
        return import_module(module, [shape], source.name)
    except UserError as error:
        own = next(declared(module), shape)
        if own == shape:
            raise
        size = "x".join(map(str, own))
        raise UserError(f"{error} (it says of itself that it takes {size})") from None


def make(source: Foreign) -> Any:
    """The `nn.Module` that a Python module or file gives. Runs their code."""
    from torch import nn

    found = _module(source) if source.kind == "python" else _file(Path(source.place))
    if not source.callable:
        return _called(_only(found, source), source)
    value: Any = found
    for part in source.callable.split("."):
        if not hasattr(value, part):
            near = [name for name in vars(found) if not name.startswith("_")]
            import difflib

            similar = difflib.get_close_matches(part, near, n=3)
            hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
            raise UserError(f"'{source.place}' has no '{source.callable}'{hint}")
        value = getattr(value, part)
    made = value if isinstance(value, nn.Module) else _called(value, source)
    if not isinstance(made, nn.Module):
        raise UserError(
            f"'{source.text}' gave a {type(made).__name__}, not a torch.nn.Module: name what makes the module"
        )
    return made


def _module(source: Foreign) -> Any:
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)  # as `python -m` looks there first
    try:
        return importlib.import_module(source.place)
    except ModuleNotFoundError as error:
        if error.name and source.place.startswith(error.name):
            raise UserError(f"there is no Python module '{source.place}' here") from None
        raise UserError(f"'{source.place}' needs '{error.name}', which is not installed here") from error
    except (Exception, SystemExit) as error:  # somebody's code may raise anything
        raise UserError(f"'{source.place}' failed while it was imported: {_said(error)}") from error


def _file(path: Path) -> Any:
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = f"_explorer_source_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserError(f"'{path}' is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise UserError(f"'{path}' failed while it was imported: {_said(error)}") from error
    return module


def _only(found: Any, source: Foreign) -> Any:
    """The one thing in a file that makes a module, where no name was given."""
    from torch import nn

    own = {
        name: value
        for name, value in vars(found).items()
        if not name.startswith("_")
        and (isinstance(value, nn.Module) or getattr(value, "__module__", None) == found.__name__)
    }
    instances = [name for name, value in own.items() if isinstance(value, nn.Module)]
    callables = [name for name, value in own.items() if callable(value) and _needs_nothing(value)]
    functions = [name for name in callables if inspect.isfunction(own[name])]
    for names in (instances, functions, callables):
        if len(names) == 1:
            return own[names[0]]
    choice = ", ".join(sorted({*instances, *callables})[:8])
    if not choice:
        raise UserError(f"'{source.place}' has nothing that makes a module without being given anything")
    raise UserError(f"'{source.place}' has several: {choice}; name one, as in {source.place}:NAME")


def _needs_nothing(value: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return False
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(one.default is not one.empty or one.kind in variable for one in parameters)


def _called(value: Any, source: Foreign) -> Any:
    from torch import nn

    if isinstance(value, nn.Module):
        return value
    if not callable(value):
        raise UserError(f"'{source.text}' is a {type(value).__name__}, not something that makes a module")
    try:
        return value()
    except (Exception, SystemExit) as error:
        raise UserError(f"'{source.text}' failed when it was called: {_said(error)}") from error


def _said(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {text}".rstrip(": ")[:300]


def makers(path: Path) -> list[str]:
    """What a Python file has that may make a module, told from its text alone: nothing of it is run.

    Classes that are derived from something, and functions, that need no argument; the last ones first, as a
    file builds up to its network.
    """
    try:
        tree = ast.parse(path.read_bytes()[:_MOST_TEXT])
    except (OSError, SyntaxError, ValueError):
        return []
    found = []
    for part in tree.body:
        if isinstance(part, ast.ClassDef) and part.bases:
            inits = [one for one in part.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            if not inits or _free(inits[0].args, 1):
                found.append(part.name)
        elif isinstance(part, ast.FunctionDef) and _free(part.args, 0):
            found.append(part.name)
    return [name for name in reversed(found) if not name.startswith("_")]


def _free(arguments: ast.arguments, given: int) -> bool:
    """Whether a function can be called with so many arguments."""
    places = len(arguments.posonlyargs) + len(arguments.args)
    needed = places - len(arguments.defaults) - given
    return needed <= 0 and all(default is not None for default in arguments.kw_defaults)
