"""ONNX models: exact counts, the same numbers as onnxruntime gives, and files that are damaged or hostile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from explorer.interop.onnx_models import read
from explorer.interop.weights import ready
from explorer.network.errors import UserError
from explorer.network.inference import infer
from explorer.network.layers import Input, LocalResponseNorm, Opaque

RANDOM = np.random.default_rng(0)


def _weights(**shapes: tuple[int, ...]) -> list[TensorProto]:
    return [
        numpy_helper.from_array(RANDOM.normal(size=shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    weights: list[TensorProto],
    shape: tuple[int | str, ...],
    result: tuple[int | str | None, ...],
) -> Path:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, result)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path)
    return path


def _plain(path: Path) -> Path:
    """A small convolutional network with uneven padding, a shortcut and a reshape by sizes."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "stem.weight", "stem.bias"], ["a"], pads=[0, 0, 1, 1], strides=[2, 2]),
        node("BatchNormalization", ["a", "bn.weight", "bn.bias", "bn.mean", "bn.var"], ["b"]),
        node("Relu", ["b"], ["c"]),
        node("Conv", ["c", "inner.weight"], ["d"], pads=[1, 1, 1, 1], group=2),
        node("Add", ["c", "d"], ["e"]),
        node("MaxPool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        node("GlobalAveragePool", ["f"], ["g"]),
        node("Shape", ["g"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axis"], ["m"]),
        node("Concat", ["m", "rest"], ["shape"], axis=0),
        node("Reshape", ["g", "shape"], ["h"]),
        node("Gemm", ["h", "fc.weight", "fc.bias"], ["i"], transB=1),
        node("Softmax", ["i"], ["y"], axis=1),
    ]
    weights = _weights(
        **{
            "stem.weight": (8, 3, 3, 3),
            "stem.bias": (8,),
            "bn.weight": (8,),
            "bn.bias": (8,),
            "bn.mean": (8,),
            "inner.weight": (8, 4, 3, 3),
            "fc.weight": (5, 8),
            "fc.bias": (5,),
        }
    )
    weights.append(numpy_helper.from_array(np.full(8, 1.5, np.float32), "bn.var"))
    weights.append(numpy_helper.from_array(np.array(0), "zero"))
    weights.append(numpy_helper.from_array(np.array([0]), "axis"))
    weights.append(numpy_helper.from_array(np.array([-1]), "rest"))
    return _save(path, nodes, weights, ("n", 3, 20, 20), ("n", 5))


def test_a_model_gives_what_onnxruntime_gives(tmp_path: Path) -> None:
    path = _plain(tmp_path / "net.onnx")
    found = read(path)
    assert found.report.exact
    assert found.report.opaque == ()
    assert infer(found.network).totals.parameters == 8 * 27 + 8 + 16 + 8 * 36 + 45
    assert {"stem.pad", "stem.conv2d", "bn", "inner", "fc"} <= set(found.network.nodes)
    assert_as_onnxruntime(path, torch.rand(2, 3, 20, 20))


@pytest.mark.parametrize("kind", ["GlobalAveragePool", "GlobalMaxPool"])
@pytest.mark.parametrize("size", [(9,), (5, 7), (3, 4, 5)])
def test_global_pooling_of_lines_maps_and_volumes(tmp_path: Path, kind: str, size: tuple[int, ...]) -> None:
    nodes, ones = [helper.make_node(kind, ["x"], ["y"])], (1,) * len(size)
    path = _save(tmp_path / "net.onnx", nodes, [], (2, 6, *size), (2, 6, *ones))
    x = torch.randn(2, 6, *size)
    assert_as_onnxruntime(path, x)


def assert_as_onnxruntime(path: Path, x: Tensor) -> None:
    """What is read gives what onnxruntime gives."""
    module, random = ready(read(path).network)
    assert not random
    with torch.inference_mode():
        ours = module.eval()(x)
    (theirs,) = onnxruntime.InferenceSession(path).run(None, {"x": x.numpy()})
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-5)


def test_a_response_norm_that_was_written_out_is_one_layer(tmp_path: Path) -> None:
    network = read(_response_norm(tmp_path / "net.onnx")).network
    assert [node.layer for node in network.nodes.values()] == [
        Input((8, 6, 6)),
        LocalResponseNorm(5, 1e-4, 0.75, 2.0),
    ]


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_a_response_norm_with_another_factor_keeps_it(tmp_path: Path, factor: float) -> None:
    path = _response_norm(tmp_path / "net.onnx", factor)
    assert_as_onnxruntime(path, 40 * torch.randn(1, 8, 6, 6))


def _response_norm(path: Path, factor: float = 1.0) -> Path:
    """As exporters write it out; the divisor times `factor`."""
    node = helper.make_node
    nodes = [
        node("Mul", ["x", "x"], ["a"]),
        node("Unsqueeze", ["a", "axis"], ["b"]),
        node("Pad", ["b", "pads"], ["c"]),
        node("AveragePool", ["c"], ["d"], kernel_shape=[5, 1, 1], strides=[1, 1, 1]),
        node("Squeeze", ["d", "axis"], ["e"]),
        node("Mul", ["e", "alpha"], ["f"]),
        node("Add", ["f", "k"], ["g"]),
        node("Pow", ["g", "beta"], ["h"]),
        *([node("Mul", ["h", "factor"], ["i"])] if factor != 1 else []),
        node("Div", ["x", "h" if factor == 1 else "i"], ["y"]),
    ]
    weights = [
        numpy_helper.from_array(np.array([1]), "axis"),
        numpy_helper.from_array(np.array([0, 0, 2, 0, 0, 0, 0, 2, 0, 0]), "pads"),
        *(
            numpy_helper.from_array(np.array(value, np.float32), name)
            for name, value in (("alpha", 1e-4), ("k", 2.0), ("beta", 0.75), ("factor", factor))
        ),
    ]
    return _save(path, nodes, weights, (1, 8, 6, 6), (1, 8, 6, 6))


def test_equal_numbers_that_were_kept_once_are_each_layers_own(tmp_path: Path) -> None:
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "one", "bias"], ["a"]),
        node("Conv", ["a", "two", "bias"], ["b"]),
        node("Conv", ["b", "two", "bias"], ["y"]),
    ]
    weights = _weights(one=(4, 3, 1, 1), two=(4, 4, 1, 1), bias=(4,))
    network = read(_save(tmp_path / "net.onnx", nodes, weights, (1, 3, 8, 8), (1, 4, 8, 8))).network
    assert infer(network).totals.parameters == 12 + 4 + 16 + 4
    assert not any(isinstance(node.layer, Opaque) for node in network.nodes.values())
    assert network.sharers("conv2d2") == ("conv2d2", "conv2d3")


