"""`explorer faces train`: events one a line, weights written, wrong use in one sentence."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.__main__ import main
from explorer.cli import faces_train
from explorer.faces.siamese_saved import load
from explorer.learning.events import Batch, Event


@pytest.fixture
def people(tmp_path: Path) -> Path:
    drawn = np.random.default_rng(0)
    root = tmp_path / "people"
    for person in range(6):
        (root / f"p{person}").mkdir(parents=True)
        for number in range(4):
            pixels = drawn.normal(30 + 35 * person, 12, (28, 28, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / f"p{person}" / f"{number}.png")
    (root / "p2" / "3.png").write_bytes(b"torn")
    return root


SMALL = ["--as-is", "--people", "4", "--pictures", "3", "--epochs", "2"]


def test_events_one_a_line_and_weights(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = people.parent / "encoder.safetensors"
    assert main(["faces", "train", str(people), *SMALL, "--json", "--out", str(out)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [line["event"] for line in lines]
    assert kinds[0] in ("epoch", "skipped")
    assert kinds.count("epoch") == 3
    assert kinds[-2:] == ["saved", "done"]
    assert [line["epoch"] for line in lines if line["event"] == "saved"] == [1, 2]
    batch = next(line for line in lines if line["event"] == "batch")
    assert {"epoch", "batch", "batches", "loss", "pictures", "ms", "terms", "active"} < batch.keys()
    epoch = [line for line in lines if line["event"] == "epoch"][-1]
    assert {"loss", "eer", "threshold", "images_per_second"} < epoch.keys()
    skipped = [line for line in lines if line["event"] == "skipped"]
    assert all("3.png" in line["file"] for line in skipped)
    assert out.stat().st_size > 10_000


def test_for_people_to_read(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faces", "train", str(people), *SMALL, "--loss", "contrastive"]) == 0
    said = capsys.readouterr()
    assert "epoch   2 of 2" in said.out
    assert "EER" in said.out
    assert "2 stay unseen, to judge on" in said.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--loss", "contrastive", "--mining", "hard"], "leave --mining away"),
        (["--out", "encoder.bin"], ".safetensors"),
        (["--out", "missing/encoder.safetensors"], "make it first"),
        (["--people", "90"], "90"),
        (["--encoder", "nonsense"], "nonsense"),
        (["--encoder", "sface-head"], "reads faces"),
    ],
)
def test_wrong_use_is_one_line(
    people: Path, arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["faces", "train", str(people), *SMALL, *arguments]) == 2
    said = capsys.readouterr()
    assert word in said.err
    assert len(said.err.splitlines()) == 1
    assert not said.out


@pytest.mark.parametrize(("epoch", "keeps"), [(3, True), (1, False)])
def test_ctrl_c_keeps_the_last_whole_encoder(
    people: Path,
    epoch: int,
    keeps: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A real SIGINT in the middle of an epoch: 130, and what is on disk is what the epoch before gave."""
    tell = faces_train._tell
    kept: list[bytes] = []
    out = people.parent / "encoder.safetensors"

    def told(event: Event, as_json: bool) -> None:
        tell(event, as_json)
        if isinstance(event, Batch) and event.epoch == epoch:
            kept.append(out.read_bytes() if out.exists() else b"")
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(faces_train, "_tell", told)
    before = signal.getsignal(signal.SIGINT)
    arguments = [
        "--as-is",
        "--people",
        "2",
        "--pictures",
        "2",
        "--epochs",
        "500",
        "--json",
        "--out",
    ]  # 4 batches an epoch
    assert main(["faces", "train", str(people), *arguments, str(out)]) == 130
    assert signal.getsignal(signal.SIGINT) is before
    said = capsys.readouterr()
    last = json.loads(said.out.splitlines()[-1])
    assert (last["event"], last["stopped"]) == ("done", True)
    assert len(kept) == 1, "it ends at the next batch"
    assert out.exists() is keeps
    if keeps:
        assert out.read_bytes() == kept[0]
        assert load(out).size > 0
        assert f"holds the encoder after epoch {epoch - 1}" in said.err
    else:
        assert "before an epoch was whole" in said.err
