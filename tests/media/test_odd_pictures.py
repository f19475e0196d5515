"""Five hundred odd pictures: each is shown rightly or refused clearly, and the memory stays bounded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.media.odd_pictures import COUNT, odd_pictures

MOST_MEMORY = 300 << 20
"""Bytes that reading any of them may add to what the program takes without."""
_CHILD = """
import json, re, sys
from pathlib import Path
from explorer.imaging.filtering import Filter
from explorer.imaging.kernels import BY_NAME
from explorer.media.pictures import read_picture
from explorer.network.errors import UserError
from explorer.ui.workspaces.filters.live import filtered

def peak():
    # Not rusage's: that one remembers the process it was forked from.
    return 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

steps = (Filter(BY_NAME["sharpen"]), Filter(BY_NAME["box-3"], stride=2))
read_picture(sys.argv[2])
before, said = peak(), {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        picture = read_picture(path)
    except UserError as error:
        said[path.name] = str(error)
        continue
    done = filtered(picture, steps, 1, rooms=((400, 300), (400, 300)))
    said[path.name] = [list(picture.shape), done.chain.fault]
print(json.dumps({"said": said, "added": peak() - before}))
"""


def test_each_is_shown_rightly_or_refused_clearly(tmp_path: Path) -> None:
    from explorer.media.pictures import decode_picture
    from explorer.network.errors import UserError

    outcomes: Counter[str] = Counter()
    for odd in odd_pictures():
        try:
            picture = decode_picture(odd.data, odd.name)
        except UserError as error:
            said = str(error)
            assert odd.shown is None, f"{odd.name}: {said}"
            assert said.startswith(f"'{odd.name}' "), said
            assert "\n" not in said
            assert len(said) < 160
            outcomes["refused"] += 1
            continue
        assert not odd.refused, f"{odd.name} was taken for a picture"
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        outcomes["shown"] += 1
        if odd.shown is not None:
            assert picture.shape == odd.shown.shape, odd.name
            worst = int(np.abs(picture.astype(int) - odd.shown.astype(int)).max())
            assert worst <= odd.tolerance, f"{odd.name}: {worst} levels off"
            outcomes["right"] += 1
    assert outcomes["shown"] + outcomes["refused"] == COUNT
    assert outcomes["right"] >= 220
    assert outcomes["refused"] >= 80


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_reading_and_filtering_them_takes_bounded_memory(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for odd in odd_pictures():
        (folder / odd.name).write_bytes(odd.data)
    first = next(odd for odd in odd_pictures() if odd.shown is not None)
    asked = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder), str(folder / first.name)],
        capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr[-2000:]
    answer = json.loads(asked.stdout)
    assert len(answer["said"]) == COUNT
    assert answer["added"] < MOST_MEMORY
    for said in answer["said"].values():
        if isinstance(said, list) and said[1]:
            assert "\n" not in said[1]  # a picture too small for the filter says so
