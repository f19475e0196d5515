"""A save that is killed at any moment leaves the old file or the new one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.network import project
from explorer.network.graph import Network

KILLS = 100

SAVER = """
import sys
from pathlib import Path
from explorer.network import project
from explorer.network.graph import Network, Node
from explorer.network.layers import ReLU

path = Path(sys.argv[1])
networks = []
for number in range(2):
    nodes = {f"n{i}": Node(f"n{i}", f"n{i}", ReLU()) for i in range(200 + 300 * number)}
    networks.append(Network(f"number {number}", "", nodes))
for count in range(10**9):
    project.save(path, networks[count % 2])
    if count == 0:
        print("saving", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
@pytest.mark.slow
def test_a_killed_save_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "net.convnet"
    project.save(path, Network("old"))
    chance = random.Random(7)
    seen = set()
    root = Path(__file__).parents[2]
    paths = [str(root), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    running: list[subprocess.Popen[str]] = []

    def start() -> None:
        # The next one starts up while this one is saving.
        running.append(
            subprocess.Popen(
                [sys.executable, "-S", "-c", SAVER, str(path)], stdout=subprocess.PIPE, text=True, cwd=root,
                env={"PYTHONPATH": ":".join(paths)},
            )
        )  # fmt: skip

    start()
    for _ in range(KILLS):
        saver = running.pop(0)
        assert saver.stdout is not None
        assert saver.stdout.readline() == "saving\n"
        start()
        time.sleep(chance.uniform(0, 0.02))
        saver.kill()
        saver.wait()
        saver.stdout.close()
        network = project.load(path)
        assert len(network.nodes) == {"number 0": 200, "number 1": 500}[network.name]
        seen.add(network.name)
    for saver in running:
        saver.kill()
        saver.wait()
        assert saver.stdout is not None
        saver.stdout.close()
    assert seen == {"number 0", "number 1"}
