"""`explorer train`, `runs` and `data`: their contracts, and what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from explorer.__main__ import main
from explorer.learning.runs import RunStore
from explorer.learning.shipped import checkpoint_for
from explorer.learning.weights_source import change_from
from explorer.network import project
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.layers import BatchNorm, Flatten, ReLU
from explorer.network.shorthand import conv, linear
from explorer.zoo import lenet

Captured = pytest.CaptureFixture[str]
COLOURS = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220)}


@pytest.fixture
def network(tmp_path: Path) -> str:
    b = Builder("Tiny")
    b.input(3, 12, 12)
    b.add(conv(4, 3), name="conv")
    b.add(BatchNorm(), name="norm")
    b.add(ReLU(), name="relu")
    b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    path = tmp_path / "tiny.convnet"
    project.save(path, b.network())
    return str(path)


@pytest.fixture
def pictures(tmp_path: Path) -> str:
    for name, colour in COLOURS.items():
        for index in range(10):
            path = tmp_path / "pictures" / name / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 14), tuple(max(0, part - index) for part in colour)).save(path)
    return str(tmp_path / "pictures")


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_events_are_one_json_object_a_line(
    network: str, pictures: str, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    given = ["train", network, "--data", pictures, "--epochs", "3", "--batch-size", "8", "--out", str(out)]
    assert main([*given, "--json"]) == 0
    printed = capsys.readouterr()
    found = lines(printed.out)
    names = [one["event"] for one in found]
    assert set(names) == {"batch", "epoch", "saved", "done"}
    assert names.count("batch") == 9
    assert names.count("epoch") == 3
    assert names[-1] == "done"
    keys = {"loss", "accuracy", "images_per_second"}
    for one in found:
        if one["event"] == "batch":
            assert keys | {"epoch", "batch", "lr", "step"} <= one.keys()
        elif one["event"] == "epoch":
            assert keys | {"val_loss", "val_accuracy", "epoch"} <= one.keys()
        elif one["event"] == "saved":
            assert Path(one["file"]).is_file()
            assert Path(one["file"]).is_relative_to(out)
    assert [one for one in found if one["event"] == "epoch"][-1]["val_accuracy"] == 1.0
    assert "Give fc 3 outputs, one a class" in printed.err

    assert main(["runs", "--folder", str(out), "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert (run["network"], run["data"], run["state"], run["epochs_done"]) == ("Tiny", pictures, "done", 3)
    assert run["settings"]["batch_size"] == 8
    assert main(["runs", run["id"], "--folder", str(out), "--csv", str(tmp_path / "curves.csv")]) == 0
    assert len((tmp_path / "curves.csv").read_text().splitlines()) == 4
    assert capsys.readouterr().out == ""
    assert main(["runs", run["id"], "--folder", str(out), "--delete", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": run["id"], "csv": None, "deleted": True}
    assert main(["runs", "--folder", str(out), "--json"]) == 0
    assert capsys.readouterr().out == '{"runs": []}\n'


def test_what_people_read(network: str, pictures: str, capsys: Captured) -> None:
    assert main(["runs"]) == 0
    assert "No run is kept yet" in capsys.readouterr().out
    assert main(["train", network, "--data", pictures, "--epochs", "2"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("epoch   1 of 2  loss ")
    assert "% right" in printed[1]
    assert printed[2].startswith("done after ")
    assert main(["runs"]) == 0
    assert "2 of 2" in capsys.readouterr().out


def test_data(capsys: Captured) -> None:
    assert main(["data", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]
    assert [one["name"] for one in found] == [
        "fashion-sample",
        "digits-sample",
        "mnist",
        "fashion-mnist",
        "cifar10",
        "cifar100",
    ]
    assert found[0] == {
        "name": "fashion-sample",
        "title": "Fashion sample (embedded)",
        "here": True,
        "bytes": 0,
        "pictures": 6000,
        "classes": 10,
        "input": [1, 28, 28],
    }
    assert main(["data"]) == 0
    assert "download, 170 MB" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "explorer train lenet5 --data fashion-sample"),
        (["lenet5"], "explorer train lenet5 --data fashion-sample"),
        (["lenet5", "--data", "nothing"], "'nothing' is neither a data set"),
        (["lenet9", "--data", "fashion-sample"], "'lenet9' is neither"),
        (["lenet5", "--data", "fashion-sample", "--epochs", "0"], "epochs 0: expected int ≥ 1"),
        (["lenet5", "--data", "fashion-sample", "--lr", "-1"], "lr -1.0: expected float > 0"),
        (["lenet5", "--data", "fashion-sample", "--lr", "fast"], "invalid float value"),
        (["lenet5", "--data", "fashion-sample", "--device", "cuda:99"], "no device 'cuda:99'"),
        (["lenet5", "--data", "fashion-sample", "--device", "tpu"], "device tpu: write auto, cpu, mps"),
        (["inception-naive", "--data", "fashion-sample"], "takes 192 channels"),
        (["--resume", "20200101-000000-aaaa"], "no run is called"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], message: str, capsys: Captured) -> None:
    assert main(["train", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err.splitlines()[-1]
    assert "Traceback" not in printed.err
    code = main(["train", *arguments, "--json"])
    told = lines(capsys.readouterr().out)
    assert code == 2
    if "float value" in message:  # what is no number is found before it is known that JSON is wanted
        assert told == []
    else:
        (event,) = told
        assert (event["event"], event["epoch"], event["batch"]) == ("error", 0, 0)
        assert message in event["message"]


def test_a_file_that_is_no_picture(network: str, pictures: str, capsys: Captured) -> None:
    (Path(pictures) / "red" / "broken.png").write_text("no")
    given = ["train", network, "--data", pictures, "--epochs", "1"]
    assert main(given) == 2
    said = capsys.readouterr().err
    assert "broken.png" in said
    assert said.rstrip().endswith("or leave them out with --skip-unreadable")
    assert main([*given, "--skip-unreadable"]) == 0
    assert "left out: '" in capsys.readouterr().err


def test_a_loss_that_is_no_number(network: str, pictures: str, capsys: Captured) -> None:
    given = [
        "--epochs",
        "40",
        "--lr",
        "100",
        "--momentum",
        "0.99",
        "--batch-size",
        "8",
        "--weight-decay",
        "1",
    ]
    assert main(["train", network, "--data", pictures, "--json", *given]) == 2
    printed = capsys.readouterr()
    last = lines(printed.out)[-1]
    assert [line["event"] for line in lines(printed.out)].count("error") == 1
    assert last["event"] == "error"
    assert f"epoch {last['epoch']}, batch {last['batch']}" in last["message"]
    assert last["message"] in printed.err


def test_interrupted_and_resumed(network: str, pictures: str, tmp_path: Path, capsys: Captured) -> None:
    """Ctrl-C in the middle: 130, the checkpoint kept, and the rest as if nothing had been."""
    given = [
        "--data",
        pictures,
        "--epochs",
        "400",
        "--batch-size",
        "8",
        "--threads",
        "1",
        "--augment",
        "flip",
    ]
    command = [
        sys.executable,
        "-m",
        "explorer",
        "train",
        network,
        *given,
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = []
        for line in process.stdout:
            first.append(json.loads(line))
            if first[-1].get("step") == 8:
                os.kill(process.pid, signal.SIGINT)
        err = process.stderr.read()
    assert process.returncode == 130, err
    assert "explorer train --resume" in err
    assert "Traceback" not in err
    assert [one["event"] for one in first[-2:]] == ["saved", "done"]
    assert first[-1]["stopped"] is True
    assert Path(first[-2]["file"]).is_file()
    done = max(one["step"] for one in first if one["event"] == "batch")
    assert done < 1200


def test_interrupted_between_two_epochs(network: str, pictures: str, tmp_path: Path) -> None:
    """Ctrl-C while pictures are judged, and twice while a checkpoint is written: it goes on all the same."""
    given = [network, "--data", pictures, "--epochs", "3", "--batch-size", "8", "--threads", "1"]
    out = str(tmp_path / "out")

    def judging(event: dict[str, Any]) -> bool:
        return bool(event["event"] == "batch" and event["batch"] == event["batches"])

    assert _interrupted([*given, "--out", out], judging, 1) == 130
    assert _interrupted(["--resume", out], lambda event: event["event"] == "epoch", 2) == 130
    store = RunStore(tmp_path / "out")
    (run,) = store.runs()
    assert store.checkpoint(run.id, "last") is not None
    assert main(["train", "--resume", out]) == 0
    assert main(["train", *given, "--out", str(tmp_path / "whole")]) == 0
    whole = RunStore(tmp_path / "whole")
    figures = [
        [(point.step, point.loss) for point in one.curves(one.runs()[0].id).batches] for one in (store, whole)
    ]
    assert figures[0] == figures[1]


def _interrupted(given: list[str], when: Callable[[dict[str, Any]], bool], presses: int) -> int:
    """The exit code of a training that gets so many Ctrl-C once an event is told."""
    command = [sys.executable, "-m", "explorer", "train", *given, "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if presses and when(json.loads(line)):
                os.kill(process.pid, signal.SIGINT)
                if presses > 1:
                    time.sleep(0.01)
                    os.kill(process.pid, signal.SIGINT)
                presses = 0
        assert process.stderr is not None
        err = process.stderr.read()
    assert "Traceback" not in err, err
    return process.returncode


def test_a_resumed_run(network: str, pictures: str, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "out"
    given = ["--data", pictures, "--epochs", "2", "--batch-size", "8"]
    assert main(["train", network, *given, "--out", str(out), "--json"]) == 0
    whole = lines(capsys.readouterr().out)
    assert main(["train", "--resume", str(out), "--json"]) == 0
    assert [one["event"] for one in lines(capsys.readouterr().out)] == ["done"]
    assert main(["train", network, *given, "--resume", str(out)]) == 0
    capsys.readouterr()
    for wrong, message in (
        (["--lr", "0.5"], "its own settings"),
        (["--data", "fashion-sample"], "leave --data away"),
        (["lenet5"], "leave SOURCE away"),
        (["--out", str(tmp_path)], "leave --out away"),
    ):
        assert main(["train", "--resume", str(out), *wrong]) == 2
        assert message in capsys.readouterr().err
    assert main(["train", "--resume", str(tmp_path)]) == 2
    assert "holds no runs" in capsys.readouterr().err
    assert whole[-1]["event"] == "done"


def test_shipped_weights_frozen_below_are_there_after_the_training(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_HOME", str(tmp_path))
    few = ["--data", "fashion-sample:200", "--epochs", "1", "--device", "cpu", "--json"]
    given = ["train", "lenet5", "--weights", "shipped", "--freeze", "features", "classifier.fc1", *few]
    assert main(given) == 0
    (epoch,) = [line for line in lines(capsys.readouterr().out) if line["event"] == "epoch"]
    assert epoch["val_accuracy"] > 0.85
    (run,) = RunStore().runs()
    kept = RunStore().checkpoint(run.id)
    assert kept is not None
    begun = checkpoint_for(lenet.lenet5())
    for name, value in begun.weights.items():
        same = name.startswith(("features", "classifier.fc1."))
        assert torch.equal(value, kept.weights[name]) == same, name
    # And from that run: by its id, after its first epoch, or the file itself.
    file = str(RunStore().path(run.id, "best"))
    for text in (f"run:{run.id}", f"run:{run.id}:1", file):
        change, report = change_from(text, lenet.lenet5())
        assert report.complete
        weighted = apply(lenet.lenet5(), change.edits)
        assert weighted.trained is not None
        assert weighted.trained.classes == kept.about.classes
    for text, message in ((f"run:{run.id}:7", "those kept are of: 1"), ("nothing.pt", "names no weights")):
        assert main(["train", "lenet5", "--weights", text, *few]) == 2
        assert message in capsys.readouterr().err


def test_weights_of_other_sizes_are_taken_in_part(network: str, tmp_path: Path, capsys: Captured) -> None:
    torch.save({"conv.weight": torch.zeros(4, 3, 3, 3), "conv.bias": torch.ones(4)}, tmp_path / "some.pt")
    given = ["train", network, "--weights", str(tmp_path / "some.pt"), "--data", "fashion-sample:100"]
    assert main([*given, "--epochs", "1", "--out", str(tmp_path / "out"), "--freeze", "conv"]) == 0
    assert "begins at random: norm.weight" in capsys.readouterr().err
    (run,) = RunStore(tmp_path / "out").runs()
    kept = RunStore(tmp_path / "out").checkpoint(run.id)
    assert kept is not None
    assert torch.equal(kept.weights["conv.bias"], torch.ones(4))


def test_an_experiment_trains_its_contenders(tmp_path: Path, capsys: Captured) -> None:
    given = ["train", "--preset", "convolution", "--data", "fashion-sample:300", "--epochs", "1", "--json"]
    assert main([*given, "--out", str(tmp_path)]) == 0
    found = lines(capsys.readouterr().out)
    assert [line["network"] for line in found if line["event"] == "epoch"] == ["LeNet-5", "Fully connected"]
    assert len(RunStore(tmp_path).runs()) == 2
    assert main(["train", "--preset", "nothing"]) == 2
    assert "residual-56" in capsys.readouterr().err
    assert main(["train", "lenet5", "--preset", "lenet5"]) == 2
    assert "leave SOURCE" in capsys.readouterr().err


def test_a_pattern_that_names_nothing(network: str, pictures: str, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "kept"
    command = ["train", network, "--data", pictures, "--freeze", "cnv", "--epochs", "1", "--out", str(out)]
    assert main(command) == 2
    assert "write a path like conv" in capsys.readouterr().err
    assert not out.exists()
