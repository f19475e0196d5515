"""What may be imported where: the document without Qt, torch, numpy and cv2; the window without torch."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli import VERBS

ROOT = Path(__file__).parents[1]

BLOCKER = """
import importlib, json, pkgutil, sys

BLOCKED = {"PySide6", "torch", "torchvision", "numpy", "cv2", "PIL", "pyqtgraph", "platformdirs"}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocker())

def modules(name):
    package = importlib.import_module(name)
    yield package
    for info in pkgutil.walk_packages(package.__path__, name + "."):
        yield importlib.import_module(info.name)
"""


def python(program: str) -> str:
    """The standard output of a program in a fresh interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_blocker_blocks() -> None:
    with pytest.raises(AssertionError, match="numpy is blocked"):
        python(BLOCKER + "import numpy")


def test_the_document_and_the_zoo_need_nothing_but_msgspec() -> None:
    program = """
def third():
    return {name.partition(".")[0] for name, module in list(sys.modules.items())
            if "site-packages" in (getattr(module, "__file__", None) or "")}

import msgspec
before = third()  # msgspec, what it takes along, and what the interpreter itself starts with
imported = [module.__name__ for module in modules("explorer.network")]
if importlib.util.find_spec("explorer.zoo"):
    imported += [module.__name__ for module in modules("explorer.zoo")]
print(json.dumps([len(imported), sorted(third() - before)]))
"""
    count, more = json.loads(python(BLOCKER + "import importlib.util\n" + program))
    assert count >= 5
    assert more == []


@pytest.mark.skipif(
    importlib.util.find_spec("explorer.cli.summary") is None
    or importlib.util.find_spec("explorer.zoo") is None,
    reason="there is no summary yet",
)
def test_a_summary_runs_without_qt_torch_numpy_and_cv2() -> None:
    program = "from explorer.__main__ import main\nsys.exit(main(['summary', 'resnet18', '--json']))"
    totals = json.loads(python(BLOCKER + program))["totals"]
    assert (totals["parameters"], totals["macs"]) == (11_689_512, 1_814_073_344)


HEAVY = ("torch", "torchvision", "cv2", "pyqtgraph")


def imported(statement: str) -> list[str]:
    names = ("PySide6", *HEAVY)
    program = f"{statement}\nimport json, sys\nprint(json.dumps([n for n in {names!r} if n in sys.modules]))"
    return list(json.loads(python(program).splitlines()[-1]))


def test_the_door_imports_nothing_heavy() -> None:
    assert imported("import explorer.__main__") == []


@pytest.mark.skipif(importlib.util.find_spec("explorer.ui.app") is None, reason="there is no window yet")
def test_the_window_starts_without_torch() -> None:
    assert set(imported("import explorer.__main__\nimport explorer.ui.app")) <= {"PySide6"}


@pytest.mark.parametrize("name", list(VERBS))
def test_a_verb_is_there_and_imports_no_window(name: str) -> None:
    if importlib.util.find_spec(VERBS[name].module) is None:
        pytest.skip(f"{VERBS[name].module} is not written yet")
    found = imported(
        f"import argparse, importlib\nmodule = importlib.import_module({VERBS[name].module!r})\n"
        "module.add_arguments(argparse.ArgumentParser())\nassert callable(module.run)"
    )
    assert found == []


def test_torch_is_found_without_importing_it() -> None:
    """What Windows loads before Qt lies in torch's folder; finding it must not import torch."""
    statement = (
        "from explorer.cli.torch_beside_qt import c10_library\n"
        "library = c10_library()\n"
        "assert library is not None and library.name == 'c10.dll'\n"
        "assert library.parent.is_dir()"
    )
    assert imported(statement) == []
