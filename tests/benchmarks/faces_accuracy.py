"""How well faces are told apart, on pictures of one's own: those that ship are too few for it.

`FACES_DATA=FOLDER python -m tests.benchmarks faces_accuracy`. The folder holds `people/NAME/*.jpg`, and if
there are any `strangers/*.jpg`, each of another person, and `pairs.csv` (a,b,same,fold). Without the variable
there is nothing to measure and no row. A picture without a face is an error, whatever the truth.

The peer of a rate is its goal; the spread of rates over pairs is a bootstrap over people, that of the open
set over draws of who is enrolled.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.faces.decision import averaged, identify
from explorer.faces.evaluation import ten_fold, true_accepts_at
from explorer.faces.face_set import FaceSet, of_embeddings
from explorer.faces.intervals import figures as rates
from explorer.faces.pairs import read_pairs
from explorer.faces.pipeline import FacePipeline, NoFace
from explorer.media.pictures import SUFFIXES, read_picture
from tests.benchmarks.measure import PAIRS, Figure

VARIABLE = "FACES_DATA"
ACCURACY, ACCEPTS, FOUND, STRANGERS = 0.9935, 0.989, 0.99, 0.002
ENROLLED, DRAWS = 20, 200
Embedding = NDArray[np.float32]


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Accuracy by fold, TAR at FAR 1e-3 over all cross pairs, and the open set with 20 enrolled."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        print(f"faces_accuracy: set {VARIABLE} to a folder of people to measure it", file=sys.stderr)
        return
    root = Path(folder)
    people = _read(root / "people")
    strangers = _read(root / "strangers")
    if (root / "pairs.csv").is_file():
        yield _folds(root / "pairs.csv", people | strangers)
    yield from _cross_pairs(people | strangers)
    yield from _open_set(people, list(strangers.values()))


def _read(folder: Path) -> dict[Path, Embedding | None]:
    pipeline = FacePipeline()
    found: dict[Path, Embedding | None] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        try:
            found[path] = pipeline.read(read_picture(path)).embedding
        except NoFace:
            found[path] = None
    return found


def _folds(file: Path, faces: dict[Path, Embedding | None]) -> Figure:
    listed = read_pairs(file)
    distances = np.full(len(listed), np.inf)
    for place, pair in enumerate(listed):
        a, b = faces[pair.a], faces[pair.b]
        if a is not None and b is not None:
            distances[place] = 2 - 2 * float(a @ b)
    folds = ten_fold(distances, np.array([pair.same for pair in listed]), [pair.fold for pair in listed])
    low, high = folds.accuracy - 1.96 * folds.std, folds.accuracy + 1.96 * folds.std
    note = f"{len(listed):,} pairs, {len(folds.accuracies)} folds, ± {100 * folds.std:.2f} % standard error"
    return _rate("faces_pairs", folds.accuracy, ACCURACY, low, high, note)


def _cross_pairs(faces: dict[Path, Embedding | None]) -> Iterator[Figure]:
    """Somebody of `people` is the folder, a stranger the file."""
    known = {path: one for path, one in faces.items() if one is not None}
    names = [path.parent.name if path.parent.parent.name == "people" else path.stem for path in known]
    every = of_embeddings("all", np.stack(list(known.values())), names, [None] * len(known))
    crossed = _without_limit(every)
    lost = len(faces) - len(known)
    found = rates(crossed)
    near, far = crossed.genuine, crossed.impostor
    note = f"{len(near):,} pairs of one person, {len(far):,} of two; {lost} pictures without a face"
    eer = found.eer
    yield _rate("faces_eer", 1 - eer.value, 0.9923, 1 - eer.high, 1 - eer.low, f"1 − EER; {note}")
    for name, rate in (("1e-2", 1e-2), ("1e-3", 1e-3)):
        interval = found.true_accepts[rate]
        if interval is not None:
            goal = ACCEPTS if rate < 1e-2 else 0.9923
            yield _rate(f"faces_tar_{name}", interval.value, goal, interval.low, interval.high, note)
    if len(far) >= 100_000:
        strict = true_accepts_at(near, far, 1e-4)
        yield _rate("faces_tar_1e-4", strict, 0.98, strict, strict, note)


def _without_limit(faces: FaceSet) -> FaceSet:
    """All pairs are there: as many as this are not thinned out."""
    assert len(faces.a) == len(faces.names) * (len(faces.names) - 1) // 2, "a smaller folder will do"
    return faces


def _open_set(people: dict[Path, Embedding | None], strangers: list[Embedding | None]) -> Iterator[Figure]:
    """20 people by one picture each; their other pictures and everybody else come before the camera."""
    own: dict[str, list[Embedding | None]] = {}
    for path, one in people.items():
        own.setdefault(path.parent.name, []).append(one)
    able = sorted(name for name, rows in own.items() if sum(row is not None for row in rows) > 1)
    if len(able) < ENROLLED:
        return
    draw = np.random.default_rng(0)
    found, entered = [], []
    for _ in range(DRAWS):
        chosen = set(draw.choice(able, ENROLLED, replace=False))
        rows, names, probes = [], [], []
        for name in sorted(chosen):
            places = draw.permutation(len(own[name]))
            first = next(place for place in places if own[name][place] is not None)
            rows.append(own[name][first])
            names.append(name)
            probes += [(name, own[name][place]) for place in places if place != first]
        matrix, owners = averaged(np.stack([row for row in rows if row is not None]), names)
        found.append(np.mean([_who(one, matrix, owners) == name for name, one in probes]))
        others = [one for name, each in own.items() if name not in chosen for one in each] + strangers
        entered.append(np.mean([_who(one, matrix, owners) is not None for one in others]))
    note = f"{ENROLLED} enrolled by one picture, {DRAWS} draws, {len(strangers)} strangers and the others"
    low, high = np.quantile(found, (0.025, 0.975))
    yield _rate("faces_found", float(np.mean(found)), FOUND, low, high, note)
    low, high = np.quantile(entered, (0.025, 0.975))
    mean = float(np.mean(entered))
    yield Figure(
        "faces_strangers", mean, STRANGERS, mean / STRANGERS, f"≤ {100 * STRANGERS:g} %", mean <= STRANGERS,
        (low / STRANGERS, high / STRANGERS), note, "%",
    )  # fmt: skip


def _who(one: Embedding | None, matrix: Embedding, names: tuple[str, ...]) -> str | None:
    return None if one is None else identify(one, matrix, names).name


def _rate(name: str, value: float, goal: float, low: float, high: float, note: str) -> Figure:
    """A share that is to be at least `goal`."""
    said = f"≥ {100 * goal:.2f} %"
    return Figure(name, value, goal, value / goal, said, value >= goal, (low / goal, high / goal), note, "%")
