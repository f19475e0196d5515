"""Weights of a network: into its module and back, by name and shape from files that run no code."""

from __future__ import annotations

import io
import pickle
import random
import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from explorer.interop import weights
from explorer.interop.torch_module import build
from explorer.interop.weights_out import write_weights
from explorer.network import operations as do
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.network.history import Document
from explorer.network.inference import infer
from explorer.network.layers import Add, BatchNorm, Conv2d, Flatten, Linear, ParameterTensor, ReLU
from tests.interop.test_torch_module import siamese
from tests.network.chain import run

TRAINED = Trained("a test", ("cat", "dog"), (0.5,), (0.25,))


def small() -> Network:
    b = Builder("small")
    b.input(1, 8, 8)
    with b.block("stem"):
        b.add(Conv2d(4, (3, 3)), name="conv")
        b.add(BatchNorm(), name="bn")
        b.add(ReLU(), name="relu")
    b.add(Flatten(), name="flatten")
    b.add(Linear(2), name="fc")
    return b.network()


def result(network: Network, picture: Tensor) -> Tensor:
    module = build(network, seed=1)
    assert not weights.fill(module, network)
    module.eval()
    with torch.inference_mode():
        found = module(picture)
    assert isinstance(found, Tensor)
    return found


def test_weights_go_into_the_document_and_come_back() -> None:
    network = small()
    module = build(network, seed=7)
    nn.init.uniform_(module.get_submodule("stem.bn").running_mean)  # type: ignore[arg-type]
    document = Document(network)
    run(document, weights.of_module(network, module, TRAINED))
    picture = torch.randn(2, 1, 8, 8)
    module.eval()
    assert torch.equal(result(document.network, picture), module(picture))
    assert document.network.trained == TRAINED
    assert not weights.unweighted(document.network, document.inference)
    document.undo()
    assert document.network == network
    found = {network.nodes[node].name for node in weights.unweighted(network, document.inference)}
    assert found == {"conv", "bn", "fc"}


def test_a_layer_that_changed_is_random_again_and_undo_brings_its_weights_back() -> None:
    network = small()
    document = Document(network)
    run(document, weights.of_module(network, build(network, seed=7), TRAINED))
    fc = document.network.paths["fc"]
    run(document, do.set_fields(document.network, fc, {"out_features": 3}))
    assert weights.unweighted(document.network, document.inference) == {fc}
    assert weights.fill(build(document.network), document.network) == {fc}
    document.undo()
    assert not weights.unweighted(document.network, document.inference)


def test_shared_weights_are_one_and_stay_when_their_owner_goes() -> None:
    network = siamese()
    module = build(network, seed=3)
    document = Document(network)
    run(document, weights.of_module(network, module, None))
    owners = {node: network.sharers(node)[0] for node in network.nodes}
    for node, owner in owners.items():
        assert document.network.nodes[node].tensors == document.network.nodes[owner].tensors
    filled = build(document.network, seed=4)
    assert not weights.fill(filled, document.network)
    for name, value in module.state_dict().items():
        assert torch.equal(filled.state_dict()[name], value)


def test_a_state_dict_is_matched_by_name_and_shape() -> None:
    network = small()
    state = build(network, seed=5).state_dict()
    state["fc.weight"] = torch.zeros(10, 144)
    state["head.weight"] = torch.zeros(1)
    del state["stem.bn.running_var"]
    change, report = weights.match(network, state, TRAINED)
    assert report.fitted == ("stem.conv.weight", "stem.conv.bias")
    assert report.missing == ("stem.bn.running_var",)
    assert report.misshapen == (("fc.weight", (2, 144), (10, 144)),)
    assert report.unused == ("head.weight",)
    assert not report.complete
    changed = apply(network, change.edits)
    names = {network.path(node) for node in weights.unweighted(changed, infer(changed))}
    assert names == {"stem.bn", "fc"}
    with pytest.raises(UserError, match="none of these weights fit small"):
        weights.match(network, {"a": torch.zeros(1)}, None)


def test_a_parameter_that_stands_by_itself_has_torchs_name(tmp_path: Path) -> None:
    b = Builder("token")
    token = b.add(ParameterTensor((3, 4), (3, 4)), name="class_token")
    picture = b.input(3, 4)
    b.add(Add(), picture, token)
    network = b.network()
    _, ours = weights.match(network, {"class_token.weight": torch.ones(3, 4)}, TRAINED)
    change, theirs = weights.match(network, {"class_token": torch.ones(3, 4)}, TRAINED)
    assert (ours.fitted, theirs.fitted) == (("class_token.weight",), ("class_token",))
    assert ours.unused == theirs.unused == ()
    write_weights(apply(network, change.edits), tmp_path / "token.safetensors")
    assert list(weights.read_state(tmp_path / "token.safetensors")) == ["class_token"]


@pytest.mark.parametrize("wrap", [None, "state_dict", "model"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_pt_files_of_tensors_are_read(tmp_path: Path, wrap: str | None, prefix: str) -> None:
    state = {f"{prefix}{name}": value for name, value in build(small(), seed=5).state_dict().items()}
    torch.save(state if wrap is None else {wrap: state, "epoch": 3}, tmp_path / "x.pt")
    found = weights.read_state(tmp_path / "x.pt")
    assert found.keys() == build(small(), seed=5).state_dict().keys()


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('ran')",)


def test_nothing_in_a_file_of_weights_is_run(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "module.pt")
    torch.save({"a": Evil()}, tmp_path / "evil.pt")
    (tmp_path / "bare.pth").write_bytes(pickle.dumps(Evil()))
    for name in ("module.pt", "evil.pt", "bare.pth"):
        with pytest.raises(UserError, match="was not opened: it holds objects"):
            weights.read_state(tmp_path / name)


@pytest.mark.parametrize("name", ["x.safetensors", "x.pt"])
@pytest.mark.parametrize("data", [b"", b"\x09\0\0\0\0\0\0\0{}      ", b"PK\3\4", b"\xff" * 99])
def test_damaged_files_are_told(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=name):
        weights.read_state(tmp_path / name)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_checkpoint_with_changed_bytes_is_told_in_one_way(tmp_path: Path, legacy: bool) -> None:
    """Whatever zipfile and torch's reader make of it: tensors or a clear word, and no warning beside."""
    buffer = io.BytesIO()
    state = {"weight": torch.arange(12.0).reshape(3, 4), "bias": torch.zeros(3)}
    torch.save(state, buffer, _use_new_zipfile_serialization=not legacy)
    whole = buffer.getvalue()
    end = whole.rfind(b"PK\1\2")
    chance = random.Random(7)
    damages = [(end + 6, 102), (end, 0), (end + 46, 0xFF), (4, 102)]  # the zip's version, magic, a name
    damages += [(chance.randrange(len(whole)), chance.randrange(256)) for _ in range(120)]
    path = tmp_path / "changed.pt"
    refused: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for place, value in damages:
            data = bytearray(whole)
            data[place] = value
            path.write_bytes(data)
            try:
                weights.read_state(path)
            except UserError as error:
                refused.append(str(error))
    assert len(refused) > 10
    assert all("changed.pt" in one for one in refused)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file of weights"):
        weights.read_state(tmp_path / "x.txt")
    with pytest.raises(UserError, match="cannot be read"):
        weights.read_state(tmp_path / "x.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(UserError, match="no state dict"):
        weights.read_state(tmp_path / "list.pt")