def test_what_torch_lacks_is_opaque_with_its_true_shape(tmp_path: Path) -> None:
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "weight"], ["a"]),
        node("NonsenseOfAVendor", ["a"], ["b"], domain="vendor"),
        node("Relu", ["b"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 8, 8))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 7, 4, 4))],
        _weights(weight=(4, 3, 1, 1)),
        value_info=[helper.make_tensor_value_info("b", TensorProto.FLOAT, (1, 7, 4, 4))],
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph), path)
    found = read(path)
    (part,) = found.report.opaque
    assert part.kind == "NonsenseOfAVendor"
    (layer,) = [node.layer for node in found.network.nodes.values() if isinstance(node.layer, Opaque)]
    assert (layer.in_shapes, layer.out_shapes) == (((4, 8, 8),), ((7, 4, 4),))
    del graph.value_info[:]
    onnx.save(helper.make_model(graph), path)
    with pytest.raises(UserError, match=r"NonsenseOfAVendor .* does not say what it gives"):
        read(path)


def _external(path: Path, location: str) -> Path:
    nodes = [helper.make_node("Conv", ["x", "weight"], ["y"])]
    weight = TensorProto(name="weight", dims=[4, 3, 1, 1], data_type=TensorProto.FLOAT)
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=location)
    return _save(path, nodes, [weight], (1, 3, 8, 8), (1, 4, 8, 8))


def test_weights_in_a_second_file(tmp_path: Path) -> None:
    path = _external(tmp_path / "net.onnx", "net.data")
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read(path)
    (tmp_path / "net.data").write_bytes(b"1234")
    with pytest.raises(UserError, match="numbers of 'weight' are not all there"):
        read(path)
    (tmp_path / "net.data").write_bytes(np.arange(12, dtype=np.float32).tobytes())
    assert infer(read(path).network).totals.parameters == 12


@pytest.mark.parametrize("kind", [113, TensorProto.BFLOAT16])
def test_numbers_of_a_type_that_is_not_known(tmp_path: Path, kind: int) -> None:
    weight = TensorProto(name="weight", dims=[4, 3, 1, 1], data_type=kind, raw_data=bytes(24))
    nodes = [helper.make_node("Conv", ["x", "weight"], ["y"])]
    path = _save(tmp_path / "net.onnx", nodes, [weight], (1, 3, 8, 8), (1, 4, 8, 8))
    with pytest.raises(UserError, match="of a type that is not known here, in 'weight'"):
        read(path)


@pytest.mark.parametrize("location", ["../net.data", "/etc/passwd", "sub/net.data", "", ".."])
def test_weights_from_elsewhere_are_refused(tmp_path: Path, location: str) -> None:
    with pytest.raises(UserError, match="does not lie beside it"):
        read(_external(tmp_path / "net.onnx", location))


@pytest.mark.parametrize("data", [b"", b"\x00", b"PK\x03\x04", b"\x08\x07" + b"\xff" * 50, b"{}"])
def test_what_is_no_model(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(UserError, match="is damaged, or no ONNX model"):
        read(path)


def test_a_model_that_is_cut_off_or_changed_gives_an_error_and_nothing_else(tmp_path: Path) -> None:
    whole = bytearray(_plain(tmp_path / "net.onnx").read_bytes())
    path = tmp_path / "cut.onnx"
    for trial in range(40):
        damaged = whole[: RANDOM.integers(len(whole))] if trial % 2 else bytearray(whole)
        for place in RANDOM.integers(len(damaged) or 1, size=3 if damaged else 0):
            damaged[place] = RANDOM.integers(256)
        path.write_bytes(damaged)
        with suppress(UserError):
            read(path)


@pytest.mark.parametrize("what", [b"Relu", b"r1", b"x"])
def test_a_name_that_is_no_text_is_damage(tmp_path: Path, what: bytes) -> None:
    """The parser gives bytes for it and goes on."""
    node = helper.make_node("Relu", ["x"], ["y"], name="r1")
    sizes = [1, 3, 8, 8]
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, sizes)],
    )
    whole = helper.make_model(graph).SerializeToString()
    path = tmp_path / "x.onnx"
    marked = bytes([len(what)]) + what
    assert marked in whole
    path.write_bytes(whole.replace(marked, bytes([len(what)]) + b"\xff" * len(what)))
    with pytest.raises(UserError, match="is damaged"):
        read(path)
