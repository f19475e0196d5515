"""Every verb's JSON, key by key: what scripts rely on. More keys may come; none of these may go or change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.__main__ import main
from explorer.assets import asset
from explorer.cli import VERBS

Captured = pytest.CaptureFixture[str]
NUMBER = (int, float)


class Maybe:
    """None, or what fits."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind


class Some(list[Any]):
    """As a list of what each member is, of which there is at least one."""


def check(found: Any, kind: Any, at: str = "$") -> None:
    """`kind` is a type, several, a dict of keys, a list of what each member is, a Maybe or a predicate."""
    if isinstance(kind, Maybe):
        if found is not None:
            check(found, kind.kind, at)
    elif isinstance(kind, dict):
        assert isinstance(found, dict), at
        assert kind.keys() <= found.keys(), f"{at} lacks {sorted(kind.keys() - found.keys())}"
        for key, one in kind.items():
            check(found[key], one, f"{at}.{key}")
    elif isinstance(kind, list):
        assert isinstance(found, list), at
        assert found or not isinstance(kind, Some), f"{at} is empty"
        for index, one in enumerate(found):
            check(one, kind[0], f"{at}[{index}]")
    elif isinstance(kind, type | tuple):
        assert isinstance(found, kind), f"{at} is {found!r}"
        assert not (isinstance(found, bool) and kind in (int, NUMBER)), f"{at} is {found!r}"
    else:
        assert kind(found), f"{at} is {found!r}"


def one_of(*words: str) -> Callable[[Any], bool]:
    return lambda found: found in words


def share(found: Any) -> bool:
    return isinstance(found, int | float) and 0 <= found <= 1


SHAPE = Some([int])
LAYER = {
    "id": str,
    "name": str,
    "type": str,
    "block": Maybe(str),
    "input": [SHAPE],
    "output": SHAPE,
    "parameters": int,
    "weights": int,
    "biases": int,
    "macs": int,
    "receptive_field": Maybe([NUMBER]),
    "memory_bytes": int,
    "shared_with": Maybe(str),
    "problems": [str],
}
SUMMARY = {
    "name": str,
    "input": SHAPE,
    "layers": Some([LAYER]),
    "totals": {"parameters": int, "trainable": int, "macs": int, "exact": bool, "activation_bytes": int},
    "problems": [{"node": Maybe(str), "code": str, "message": str, "mends": [str]}],
}
ZOO = {
    "networks": Some(
        [
            {
                "name": str,
                "title": str,
                "year": Maybe(int),
                "input": SHAPE,
                "parameters": int,
                "macs": int,
                "top1_error": Maybe(share),
                "top5_error": Maybe(share),
                "source": str,
            }
        ]
    )
}
EXPLAIN = {
    "formula": str,
    "substituted": str,
    "remainder": [int],
    "dropped_pixels": [int],
    "output": SHAPE,
    "parameters_formula": str,
}
DIFF = {
    "rows": Some(
        [{"status": one_of("same", "changed", "added", "removed"), "a": Maybe(dict), "b": Maybe(dict)}]
    ),
    "totals": dict,
}
RUN = {
    "name": str,
    "input": SHAPE,
    "seconds": NUMBER,
    "classes": Maybe([{"name": str, "probability": share}]),
    "layers": Some([{"id": str, "name": str, "type": str, "output": SHAPE, "seconds": NUMBER}]),
}
FILTER = {"input": SHAPE, "output": SHAPE, "file": str}
EXPORT = {"file": str, "max_difference": Maybe(NUMBER)}
VERIFY = {
    "same": bool,
    "distance": NUMBER,
    "threshold": NUMBER,
    "probability": share,
    "calibration": str,
    "faces": [int],
}
IDENTIFIED = {
    "name": Maybe(str),
    "distance": Maybe(NUMBER),
    "threshold": NUMBER,
    "candidates": [{"name": str, "distance": NUMBER}],
}
EVALUATED = {
    "pairs": int,
    "accuracy": share,
    "accuracy_std": NUMBER,
    "eer": share,
    "tar_at_far": {"1e-2": share, "1e-3": share},
    "tar_at_far_interval": {"1e-2": [share], "1e-3": [share]},
    "roc": Some([{"threshold": NUMBER, "far": share, "tar": share}]),
    "threshold": NUMBER,
    "undetected": int,
    "ms_per_face": NUMBER,
}
DOCTOR = {"checks": Some([{"name": str, "ok": bool, "detail": str, "fix": Maybe(str)}])}
EVENTS: dict[str, Any] = {
    "batch": {"loss": Maybe(NUMBER), "epoch": int, "batch": int},
    "epoch": {"loss": Maybe(NUMBER), "epoch": int, "images_per_second": NUMBER},
    "saved": {"file": str},
    "done": {"epochs": int, "seconds": NUMBER, "stopped": bool},
    "skipped": {"file": str, "reason": str},
}


