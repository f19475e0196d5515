"""A run written as a command is the same training again."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.cli import train as verb
from explorer.cli.train_task import settings_of
from explorer.interop.projects import load as load_project
from explorer.learning.command import arguments, write_command
from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.runs import RunStore
from explorer.learning.settings import Augment, Optimizer, Schedule, TrainSettings
from explorer.network.graph import Network


def parsed(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    verb.add_arguments(parser)
    return parser.parse_args(given)


SETTINGS = st.builds(
    TrainSettings,
    epochs=st.integers(1, 100),
    batch_size=st.integers(1, 512),
    optimizer=st.sampled_from(Optimizer),
    lr=st.floats(1e-6, 10.0),
    momentum=st.floats(0, 0.99),
    nesterov=st.booleans(),
    weight_decay=st.floats(0, 1),
    schedule=st.sampled_from(Schedule),
    step_epochs=st.integers(1, 50),
    step_factor=st.floats(0.01, 1.0),
    warmup=st.floats(0, 10),
    label_smoothing=st.floats(0, 0.5),
    clip=st.floats(0, 100),
    augment=st.sampled_from([(), (Augment.FLIP,), (Augment.FLIP, Augment.CROP)]),
    seed=st.integers(0, 2**32 - 1),
    freeze=st.sampled_from([(), ("features",), ("a.*", "b?")]),
    mixed_precision=st.booleans(),
)


@given(SETTINGS)
def test_every_setting_comes_back(settings: TrainSettings) -> None:
    said = parsed(arguments(settings, "n.convnet", "fashion-sample", "out")[1:])
    assert settings_of(said) == settings
    assert (said.source, said.data, said.out) == ("n.convnet", "fashion-sample", Path("out"))


def test_a_kept_run_is_written_with_its_network(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    store = RunStore(tmp_path / "runs")
    list(train(network, data, msgspec.structs.replace(settings, epochs=1), store=store))
    run = replace(store.runs()[0], name="A net/with odd: name")
    script = write_command(run, tmp_path)
    assert script.stat().st_mode & 0o100
    line = script.read_text().splitlines()[-1]
    words = shlex.split(line.partition("-m explorer ")[2])
    assert "torch.distributed.run --nproc-per-node 2" in script.read_text()
    said = parsed(words[1:-1])
    assert load_project(tmp_path / said.source) == run.network
    assert settings_of(said) == msgspec.structs.replace(run.settings, threads=0, device="auto")


@pytest.mark.parametrize("name", TrainSettings.__struct_fields__)
def test_the_command_line_knows_every_setting(name: str) -> None:
    assert hasattr(parsed([]), name)


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a script of a POSIX shell")
def test_names_of_several_lines_are_names_and_no_commands(
    network: Network, data: DataSet, settings: TrainSettings, tmp_path: Path
) -> None:
    store = RunStore(tmp_path / "runs")
    kept = store.create(network, data, settings)
    folder = "pictures\ntouch it's-run\n"
    script = write_command(replace(store.run(kept), name="Two\ntouch name-run", data=folder), tmp_path)
    echo = tmp_path / "echo"
    echo.write_text("#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\n")
    echo.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": str(echo)}
    told = subprocess.run([script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    words = told.stdout.split("\0")
    assert words[words.index("--data") + 1] == folder
    assert not [*tmp_path.glob("*-run")]
    assert not told.stderr
