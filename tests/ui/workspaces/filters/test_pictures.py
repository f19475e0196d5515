"""Pictures in and out: odd files, the clipboard, large ones, saving."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication, QImage

from explorer.imaging.kernels import BY_NAME
from explorer.network.errors import UserError
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.filters import saving
from explorer.ui.workspaces.filters.images import image_of, picture_of
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace

Until = Callable[..., bool]
NOISE = np.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def _png(image: Image.Image, form: str = "PNG") -> bytes:
    data = io.BytesIO()
    image.save(data, form)
    return data.getvalue()


def _odd() -> dict[str, tuple[bytes, tuple[int, int]]]:
    """Files that are shown, with the rows and columns they have."""
    color = Image.fromarray(NOISE)
    deep = Image.fromarray(NOISE[..., 0].astype(np.uint16) * 257)
    wide = Image.fromarray(np.tile(np.arange(30_000, dtype=np.uint16).astype(np.uint8), (5, 1)))
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    color.save(turned, "JPEG", exif=exif)
    return {
        "deep.png": (_png(deep), (30, 40)),
        "cmyk.jpg": (_png(color.convert("CMYK"), "JPEG"), (30, 40)),
        "alpha.png": (_png(color.convert("RGBA")), (30, 40)),
        "palette.gif.png": (_png(color.convert("P"), "GIF"), (30, 40)),
        "bit.bmp": (_png(color.convert("1"), "BMP"), (30, 40)),
        "turned.jpg": (turned.getvalue(), (40, 30)),
        "one.png": (_png(color.crop((0, 0, 1, 1))), (1, 1)),
        "wide.png": (_png(wide), (5, 30_000)),
        "really-a-png.jpg": (_png(color), (30, 40)),
    }


@pytest.mark.parametrize("name", list(_odd()))
def test_an_odd_picture_is_shown(
    filters: FiltersWorkspace, tmp_path: Path, until: Until, name: str, said: list[Message]
) -> None:
    data, size = _odd()[name]
    path = tmp_path / name
    path.write_bytes(data)
    assert filters.take_file(path)
    assert until(lambda: filters.lab.title == name or said)
    assert not said
    assert until(lambda: filters.lab.stage is not None)
    assert filters.lab.out == size
    assert not filters.stage.grab().isNull()
    filters.stage.zoom_to_pixels()
    assert not filters.stage.grab().isNull()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("truncated.png", _png(Image.fromarray(NOISE))[:900]),
        ("text.jpg", b"this is no picture"),
        ("empty.png", b""),
    ],
)
def test_what_is_no_picture_is_refused_and_the_old_one_stays(
    filters: FiltersWorkspace, tmp_path: Path, until: Until, name: str, data: bytes, said: list[Message]
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    filters.take_file(path)
    assert until(lambda: bool(said))
    assert name in said[0].text
    assert said[0].details == ""
    assert filters.lab.title == "Still life"
    assert filters.has_result()


def test_files_of_other_kinds_are_left_to_others(filters: FiltersWorkspace) -> None:
    assert not filters.take_file(Path("network.convnet"))


def test_a_large_picture_is_filtered_beside_the_window(filters: FiltersWorkspace, until: Until) -> None:
    lab = filters.lab
    lab.choose_kernel(BY_NAME["gaussian-15"])
    large = np.zeros((2000, 3000, 3), np.uint8)
    lab.show_picture(large, "large")
    assert lab.computing
    assert lab.stage is None
    lab.choose_kernel(BY_NAME["box-7"])
    assert until(lambda: not lab.computing and lab.stage is not None)
    assert lab.stage is not None
    assert lab.stage.filter.kernel.name == "box-7"
    assert lab.out == (2000, 3000)


def test_pasting(filters: FiltersWorkspace, said: list[Message]) -> None:
    QGuiApplication.clipboard().clear()
    assert not filters.sources.paste()
    assert "no picture in the clipboard" in said[0].text
    QGuiApplication.clipboard().setImage(image_of(NOISE))
    assert filters.sources.paste()
    assert filters.lab.picture is not None
    assert np.array_equal(filters.lab.picture, NOISE)


def test_transparent_parts_are_white() -> None:
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(0)
    assert (picture_of(image) == 255).all()


@pytest.mark.parametrize("width", [1, 2, 3, 5, 40])
def test_pictures_go_to_qt_and_back(width: int) -> None:
    assert np.array_equal(picture_of(image_of(NOISE[:, :width])), NOISE[:, :width])
    grey = NOISE[:, :width, 0]
    assert np.array_equal(picture_of(image_of(grey))[..., 1], grey)


def test_the_result_is_copied_and_saved(
    filters: FiltersWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[Message]
) -> None:
    assert filters.lab.stage is not None
    shown = filters.lab.stage.shown
    filters.copy_result()
    assert np.array_equal(picture_of(QGuiApplication.clipboard().image()), shown)
    target = tmp_path / "out.png"
    monkeypatch.setattr(saving, "ask_where", lambda window, suggestion: target)
    filters.save_result()
    assert np.array_equal(np.asarray(Image.open(target)), shown)
    assert said[-1].text == "Saved as out.png."
    with pytest.raises(UserError, match=r"end it in \.png"):
        saving.save(shown, tmp_path / "out.xyz")
    with pytest.raises(UserError, match="too large for JPEG"):
        saving.save(np.zeros((2, 70_000), np.uint8), tmp_path / "wide.jpg")
    with pytest.raises(UserError, match="could not be saved"):
        saving.save(shown, tmp_path / "nowhere" / "out.png")


def test_kernels_go_to_the_clipboard_as_text_and_back(filters: FiltersWorkspace) -> None:
    filters.lab.choose_kernel(BY_NAME["sobel-x"])
    filters.panel.copy_text()
    assert QGuiApplication.clipboard().text() == "-1 0 1; -2 0 2; -1 0 1"
    filters.lab.choose_kernel(BY_NAME["box-3"])
    assert filters.panel.paste_text() == ""
    assert filters.lab.filter.kernel.rows == BY_NAME["sobel-x"].rows
    QGuiApplication.clipboard().setText("1 2; 3")
    assert "every row needs as many" in filters.panel.paste_text()
    assert filters.lab.filter.kernel.rows == BY_NAME["sobel-x"].rows