def strict(text: str) -> Any:
    """As JSON: Python's own NaN and Infinity are none."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


FACE = str(asset("faces", "Viktor", "1.jpg"))
OTHER = str(asset("faces", "Viktor", "2.jpg"))
NORA = str(asset("faces", "Nora", "1.jpg"))
PICTURE = str(asset("pictures", "still-life.png"))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with two classes of pictures, three people and a list of pairs."""
    monkeypatch.setenv("EXPLORER_GALLERY_KEY", "correct horse battery")
    monkeypatch.chdir(tmp_path)
    drawn = np.random.default_rng(0)
    for name in ("data/red", "data/blue", "p/a", "p/b", "p/c", "p/d"):
        Path(name).mkdir(parents=True)
        for number in range(6):
            Image.fromarray(drawn.integers(0, 255, (28, 28, 3), np.uint8)).save(Path(name, f"{number}.png"))
    rows = [(FACE, OTHER, 1), (NORA, NORA, 1), (FACE, NORA, 0), (OTHER, NORA, 0)]
    Path("pairs.csv").write_text("a,b,same\n" + "".join(f"{a},{b},{same}\n" for a, b, same in rows))
    return tmp_path


CASES: tuple[tuple[list[str], int, Any], ...] = (
    (["zoo"], 0, ZOO),
    (["zoo", "lenet5"], 0, ZOO),
    (["summary", "alexnet"], 0, SUMMARY),
    (["summary", "siamese"], 0, SUMMARY),
    (["explain", "vgg16", "conv1_1"], 0, EXPLAIN),
    (["diff", "plain34", "resnet34"], 0, DIFF),
    (["diff", "lenet5", "lenet5-1998"], 0, DIFF),
    (["export", "lenet5", "-o", "out.py"], 0, EXPORT),
    (["run", "lenet5", PICTURE], 0, RUN),
    (["run", "lenet5", PICTURE, "--weights", "shipped"], 0, RUN),
    (["filter", PICTURE, "-o", "out.png", "--kernel", "sobel-x"], 0, FILTER),
    (["data"], 0, {"data": Some([{"name": str}])}),
    (["runs"], 0, {"runs": list}),
    (["faces", "verify", FACE, OTHER], 0, VERIFY),
    (["faces", "verify", FACE, NORA], 1, VERIFY),
    (["faces", "evaluate", "pairs.csv"], 0, EVALUATED),
    (["doctor"], 0, DOCTOR),
)


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    CASES,
    ids=lambda one: " ".join(map(str, one))[:40] if isinstance(one, list) else "",
)
def test_the_keys_of_the_contract(
    room: Path, capsys: Captured, arguments: list[str], code: int, kind: Any
) -> None:
    given = main([*arguments, "--json"])
    assert given == code or arguments == ["doctor"]
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1, "one object, and nothing else on standard output"
    check(strict(printed.out), kind)


def test_the_gallerys_keys(room: Path, capsys: Captured) -> None:
    def told(*arguments: str, code: int = 0) -> Any:
        assert main(["faces", *arguments, "--json"]) == code
        return strict(capsys.readouterr().out)

    check(told("enrol", "Viktor", FACE), IDENTIFIED)
    check(told("identify", OTHER), IDENTIFIED)
    assert told("identify", OTHER)["name"] == "Viktor"
    nobody = told("identify", NORA, code=1)
    check(nobody, IDENTIFIED)
    assert nobody["name"] is None
    check(told("list"), {"people": Some([{"name": str, "pictures": int}])})
    check(told("delete", "Viktor"), {"name": str, "deleted": bool})
    empty = told("identify", OTHER, code=1)
    check(empty, IDENTIFIED)
    assert empty["candidates"] == []


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (
            ["train", "first-convnet", "--data", "data", "--epochs", "1", "--batch-size", "4", "--out", "r"],
            {
                "batch": {"accuracy": Maybe(share), "images_per_second": NUMBER},
                "epoch": {"accuracy": share, "val_loss": NUMBER, "val_accuracy": share},
            },
        ),
        (
            ["faces", "train", "p", "--as-is", "--people", "2", "--pictures", "2", "--epochs", "1",
             "--out", "e.safetensors"],
            {"epoch": {"eer": Maybe(share), "threshold": Maybe(NUMBER)}},
        ),
    ],
    ids=["train", "faces train"],
)  # fmt: skip
def test_events_one_a_line(room: Path, capsys: Captured, arguments: list[str], more: dict[str, Any]) -> None:
    assert main([*arguments, "--json"]) == 0
    seen = set()
    for line in capsys.readouterr().out.splitlines():
        event = strict(line)
        seen.add(event["event"])
        check(event, EVENTS[event["event"]])
        check(event, more.get(event["event"], {}))
    assert {"batch", "epoch", "saved", "done"} <= seen


@pytest.mark.parametrize("verb", VERBS)
def test_help_and_wrong_use(verb: str, capsys: Captured) -> None:
    assert main([verb, "--help"]) == 0
    helped = capsys.readouterr()
    assert helped.out.startswith(f"usage: explorer {verb}")
    assert not helped.err
    assert main([verb, "--nonsense"]) == 2
    wrong = capsys.readouterr()
    assert not wrong.out
    assert wrong.err.startswith("explorer: ")
    assert len(wrong.err.splitlines()) == 1
