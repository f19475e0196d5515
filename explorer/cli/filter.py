"""`explorer filter`: one kernel over one picture."""

from __future__ import annotations

import argparse
import io
import json
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli import source
from explorer.cli.table import tell
from explorer.network import numerals
from explorer.network.atomic import write
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.imaging.filtering import Padding

_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("image", metavar="IMAGE", help="a picture: JPEG, PNG, WebP, BMP, GIF, TIFF, PPM")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="where the result goes")
    parser.add_argument(
        "--kernel", metavar="K", required=True, help="a kernel's name, or '1 0 -1; 0 0 0; -1 0 1'"
    )
    parser.add_argument("--stride", type=source.positive, default=1, metavar="S")
    parser.add_argument(
        "--padding", default="same", metavar="P", help="same (default), valid, or pixels on each side"
    )
    parser.add_argument(
        "--border", choices=("zero", "reflect", "replicate"), default="zero", help="what padding is"
    )
    parser.add_argument("--dilation", type=source.positive, default=1, metavar="D")
    parser.add_argument(
        "--bias", type=_number, default=0.0, metavar="X", help="added to each sum, as a convolution does"
    )
    parser.add_argument(
        "--scale", type=_number, default=1.0, metavar="X", help="the result is multiplied by this"
    )
    parser.add_argument(
        "--offset",
        type=_number,
        default=0.0,
        metavar="X",
        help="and this is added to it, then rounded and clipped to 0–255",
    )
    parser.add_argument("--grey", action="store_true", help="filter the grey picture instead of each colour")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write the filtered picture."""
    target = Path(args.output)
    form = _FORMATS.get(target.suffix.lower())
    if form is None:
        raise UserError(f"'{target.name}' does not say which format it should have; end it in .png or .jpg")
    from PIL import Image

    from explorer.imaging import kernels
    from explorer.imaging.filtering import Filter, show
    from explorer.media.pictures import read_picture

    filter_ = Filter(
        kernels.find(args.kernel),
        args.stride,
        _padding(args.padding),
        args.border,
        args.dilation,
        "grey" if args.grey else "each",
        bias=args.bias,
        scale=args.scale,
        offset=args.offset,
    )
    picture = read_picture(args.image)
    shown = show(picture, filter_)
    data = io.BytesIO()
    Image.fromarray(shown).save(data, form)
    write(target, data.getvalue())
    before, after = ((_channels(p), p.shape[0], p.shape[1]) for p in (picture, shown))
    if args.json:
        print(json.dumps({"input": list(before), "output": list(after), "file": str(target)}))
    else:
        tell(f"{numerals.shape(before)} → {numerals.shape(after)}  {target}")
    return 0


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number")
    return value


def _channels(picture: object) -> int:
    shape: tuple[int, ...] = picture.shape  # type: ignore[attr-defined]
    return shape[2] if len(shape) == 3 else 1


def _padding(text: str) -> Padding:
    if text == "same":
        return "same"
    if text == "valid":
        return "valid"
    if text.isdecimal() and int(text) <= 1000:
        return int(text)
    raise UserError(f"padding '{text}' is not same, valid or a number of pixels up to 1000")
