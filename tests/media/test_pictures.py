"""Pictures of every mode, and files that are damaged, huge or no pictures at all."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explorer.media import pictures
from explorer.media.pictures import IMAGENET, Normalization, Picture, decode_picture, read_picture, to_input
from explorer.network.errors import UserError


def made(height: int = 40, width: int = 60) -> Picture:
    """A gradient with a dark corner at the top left: no symmetry that hides a flip."""
    rows, columns = np.mgrid[0:height, 0:width]
    picture = np.stack([rows * 255 // height, columns * 255 // width, (rows + columns) % 256], axis=2)
    picture[: height // 4, : width // 4] = 0
    return picture.astype(np.uint8)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def close(a: Picture, b: Picture, tolerance: int) -> bool:
    return a.shape == b.shape and int(np.abs(a.astype(int) - b.astype(int)).max()) <= tolerance


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_files_come_back_exactly(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.wrong-ending"
    path.write_bytes(saved(Image.fromarray(made()), kind))
    picture = read_picture(path)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    assert np.array_equal(picture, made())


def test_webp_and_jpeg() -> None:
    smooth = np.full((32, 48, 3), (200, 100, 50), np.uint8)
    assert close(decode_picture(saved(Image.fromarray(smooth), "JPEG", quality=95)), smooth, 4)
    assert np.array_equal(decode_picture(saved(Image.fromarray(made()), "WEBP", lossless=True)), made())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(made()), "PNG", exif=exif)
    expected = made()
    flips = {2: "h", 3: "hv", 4: "v", 5: "t", 6: "tH", 7: "thv", 8: "tV"}.get(orientation, "")
    for flip in flips:
        if flip == "t":
            expected = expected.transpose(1, 0, 2)
        else:
            expected = expected[:, ::-1] if flip in "hH" else expected[::-1]
    assert np.array_equal(decode_picture(data), expected)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"]
)
def test_every_mode_becomes_rgb(mode: str) -> None:
    grey = np.full((8, 9), 100, np.uint8)
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(grey.astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(grey.astype(np.float32) / 255)
    elif mode == "LAB":
        image = Image.merge("LAB", [Image.fromarray(grey)] * 3)
    else:
        image = Image.fromarray(grey).convert(mode)
    picture = decode_picture(saved(image, "JPEG" if mode == "YCbCr" else "TIFF"))
    assert picture.shape == (8, 9, 3)
    assert picture.dtype == np.uint8
    if mode not in ("1", "LAB", "P", "PA"):
        assert close(picture, np.full((8, 9, 3), 100, np.uint8), 1)


def test_sixteen_bits_keep_their_range() -> None:
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    for kind in ("PNG", "TIFF", "PPM"):
        picture = decode_picture(saved(Image.fromarray(values), kind))
        assert picture[0, :, 0].tolist() == [0, 1, 128, 255], kind


def test_other_ranges_are_stretched_and_not_a_number_is_black() -> None:
    values = np.array([[-10.0, 0.0, 30.0, np.nan]], np.float32)
    assert decode_picture(saved(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 64, 255, 64]
    flat = np.full((2, 2), 1e6, np.float32)
    assert decode_picture(saved(Image.fromarray(flat), "TIFF")).max() == 0


def test_alpha_is_laid_over_white() -> None:
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0, :, 3] = [0, 128, 255]
    picture = decode_picture(saved(Image.fromarray(rgba), "PNG"))
    assert picture[0, :, 0].tolist() == [255, 127, 0]


def test_a_transparent_palette_entry_is_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((0, 0), 0)
    picture = decode_picture(saved(image, "PNG", transparency=1))
    assert picture[0, 0].tolist() == [255, 0, 0]
    assert picture[1, 1].tolist() == [255, 255, 255]


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode_picture(data)[0, 0].tolist() == [255, 0, 0]


# --- what is refused ---


def png_header(width: int, height: int) -> bytes:
    """A PNG of any claimed size, with next to no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_001, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(
        UserError, match=r"^'bomb\.png' has more than 100 million pixels; make it smaller first$"
    ):
        decode_picture(png_header(*size), "bomb.png")


def test_a_huge_jpeg_is_decoded_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PIXEL_LIMIT", 1000)
    smooth = Image.new("RGB", (200, 100), (10, 120, 200))
    assert decode_picture(saved(smooth, "JPEG")).shape == (13, 25, 3)
    with pytest.raises(UserError, match="pixels"):
        decode_picture(saved(smooth, "JPEG", progressive=True))
    with pytest.raises(UserError, match="pixels"):
        decode_picture(saved(smooth.resize((2000, 1000)), "JPEG"))


