"""Five hundred odd picture files, made the same each time, with what is to be seen of each."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from explorer.media.pictures import Picture

COUNT = 500


@dataclass(frozen=True, eq=False)
class Odd:
    """A file. `shown` is what must be seen, within `tolerance` levels; None where it may be refused.

    `refused` is whether it must be.
    """

    name: str
    data: bytes
    shown: Picture | None = None
    tolerance: int = 0
    refused: bool = False


def odd_pictures() -> Iterator[Odd]:
    """All of them, some with names that lie about what they are."""
    every = [*_sizes(), *_modes(), *_turned(), *_no_pictures(), *_bombs()]
    chance = random.Random(7)
    damaged = _damaged(chance)
    while len(every) < COUNT:
        every.append(next(damaged))
    endings = (".png", ".jpg", ".gif", ".tif", ".webp", ".bmp", ".txt", "", ".mp4.png")
    for number, one in enumerate(every[:COUNT]):
        yield Odd(
            f"{number:03}-{one.name}{endings[number % len(endings)]}", one.data, one.shown, one.tolerance,
            one.refused,
        )  # fmt: skip


def pattern(height: int, width: int, seed: int = 0) -> Picture:
    """No symmetry that would hide a flip, and smooth enough for JPEG."""
    rows, columns = np.mgrid[0:height, 0:width]
    picture = np.stack(
        [rows * 255 // max(1, height), columns * 255 // max(1, width), (rows + columns + 40 * seed) % 128],
        axis=2,
    )
    picture[: height // 4, : width // 3] = 30
    return picture.astype(np.uint8)


def packed(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


_LOSSLESS = ("PNG", "BMP", "TIFF", "PPM")


def _sizes() -> Iterator[Odd]:
    sizes = [(1, 1), (1, 2), (2, 1), (1, 300), (300, 1), (3, 3), (17, 31), (64, 64), (257, 255), (2, 5000)]
    sizes += [(7, 30_000), (30_000, 7), (200, 30_000)]
    for height, width in sizes:
        picture = pattern(height, width)
        for kind in _LOSSLESS:
            yield Odd(f"{kind.lower()}-{width}x{height}", packed(Image.fromarray(picture), kind), picture)
        smooth = np.full((height, width, 3), (200, 100, 50), np.uint8)
        yield Odd(f"jpeg-{width}x{height}", packed(Image.fromarray(smooth), "JPEG", quality=95), smooth, 4)
        if max(height, width) <= 16_383:
            made = packed(Image.fromarray(picture), "WEBP", lossless=True)
            yield Odd(f"webp-{width}x{height}", made, picture)


def _modes() -> Iterator[Odd]:
    for level in (0, 1, 100, 254, 255):
        grey = np.full((9, 14), level, np.uint8)
        seen = np.repeat(grey[:, :, None], 3, axis=2)
        for kind in ("PNG", "TIFF"):
            yield Odd(f"grey-{kind}", packed(Image.fromarray(grey), kind), seen)
            deep = Image.fromarray(grey.astype(np.uint16) * 257)
            yield Odd(f"sixteen-bits-{kind}", packed(deep, kind), seen)
            yield Odd(f"grey-alpha-{kind}", packed(Image.fromarray(grey).convert("LA"), kind), seen)
            palette = Image.fromarray(seen).convert("P", palette=Image.Palette.ADAPTIVE)
            yield Odd(f"palette-{kind}", packed(palette, kind), seen, 2)
        yield Odd("sixteen-bits-ppm", packed(Image.fromarray(grey.astype(np.uint16) * 257), "PPM"), seen)
        yield Odd("float", packed(Image.fromarray(grey.astype(np.float32) / 255), "TIFF"), seen, 1)
        yield Odd("cmyk-tiff", packed(Image.fromarray(seen).convert("CMYK"), "TIFF"), seen, 1)
        yield Odd("cmyk-jpeg", packed(Image.fromarray(seen).convert("CMYK"), "JPEG", quality=98), seen, 6)
        yield Odd("ycbcr", packed(Image.fromarray(seen).convert("YCbCr"), "JPEG", quality=98), seen, 6)
        yield Odd("gif", packed(Image.fromarray(grey), "GIF"), seen, 2)
        bits = np.full((9, 14, 3), 255 if level > 127 else 0, np.uint8)
        yield Odd("one-bit", packed(Image.fromarray(bits[..., 0]).convert("1"), "PNG"), bits)
        for alpha in (0, 128, 255):
            clear = np.dstack([seen, np.full((9, 14), alpha, np.uint8)])
            over = np.rint(seen * (alpha / 255) + 255 * (1 - alpha / 255)).astype(np.uint8)
            yield Odd("alpha", packed(Image.fromarray(clear), "PNG"), over, 1)
            yield Odd(
                "alpha-webp", packed(Image.fromarray(clear), "WEBP", lossless=True, exact=True), over, 1
            )
    palette = Image.new("P", (6, 5), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((0, 0), 0)
    over = np.full((5, 6, 3), 255, np.uint8)
    over[0, 0] = (255, 0, 0)
    yield Odd("clear-palette", packed(palette, "PNG", transparency=1), over)
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "blue")]
    first = np.full((5, 5, 3), (255, 0, 0), np.uint8)
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        moving = packed(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        yield Odd(f"animated-{kind}", moving, first, 2)


def _turned() -> Iterator[Odd]:
    ways = {2: "h", 3: "hv", 4: "v", 5: "t", 6: "th", 7: "thv", 8: "tv"}
    for orientation in (*range(1, 9), 0, 9, 250):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for height, width in ((24, 40), (1, 6)):
            upright = stored = pattern(height, width)
            for way in ways.get(orientation, ""):
                if way == "t":
                    upright = upright.transpose(1, 0, 2)
                else:
                    upright = upright[:, ::-1] if way == "h" else upright[::-1]
            for kind in ("PNG", "TIFF"):
                yield Odd(
                    f"turned-{orientation}-{kind}", packed(Image.fromarray(stored), kind, exif=exif), upright
                )


def _no_pictures() -> Iterator[Odd]:
    for name, data in (
        ("empty", b""),
        ("text", b"not a picture\n" * 40),
        ("html", b"<!doctype html><html><img src='x.png'></html>"),
        ("zip", b"PK\x03\x04" + bytes(60)),
        ("pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
        ("eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
        ("zeros", bytes(500)),
        ("program", b"\x7fELF" + bytes(100)),
        ("pickle", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix."),
        ("png-head", b"\x89PNG\r\n\x1a\n"),
        ("jpeg-head", b"\xff\xd8\xff\xe0"),
        ("gif-head", b"GIF89a"),
        ("tiff-head", b"II*\x00"),
    ):
        yield Odd(name, data, refused=True)


def _bombs() -> Iterator[Odd]:
    """A header that promises more than is taken, and no data behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for width, height in (
        (60_000, 60_000),
        (2**31 - 1, 1),
        (1, 2**31 - 1),
        (10_001, 10_000),
        (30_000, 30_000),
    ):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(9))), chunk(b"IEND", b"")
        yield Odd("bomb", b"\x89PNG\r\n\x1a\n" + b"".join(parts), refused=True)
    yield Odd("bomb-ppm", b"P6 40000 40000 255\n" + bytes(50), refused=True)


def _damaged(chance: random.Random) -> Iterator[Odd]:
    """Cut off, or with bytes changed: shown as far as it goes, or refused."""
    kinds = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
    whole = [packed(Image.fromarray(pattern(48, 60)), kind) for kind in kinds]
    while True:
        index = chance.randrange(len(kinds))
        data = bytearray(whole[index])
        if chance.random() < 0.5:
            yield Odd(f"cut-{kinds[index]}", bytes(data[: chance.randrange(1, len(data))]))
        else:
            for _ in range(chance.randint(1, 12)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            yield Odd(f"damaged-{kinds[index]}", bytes(data))
