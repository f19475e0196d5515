from __future__ import annotations

import os
import time
from pathlib import Path

from explorer.network import atomic


def test_what_a_killed_save_left_is_cleared_once_it_is_old(tmp_path: Path) -> None:
    old, fresh, other = (
        tmp_path / name
        for name in (
            ".a[1].convnet.0123456789ab.new",
            ".a[1].convnet.ba9876543210.new",
            ".b.0123456789ab.new",
        )
    )
    for file in (old, fresh, other):
        file.write_text("half")
    long_ago = time.time() - 2 * atomic.ABANDONED_AFTER
    os.utime(old, (long_ago, long_ago))
    os.utime(other, (long_ago, long_ago))
    atomic.write(tmp_path / "a[1].convnet", b"whole")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        [fresh.name, other.name, "a[1].convnet"]
    )
