from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.ui.canvas import folding
from explorer.ui.canvas.picture import export
from tests.ui.canvas.networks import broken, chain, inception, resnet


def test_svg_keeps_text_as_text(qapp: object, tmp_path: Path) -> None:
    found = export(inception(), tmp_path / "net.svg").read_text(encoding="utf-8")
    words = re.findall(r">([^<>]+)</text>", found)
    assert "Inception" in words
    assert "concat" in words
    assert "256 × 28 × 28" in words
    assert "<image" not in found


def test_every_layer_is_in_the_picture(qapp: object, tmp_path: Path) -> None:
    network = resnet((2, 1))
    found = export(network, tmp_path / "net.svg").read_text(encoding="utf-8")
    assert len(re.findall(r">Batch norm</text>", found)) == sum(
        node.name.startswith(("bn", "downsample_bn")) for node in network.nodes.values()
    )
    assert infer(network).totals.exact


def test_pdf_has_one_page_and_selectable_text(qapp: object, tmp_path: Path) -> None:
    data = export(chain(), tmp_path / "net.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1
    assert b"/Font" in data
    assert len(data) > 5000


def test_png_is_two_pixels_a_unit_but_never_too_large(qapp: object, tmp_path: Path) -> None:
    small = QImage(str(export(chain(), tmp_path / "small.png")))
    assert small.height() == pytest.approx(2 * (576 + 64 + 60), abs=8)
    network = resnet()
    network = apply(network, folding.all_unfolded(network).edits)
    large = QImage(str(export(network, tmp_path / "large.png")))
    assert large.height() == 16_000


def test_dark_and_light(qapp: object, tmp_path: Path) -> None:
    light = QImage(str(export(broken(), tmp_path / "l.png"))).pixelColor(2, 2)
    dark = QImage(str(export(broken(), tmp_path / "d.png", theme="dark"))).pixelColor(2, 2)
    assert light.lightness() > 240
    assert dark.lightness() < 40


def test_another_ending_is_refused(qapp: object, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.svg, \.pdf or \.png"):
        export(chain(), tmp_path / "net.gif")


def test_it_works_without_a_window(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, '.');"
        "from pathlib import Path; from tests.ui.canvas.networks import chain;"
        "from explorer.ui.canvas.picture import export;"
        f"export(chain(), Path({str(tmp_path / 'net.svg')!r}));"
        "from PySide6.QtWidgets import QApplication;"
        "from PySide6.QtGui import QGuiApplication;"
        "assert not isinstance(QGuiApplication.instance(), QApplication); assert 'torch' not in sys.modules"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "net.svg").stat().st_size > 1000
