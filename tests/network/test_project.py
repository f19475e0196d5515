"""The project file: readable, checked, told where it is wrong, written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.network import operations as do
from explorer.network import project, schema
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.network.json_text import MOST_BYTES
from explorer.network.layers import LAYERS, Conv2d, Flatten, Input, Linear, MaxPool2d, ReLU
from explorer.zoo.catalogue import entries
from tests.network.chain import chain, run


@pytest.fixture
def network() -> Network:
    document = Document(chain(Input((3, 32, 32)), Conv2d(8), ReLU(), MaxPool2d(), Flatten(), Linear(10)))
    block = run(document, do.group_as_block(document.network, document.fresh_id, ["relu"], [], "stage"))
    run(document, do.repeat(document.network, document.fresh_id, block.blocks[0], 2))
    run(document, do.move(document.network, {"conv1": (12.5, -3.0)}))
    return document.network


def spelled(network: Network, change: Any = None) -> str:
    """The text of the network, one line a thing, after `change` did something to its JSON."""
    raw = json.loads(project.dumps(network))
    if change is not None:
        change(raw)
    return json.dumps(raw, indent=1)


def test_the_file_reads_well(network: Network) -> None:
    text = project.dumps(network)
    lines = text.splitlines()
    assert lines[:4] == ["{", '  "format": "convnet",', '  "version": 1,', '  "name": "test",']
    assert '    {"id": "input", "name": "input", "layer": {"type": "Input", "shape": [3, 32, 32]}},' in lines
    assert '    {"id": "conv1>stage.relu"' not in text  # ids stay what they were made as
    order = [line.split('"')[3] for line in lines if '"layer"' in line]
    assert order == list(network.topology.order)
    assert text.endswith("}\n")


def test_round_trip(network: Network) -> None:
    assert project.loads(project.dumps(network)) == network
    again = project.loads(project.dumps(network))
    assert project.dumps(again) == project.dumps(network)


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_the_zoo_goes_through_the_file(entry: Any) -> None:
    network = entry.build()
    assert project.loads(project.dumps(network)) == network


def test_every_kind_of_layer_goes_through_the_file() -> None:
    network = chain(*[kind() for kind in LAYERS])
    assert project.loads(project.dumps(network)) == network


def drop(table: str, index: int, field: str) -> Any:
    return lambda raw: raw[table][index].pop(field)


def put(table: str, index: int, **values: Any) -> Any:
    return lambda raw: raw[table][index].update(values)


def put_layer(index: int, **values: Any) -> Any:
    return lambda raw: raw["nodes"][index]["layer"].update(values)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put_layer(1, stride=[0, 1]), r"nodes\[1\].layer.stride\[0\]: expected int ≥ 1, got 0 \(line \d+\)"),
        (put_layer(1, out_channels="8"), r"nodes\[1\].layer.out_channels: expected int, got str"),
        (put_layer(1, colour=1), r"nodes\[1\].layer: object contains unknown field colour"),
        (put_layer(1, type="Conv9d"), r"nodes\[1\].layer.type: invalid value 'Conv9d'"),
        (drop("nodes", 1, "name"), r"nodes\[1\]: object missing required field name \(line \d+\)"),
        (put("nodes", 1, name="a.b"), r"nodes\[1\].name"),
        (put("nodes", 1, name=""), r"nodes\[1\].name"),
        (put("nodes", 2, id="conv1"), r"nodes\[2\].id: 'conv1' is also the id of nodes\[1\]"),
        (put("links", 0, id="conv1"), r"links\[0\].id: 'conv1' is also the id"),
        (put("nodes", 1, name="input"), r"nodes\[1\].name: there is already a 'input' in the same block"),
        (put("nodes", 1, block="nowhere"), r"nodes\[1\].block: 'nowhere' is not in this file"),
        (put("nodes", 1, group="nowhere"), r"nodes\[1\].group: 'nowhere' is not in this file"),
        (put("links", 1, source="nowhere"), r"links\[1\].source: 'nowhere' is not in this file"),
        (put("links", 1, target="nowhere"), r"links\[1\].target: 'nowhere' is not in this file"),
        (put("links", 1, target_port=-1), r"links\[1\].target_port: expected int ≥ 0, got -1"),
        (put("blocks", 0, parent="nowhere"), r"blocks\[0\].parent: 'nowhere' is not in this file"),
        (put("blocks", 0, parent="stage"), r"blocks\[0\].parent: lies in itself"),
        (put("nodes", 3, layer={"type": "Tanh"}), r"blocks\[1\].group: copies in a group must be alike"),
        (put("nodes", 1, position=[1e300, 0]), r"nodes\[1\].position\[0\]: expected float ≤ 1"),
        (lambda raw: raw.update(extra=1), r"object contains unknown field extra"),
        (lambda raw: raw.update(nodes=3), r"nodes: expected array, got int"),
        (lambda raw: raw.update(version="1"), r"version: expected the number of the file's version"),
        (lambda raw: raw.update(version=0), r"version: there is no file version 0"),
        (lambda raw: raw.update(version=2), r"newer ConvNet Explorer .*update to open it"),
        (lambda raw: raw.update(format="other"), r"not a network of ConvNet Explorer"),
        (lambda raw: raw.pop("format"), r"not a network of ConvNet Explorer"),
    ],
)
def test_errors_say_where(network: Network, change: Any, told: str) -> None:
    with pytest.raises(UserError, match=told) as error:
        project.loads(spelled(network, change), "x.convnet")
    assert str(error.value).startswith("x.convnet")


def test_the_line_is_that_of_the_fault(network: Network) -> None:
    lines = project.dumps(network).splitlines()
    at = next(index for index, line in enumerate(lines) if '"Conv2d"' in line)
    lines[at] = lines[at].replace('"out_channels": 8', '"out_channels": -8')
    with pytest.raises(UserError, match=rf"expected int ≥ 1, got -8 \(line {at + 1}\)"):
        project.loads("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not readable as JSON: .*line 1"),
        ('{\n"format": "convnet",\n"version" 1}', r"not readable as JSON: .*\(line 3\)"),
        ("[" * 100_000, "nested deeper than 64 levels"),
        (
            '{"format": "convnet", "name": ' + "[" * 70 + "]" * 70 + "}",
            r"deeper than 64 levels \(line 1\)",
        ),
        ("3", "not a network"),
        ('{"format": "convnet", "version": 1' + "0" * 6000 + "}", "The file"),
        ('{"format": "convnet", "version": 1, "name": "\\ud800"}', "The file"),
        (" " * (MOST_BYTES + 1), "larger than 16 MiB"),
    ],
)
def test_what_is_no_project_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        project.loads(text)


def test_blocks_nest_only_so_deep() -> None:
    blocks = [{"id": "b0", "name": "b"}]
    blocks += [{"id": f"b{n}", "name": "b", "parent": f"b{n - 1}"} for n in range(1, 65)]
    text = json.dumps({"format": "convnet", "version": 1, "name": "deep", "blocks": blocks})
    with pytest.raises(UserError, match=r"blocks\[64\].parent"):
        project.loads(text)
    text = json.dumps({"format": "convnet", "version": 1, "name": "deep", "blocks": blocks[:64]})
    assert len(project.loads(text).blocks) == 64


def test_too_many_nodes_are_refused() -> None:
    rows = [{"id": str(n), "name": str(n), "layer": {"type": "ReLU"}} for n in range(schema.MOST_NODES + 1)]
    text = json.dumps({"format": "convnet", "version": 1, "name": "large", "nodes": rows})
    with pytest.raises(UserError, match="nodes: expected array of length ≤ 50000"):
        project.loads(text)


def test_older_files_are_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_0(raw: dict[str, Any]) -> dict[str, Any]:
        raw["name"] = raw.pop("title")
        return raw

    monkeypatch.setitem(schema.MIGRATIONS, 0, from_0)
    assert project.loads('{"format": "convnet", "version": 0, "title": "Old"}').name == "Old"


def test_save_and_load(tmp_path: Path, network: Network) -> None:
    path = tmp_path / "net.convnet"
    project.save(path, network)
    assert project.load(path) == network
    assert [file.name for file in tmp_path.iterdir() if file.name != "home"] == ["net.convnet"]


def test_permissions_and_links_are_kept(tmp_path: Path, network: Network) -> None:
    real = tmp_path / "real.convnet"
    link = tmp_path / "link.convnet"
    project.save(real, Network())
    real.chmod(0o640)
    link.symlink_to(real)
    project.save(link, network)
    assert link.is_symlink()
    assert project.load(real) == network
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="no umask there")
def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        project.save(tmp_path / "net.convnet", Network())
    finally:
        os.umask(old)
    assert (tmp_path / "net.convnet").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["no/such/folder/x.convnet", "folder", "x\0.convnet", "a" * 300])
def test_what_cannot_be_saved_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="could not be saved"):
        project.save(tmp_path / name, Network())
    with pytest.raises(UserError, match="could not be opened"):
        project.load(tmp_path / name)


def test_a_read_only_file_stays(tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.convnet"
    project.save(path, network)
    path.chmod(0o444)
    if os.access(path, os.W_OK):  # root may write everything
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UserError, match="read-only"):
        project.save(path, Network())
    assert project.load(path) == network


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "net.convnet"
    project.save(path, network)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(UserError, match="No space left on device"):
        project.save(path, Network())
    monkeypatch.undo()
    assert project.load(path) == network
    assert [file.name for file in tmp_path.glob(".*")] == []


def test_copies_are_kept_listed_and_dropped(tmp_path: Path, network: Network) -> None:
    assert project.recoverable(tmp_path / "none") == []
    project.autosave(tmp_path, "tab1", Network("first"), None)
    project.autosave(tmp_path, "tab2", network, Path("/home/someone/net.convnet"))
    project.autosave(tmp_path, "tab1", Network("second"), None)
    found = project.recoverable(tmp_path)
    assert [(one.key, one.network_name, one.path) for one in found] == [
        ("tab1", "second", None),
        ("tab2", "test", Path("/home/someone/net.convnet")),
    ]
    assert project.read_recovered(found[1]).network == network
    project.discard(tmp_path, "tab1")
    project.discard(tmp_path, "tab1")
    assert [one.key for one in project.recoverable(tmp_path)] == ["tab2"]


def test_damaged_copies_are_left_out(tmp_path: Path, network: Network) -> None:
    project.autosave(tmp_path, "good", network, None)
    whole = (tmp_path / "good.autosave").read_bytes()
    for name, data in {"cut": whole[:-40], "head": b"{}\n", "empty": b"", "noise": b"\xff" * 999}.items():
        (tmp_path / f"{name}.autosave").write_bytes(data)
    found = project.recoverable(tmp_path)
    assert [one.key for one in found] == ["good"]
    found[0].file.write_bytes(b"gone")
    with pytest.raises(UserError, match="can no longer be read"):
        project.read_recovered(found[0])


def test_a_key_cannot_lead_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot name a copy"):
        project.autosave(tmp_path, "../out", Network(), None)
