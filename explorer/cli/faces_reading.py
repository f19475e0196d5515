"""What the verbs of `explorer faces` share: reading a face from a file, and the threshold's argument."""

from __future__ import annotations

import argparse
from functools import cache
from typing import TYPE_CHECKING

from explorer.cli.parsing import say

if TYPE_CHECKING:
    from explorer.faces.pipeline import FacePipeline, Reading


def add_threshold(parser: argparse.ArgumentParser, default: str) -> None:
    """`--threshold`, a squared L2 distance."""
    parser.add_argument(
        "--threshold",
        type=_distance,
        metavar="T",
        help=f"same if the squared L2 distance is at most T ({default})",
    )


def _distance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 4:
        raise argparse.ArgumentTypeError(f"'{text}' is not a squared L2 distance from 0 to 4")
    return value


@cache
def pipeline() -> FacePipeline:
    """The one of this run."""
    from explorer.faces.pipeline import FacePipeline

    return FacePipeline()


def read_face(path: str) -> Reading:
    """The face in a picture file. Raises UserError if there is no picture or no face in it."""
    from explorer.media.pictures import read_picture

    return pipeline().read(read_picture(path), name=f"'{path}'")


def warn(path: str, reading: Reading) -> None:
    """Says on standard error what is doubtful about a picture."""
    if reading.faces > 1:
        say(f"'{path}': it shows {reading.faces} faces; the largest near the middle is meant")
    for hint in reading.quality.hints():
        say(f"'{path}': {hint}")
