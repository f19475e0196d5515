"""What a source may be, told without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.interop import sources
from explorer.interop.torchvision_models import names
from explorer.interop.torchvision_names import NAMES
from explorer.network.errors import UserError


def test_the_names_that_are_offered_are_torchvisions() -> None:
    assert list(NAMES) == [name for name in names() if not name.startswith("quantized_")]


@pytest.mark.parametrize(
    ("text", "kind", "place", "called", "executes"),
    [
        ("torchvision:resnet18", "torchvision", "resnet18", "", False),
        ("python:a.b:c.d", "python", "a.b", "c.d", True),
        ("C:\\nets\\a.py:Net", "file", "C:\\nets\\a.py", "Net", True),
        ("net.py", "file", "net.py", "", True),
        ("net.pt2", "pt2", "net.pt2", "", True),
        ("net.ONNX", "onnx", "net.ONNX", "", False),
    ],
)
def test_forms(text: str, kind: str, place: str, called: str, executes: bool) -> None:
    found = sources.parse(text)
    assert found == sources.Foreign(text, kind, place, called)
    assert found.executes is executes


@pytest.mark.parametrize("text", ["resnet18", "x.convnet", "picture.png", ""])
def test_what_is_none(text: str) -> None:
    assert sources.parse(text) is None


@pytest.mark.parametrize("text", ["a.pth", "b.pkl", "c.CKPT", "d.bin"])
def test_pickles_are_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(UserError, match=r"runs code when it is opened.*x\.pt2.*--weights"):
        sources.parse(text)


def test_makers_are_found_in_the_text_alone(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "raise SystemExit\n"
        "class Needs(Module):\n    def __init__(self, n): pass\n"
        "class Plain: pass\n"
        "class Free(Module):\n    def __init__(self, n=3, *, m=2): pass\n"
        "def _hidden(): pass\n"
        "def keyed(*, n): pass\n"
        "def make(n=1): pass\n"
    )
    assert sources.makers(path) == ["make", "Free"]
    path.write_text("def (:")
    assert sources.makers(path) == []
    assert sources.makers(tmp_path / "missing.py") == []
