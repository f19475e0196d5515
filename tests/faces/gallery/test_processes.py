"""A gallery in several processes: two that write at once, and one that is killed at any moment."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from explorer.faces.gallery.keys import Lock, unlock
from explorer.faces.gallery.stored import StoredGallery
from explorer.network.errors import UserError
from tests.faces.gallery.made import ENCODER, PASSPHRASE, key, made, stored

KILLS = 30
ROOT = Path(__file__).parents[3]

WRITER = """
import sys
from pathlib import Path
from explorer.faces.gallery.keys import Key, Lock
from explorer.faces.gallery.stored import StoredGallery
from tests.faces.gallery.made import made
import msgspec

path, secret, lock, first, count = sys.argv[1:]
key = Key(bytes.fromhex(secret), msgspec.json.decode(lock, type=Lock))
print("ready", flush=True)
sys.stdin.readline()
gallery = StoredGallery.open(Path(path), key)
for number in range(int(first), int(first) + int(count)):
    face = made(number)
    gallery.enrol(f"Person {number}", face, True)
    if number % 5 == 4:
        gallery.delete(f"Person {number - 1}")
    print(number, flush=True)
gallery.close()
"""


def writer(path: Path, first: int, count: int) -> subprocess.Popen[str]:
    lock = msgspec.json.encode(key().lock).decode()
    arguments = [str(path), key().secret.hex(), lock, str(first), str(count)]
    paths = [str(ROOT), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    return subprocess.Popen(
        [sys.executable, "-S", "-c", WRITER, *arguments],
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": ":".join(paths),
        },  # the same rounding: NumPy's kernels are chosen there
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> str:
    """The next line that it says."""
    assert process.stdout is not None
    return process.stdout.readline()


def end(process: subprocess.Popen[str]) -> str:
    """What it still had to say."""
    assert process.stdout is not None
    assert process.stdin is not None
    process.wait()
    rest = process.stdout.read()
    process.stdout.close()
    process.stdin.close()
    return rest


def test_two_processes_make_and_fill_one_gallery(tmp_path: Path) -> None:
    path = tmp_path / "people.gallery"
    processes = [writer(path, first, 20) for first in (0, 100)]
    for process in processes:
        go(process)
    for process in processes:
        assert len(end(process).split()) == 20
        assert process.returncode == 0
    gallery = stored(tmp_path)
    expected = {n for first in (0, 100) for n in range(first, first + 20) if n % 5 != 3}
    assert {person.name for person in gallery.people()} == {f"Person {number}" for number in expected}
    gallery.close()


INTRUDER = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
    print("got in")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_opening_it_once_more_does_not_let_another_process_into_what_is_being_written(tmp_path: Path) -> None:
    gallery = stored(tmp_path)
    with gallery._writing():
        StoredGallery.open(gallery.path, key()).close()
        said = subprocess.run(
            [sys.executable, "-c", INTRUDER, str(gallery.path)], capture_output=True, text=True, check=True
        )
    assert said.stdout.strip() == "database is locked"
    gallery.close()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "people.gallery"
    chance = random.Random(11)
    expected: set[int] = set()
    waiting = writer(path, 0, 10**6)
    grown = 0
    for kill in range(KILLS):
        process, first = waiting, kill * 10**6
        go(process)
        waiting = writer(path, first + 10**6, 10**6)  # starts up meanwhile
        said = [int(heard(process)) for _ in range(chance.randrange(4))]  # at work, however slow the machine
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        said += [int(line) for line in end(process).split()]
        done = set(said) - {number - 1 for number in said if number % 5 == 4}
        following = (said[-1] + 1) if said else first
        sure, maybe = expected | done, {following, following - 1}
        try:
            gallery = StoredGallery.open(path, key())
        except UserError as error:
            pytest.fail(f"after kill {kill}: {error}")
        found = {int(person.name.split()[1]) for person in gallery.people()}
        assert sure - maybe <= found <= sure | maybe, f"after kill {kill}"
        matrix, names = gallery.embeddings(ENCODER)
        for row, name in zip(matrix, names, strict=True):
            assert (row == made(int(name.split()[1])).embedding).all()
        for name in names[:: max(1, len(names) // 5)]:
            assert len(gallery.chips(name)) == 1
        gallery.close()
        grown += bool(done)
        expected = found
    waiting.kill()
    end(waiting)
    assert grown > KILLS // 4  # most were killed at work and not before


def test_the_lock_travels_as_text() -> None:
    lock = msgspec.json.decode(msgspec.json.encode(key().lock), type=Lock)
    assert unlock(lock, PASSPHRASE) == key()
