"""The nearest of 100,000 enrolled pictures, and batches from a folder of 10,000 pictures of 1,000 people."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.faces.decision import identify
from explorer.faces.encoder import unit
from explorer.faces.folder import PeopleFolder, scan
from explorer.faces.sampler import PeopleSampler
from explorer.media.opencv import cv2
from tests.benchmarks.measure import PAIRS, Figure, in_turns, seconds

GALLERY, PEOPLE, EACH = 100_000, 1000, 10
SEARCH_GOAL, ROUND_GOAL, MEMORY_GOAL = 0.010, 30.0, 50_000_000


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Searching, a round of batches with decoding, and the memory of the folder and its sampler."""
    yield _search(pairs)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        _make(root)
        yield from _folder(root)


def _search(pairs: int) -> Figure:
    drawn = np.random.default_rng(0)
    matrix = drawn.normal(size=(GALLERY, 128)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    names = [f"person {index // 2}" for index in range(GALLERY)]
    wanted = unit(matrix[4321] + 0.02 * drawn.normal(size=128).astype(np.float32))

    def ours() -> float:
        found = []
        spent = seconds(lambda: found.append(identify(wanted, matrix, names, people=GALLERY // 2)))
        assert found[0].name == names[4321]
        return spent

    return in_turns(
        "faces_search",
        ours,
        lambda: seconds(lambda: np.argsort(-(matrix @ wanted))),
        f"≤ {1000 * SEARCH_GOAL:g} ms",
        lambda own, _: own <= SEARCH_GOAL,
        pairs=max(pairs, 15),
        note=f"{GALLERY:,} pictures of {GALLERY // 2:,} people; the peer sorts them all",
    )


def _make(root: Path) -> None:
    drawn = np.random.default_rng(0)
    for person in range(PEOPLE):
        folder = root / f"person {person:04}"
        folder.mkdir()
        base = drawn.integers(0, 256, (8, 8, 3), np.uint8)
        for number in range(EACH):
            picture = cv2.resize(base, (112, 112), interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(
                str(folder / f"{number}.jpg"), np.clip(picture.astype(int) + number, 0, 255).astype(np.uint8)
            )


def _folder(root: Path) -> Iterator[Figure]:
    found: list[PeopleFolder] = []
    scanning = seconds(lambda: found.append(scan(root)))
    folder = found[0]
    assert (len(folder.names), len(folder)) == (PEOPLE, PEOPLE * EACH)

    def one_round() -> None:
        for batch in PeopleSampler(folder.people, 20, 4):
            for index in batch:
                folder.picture(int(index))

    reading = seconds(one_round)
    note = f"{len(folder):,} pictures of {PEOPLE:,} people"
    yield _alone("faces_scan", scanning, 5.0, "s", note)
    yield _alone("faces_round", reading, ROUND_GOAL, "s", f"{note}; 50 batches of 20 × 4, decoded")
    tracemalloc.start()
    held = scan(root)
    sampler = PeopleSampler(held.people, 20, 4)
    next(iter(sampler))
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield _alone("faces_memory", used, MEMORY_GOAL, "B", f"{note}; peak of scan and sampler")


def _alone(name: str, own: float, goal: float, unit_name: str, note: str) -> Figure:
    said = f"≤ {goal / 1e6:g} MB" if unit_name == "B" else f"≤ {goal:g} s"
    return Figure(name, own, goal, own / goal, said, own <= goal, (own / goal, own / goal), note, unit_name)