def test_a_truncated_picture_is_said_to_be() -> None:
    data = saved(Image.fromarray(made(200, 200)), "PNG")
    with pytest.raises(UserError, match=r"^'half\.png' is damaged, incomplete"):
        decode_picture(data[: len(data) // 2], "half.png")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"hello, I am a text", "is not a picture that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture that can be read"),
    ],
)
def test_what_is_no_picture(data: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        decode_picture(data)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="there is no file"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(UserError, match="is a folder"):
        read_picture(tmp_path)
    monkeypatch.setattr(pictures, "FILE_LIMIT", 1 << 20)
    large = tmp_path / "large.png"
    large.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(UserError, match="is larger than 1 MiB"):
        read_picture(large)


_SEEDS = [
    saved(Image.fromarray(made(24, 24)), kind)
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
] + [saved(Image.fromarray(made(24, 24)), "TIFF", compression="tiff_lzw")]


@settings(max_examples=300)
@given(st.sampled_from(range(len(_SEEDS))), st.integers(0, 2**32))
def test_damaged_files_open_or_are_refused_clearly(seed: int, chance: int) -> None:
    dice = random.Random(chance)
    data = bytearray(_SEEDS[seed])
    for _ in range(dice.randint(1, 8)):
        match dice.randrange(3):
            case 0:
                data[dice.randrange(len(data))] = dice.randrange(256)
            case 1:
                del data[dice.randrange(len(data)) :][: dice.randint(1, 64)]
            case _:
                data[dice.randrange(min(64, len(data)))] = dice.choice((0, 255))
        data = data or bytearray(b"\0")
    message, picture = "", made()
    try:
        picture = decode_picture(bytes(data), "damaged")
    except UserError as error:
        message = str(error)
    assert not message or message.startswith("'damaged' ")
    assert "\n" not in message
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert picture.dtype == np.uint8


# --- to a network's input ---


@given(
    st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 3]), st.integers(1, 70), st.integers(1, 70)
)
@settings(max_examples=100)
def test_any_picture_fits_any_input(high: int, wide: int, channels: int, height: int, width: int) -> None:
    values = to_input(made(high, wide), channels, height, width)
    assert values.shape == (channels, height, width)
    assert values.dtype == np.float32
    assert values.flags.c_contiguous
    assert values.min() >= 0
    assert values.max() <= 1


def test_a_picture_of_the_right_size_passes_unchanged() -> None:
    values = to_input(made(32, 32), 3, 32, 32)
    assert np.array_equal(np.rint(values.transpose(1, 2, 0) * 255).astype(np.uint8), made(32, 32))


def test_a_long_strip_does_not_explode() -> None:
    strip = np.zeros((1, 200_000, 3), np.uint8)
    strip[:, 99_000:101_000] = 255
    assert to_input(strip, 3, 224, 224).min() == 1
    assert to_input(strip.transpose(1, 0, 2), 1, 224, 224).min() == 1


def test_normalization() -> None:
    plain = to_input(made(), 3, 30, 30)
    normal = to_input(made(), 3, 30, 30, IMAGENET)
    for channel in range(3):
        expected = (plain[channel] - IMAGENET.mean[channel]) / IMAGENET.std[channel]
        np.testing.assert_allclose(normal[channel], expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="normalization"):
        to_input(made(), 1, 30, 30, Normalization((0.5,) * 3, (0.5,) * 3))


def test_channels_that_no_picture_has() -> None:
    with pytest.raises(UserError, match="6 channels; a picture has 1"):
        to_input(made(), 6, 30, 30)


@pytest.mark.parametrize("shape", [(300, 400), (401, 300), (256, 256), (500, 333), (97, 1000)])
def test_the_same_values_as_torchvision(shape: tuple[int, int]) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    image = Image.fromarray(made(*shape))
    theirs = transforms.Compose(
        [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()],
    )(image)
    np.testing.assert_array_equal(to_input(made(*shape), 3, 224, 224), theirs.numpy())
    grey = transforms.Compose([transforms.Grayscale(), transforms.Resize(256), transforms.CenterCrop(224)])(
        image
    )
    np.testing.assert_array_equal(np.rint(to_input(made(*shape), 1, 224, 224)[0] * 255), np.asarray(grey))
