"""The first files of a process may be read by two threads at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from explorer.network.builder import Builder
from explorer.network.layers import ReLU
from explorer.network.project import save

READ_AT_ONCE = """
import sys, threading
from pathlib import Path
from explorer.network import project

sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def read():
    together.wait()
    assert len(project.load(Path(sys.argv[1])).nodes) == 2

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_read_their_first_file_at_once(tmp_path: Path) -> None:
    builder = Builder()
    builder.input(3, 8, 8)
    builder.add(ReLU())
    file = tmp_path / "two.convnet"
    save(file, builder.network())
    for _ in range(3):
        read = subprocess.run(
            [sys.executable, "-c", READ_AT_ONCE, str(file)], capture_output=True, text=True, check=False
        )
        assert (read.returncode, read.stderr) == (0, "")
