"""`.onnx` files: read with limits, carried out operator by operator in torch, described as any module is.

Nothing in the file is executed: it is a table of operators and numbers. Weights in a second file are read
only from the folder of the first.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from explorer.interop.onnx_node import Node, Unsupported, integers
from explorer.interop.onnx_operators import OPERATORS
from explorer.interop.torch_trace.importing import Imported, import_module
from explorer.interop.torch_trace.recording import Recorder, Visit
from explorer.network.errors import UserError
from explorer.network.layer import Shape

MOST_BYTES = 2 << 30
MOST_NODES = 100_000
MOST_VALUES = 4 << 30
_WEIGHTED = {
    **dict.fromkeys(("Conv", "ConvTranspose", "Gemm", "BatchNormalization", "LayerNormalization"), (1, 2)),
    **dict.fromkeys(("InstanceNormalization", "GroupNormalization"), (1, 2)),
    "PRelu": (1,),
    "MatMul": (0, 1),
}
"""Which inputs of an operator are trained, where they are numbers in the file."""


def read(path: Path, shape: Shape | None = None) -> Imported:
    """The network in an `.onnx` file. Raises UserError: what is wrong with it, or which part is unknown."""
    module = OnnxModule(_load(path), path)
    shapes = [shape or known for known in module.shapes]
    visits = _Visits()

    def run(recorder: Recorder, *inputs: Tensor) -> Any:
        return module.carry_out(recorder, visits, inputs)

    return import_module(module, shapes, path.stem, runner=run, batch=module.batch)


def _load(path: Path) -> onnx.ModelProto:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"'{path.name}' is larger than {MOST_BYTES >> 30} GiB, the most that is read")
        model = onnx.load_model(path, load_external_data=False)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read: {error.strerror or error}") from None
    except UserError:
        raise
    except Exception:  # the parser has errors of its own for damage
        raise UserError(f"'{path.name}' is damaged, or no ONNX model") from None
    if not all(isinstance(text, str) for text in _texts(model.graph)):
        raise UserError(f"'{path.name}' is damaged: a name in it is no text")
    if not model.graph.node:
        raise UserError(f"'{path.name}' is damaged, or no ONNX model: it has no operators")
    if len(model.graph.node) > MOST_NODES:
        raise UserError(f"'{path.name}' has {len(model.graph.node):,} operators, more than {MOST_NODES:,}")
    return model


def _texts(graph: onnx.GraphProto) -> Iterator[object]:
    """All names. The parser gives one that is not UTF-8 as bytes and says nothing."""
    for node in graph.node:
        yield from (node.op_type, node.domain, node.name, *node.input, *node.output)
        for attribute in node.attribute:
            yield attribute.name
    for part in (graph.input, graph.output, graph.value_info, graph.initializer):
        for named in part:
            yield named.name


class OnnxModule(nn.Module):
    """The numbers of a model as a module's parameters and buffers, and its operators in their order."""

    def __init__(self, model: onnx.ModelProto, path: Path) -> None:
        super().__init__()
        self.path = path
        graph = model.graph
        self.nodes = [_node(proto) for proto in graph.node]
        self.places = [_place(proto) for proto in graph.node]
        #: Sizes and single numbers, which are looked at while the model runs.
        self.fixed: dict[str, Tensor] = {}
        self.outputs = [value.name for value in graph.output]
        held = {tensor.name for tensor in graph.initializer}
        inputs = [value for value in graph.input if value.name not in held]
        self.inputs = [value.name for value in inputs]
        self.shapes, self.batch = _sizes(inputs, path)
        self._known_shapes: dict[str, Shape] = {}
        self._model: onnx.ModelProto | None = model
        trained, counted = self._trained(), 0
        for tensor in graph.initializer:
            counted += int(np.prod(tensor.dims, dtype=np.float64)) if tensor.dims else 1
            if counted > MOST_VALUES:
                raise UserError(f"'{path.name}' holds more than {MOST_VALUES:,} numbers")
            self._keep(tensor.name, _values(tensor, path), tensor.name in trained)
        self._part()

    def _trained(self) -> set[str]:
        found = set()
        for node in self.nodes:
            for place in _WEIGHTED.get(node.kind, ()):
                if place < len(node.inputs):
                    found.add(node.inputs[place])
            if node.kind in ("Add", "Mul", "Sub", "Div"):
                found.update(node.inputs)
        return found

    def _part(self) -> None:
        """Exporters keep equal numbers once: each operator gets its own, unless it shares all of them."""
        self._name_copies()
        owned: set[str] = set()
        chosen: dict[tuple[str, ...], dict[str, str]] = {}
        for index, node in enumerate(self.nodes):
            weights = tuple(name for name in node.inputs if name in self._parameters)
            if weights not in chosen:
                own = {name: f"{name}:{node.name or index}" if name in owned else name for name in weights}
                for name, fresh in own.items():
                    if fresh != name:
                        self._parameters[fresh] = nn.Parameter(self.get_parameter_of(name).detach())
                owned.update(weights)
                chosen[weights] = own
            renamed = chosen[weights]
            self.nodes[index] = node._replace(inputs=tuple(renamed.get(name, name) for name in node.inputs))

    def _name_copies(self) -> None:
        """An Identity of weights is another name for them: weights of their own."""
        kept = []
        for node, place in zip(self.nodes, self.places, strict=True):
            if node.kind == "Identity" and node.inputs[0] in self._parameters:
                self._parameters[node.outputs[0]] = nn.Parameter(
                    self.get_parameter_of(node.inputs[0]).detach()
                )
            else:
                kept.append((node, place))
        self.nodes, self.places = [node for node, _ in kept], [place for _, place in kept]

    def get_parameter_of(self, name: str) -> Tensor:
        """A parameter by its name in the file, which may hold dots."""
        found = self._parameters[name]
        assert found is not None
        return found

    def _keep(self, name: str, value: Tensor, trained: bool) -> None:
        if not value.is_floating_point() or value.numel() <= 1:
            self.fixed[name] = value.reshape(()) if value.is_floating_point() else value
        elif trained:
            self._parameters[name] = nn.Parameter(value)
        else:
            self._buffers[name] = value

    def carry_out(self, recorder: Recorder, visits: _Visits, inputs: Sequence[Tensor]) -> Any:
        """Run every operator, telling the recorder in which module it was."""
        values: dict[str, Any] = dict(zip(self.inputs, inputs, strict=True))
        device = inputs[0].device
        for node, place in zip(self.nodes, self.places, strict=True):
            recorder.stand_in(visits.of(place or self._beside(node), recorder.trace.root))
            given = [self._value(name, values) for name in node.inputs]
            try:
                out = self._operate(node, given, device, recorder)
            except Unsupported as error:
                out = self._unknown(node, given, device, recorder, str(error))
            results = out if isinstance(out, tuple) else (out,)
            values.update(zip(node.outputs, results, strict=False))
        found = {name: self._value(name, values) for name in self.outputs}
        return next(iter(found.values())) if len(found) == 1 else found

    def _value(self, name: str, values: dict[str, Any]) -> Any:
        if not name:
            return None
        for table in (values, self._parameters, self._buffers, self.fixed):
            if name in table:
                return table[name]
        raise UserError(f"'{self.path.name}' uses '{name}' before it is made: it is damaged")

    def _beside(self, node: Node) -> tuple[tuple[str, str], ...]:
        """The module that a weight's name tells of, such as `layer1.0.conv1.weight`."""
        for name in node.inputs:
            if name in self._parameters and "." in name and "::" not in name:
                return ((name.rpartition(".")[0], ""),)
        return ()

    def _operate(self, node: Node, given: list[Any], device: torch.device, recorder: Recorder) -> Any:
        match node.kind:
            case "Constant":
                return _constant(node)
            case "Shape":
                return torch.tensor(list(given[0].shape), dtype=torch.int64, device="cpu")
            case "ConstantOfShape":
                fill = node.get("value")
                number = fill.reshape(-1)[0].item() if isinstance(fill, Tensor) else 0.0
                where = "cpu" if isinstance(number, int) else device
                return torch.full(integers(given[0]), number, device=where)
            case "Cast":
                kind = _KINDS.get(node.get("to"))
                return given[0] if kind is None else given[0].to(kind)
            case "Div" if not given[0].is_floating_point() and not given[1].is_floating_point():
                return torch.div(given[0], given[1], rounding_mode="trunc")
        function = OPERATORS.get(node.kind)
        if function is None:
            return self._unknown(node, given, device, recorder, "no operator is like it")
        while given and given[-1] is None:
            given.pop()
        return function(node, *given)

    def _unknown(
        self, node: Node, given: list[Any], device: torch.device, recorder: Recorder, why: str
    ) -> tuple[Tensor, ...]:
        """Stand in for what torch lacks, if the file says what shape comes out."""
        shapes = [self._shape(name) for name in node.outputs if name]
        if any(shape is None for shape in shapes):
            raise UserError(
                f"'{self.path.name}' has the operator {node.kind} ({why}), and does not say what it gives"
            )
        found = [(inputs_batch(given), *shape[1:]) for shape in shapes if shape is not None]
        return recorder.invent(node.kind, [one for one in given if one is not None], found, device)

    def _shape(self, name: str) -> Shape | None:
        if self._model is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    graph = onnx.shape_inference.infer_shapes(self._model).graph
                except Exception:  # its inference gives up on some models
                    graph = self._model.graph
            for value in (*graph.value_info, *graph.output):
                dims = value.type.tensor_type.shape.dim
                if dims and all(dim.dim_value > 0 for dim in dims[1:]):
                    self._known_shapes[value.name] = tuple(max(1, dim.dim_value) for dim in dims)
            self._model = None
        return self._known_shapes.get(name)


def inputs_batch(given: Sequence[Any]) -> int:
    """The batch of the first tensor that is one of values."""
    for one in given:
        if isinstance(one, Tensor) and one.is_floating_point() and one.dim() > 1:
            return int(one.shape[0])
    return 1


class _Visits:
    """One entrance into each module, by the names of the modules around it."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[tuple[str, str], ...]], Visit] = {}

    def of(self, place: tuple[tuple[str, str], ...], root: Visit) -> Visit:
        if not place:
            return root
        key = (id(root), place)
        if key not in self._known:
            path, kind = place[-1]
            self._known[key] = Visit(path, kind, self.of(place[:-1], root))
        return self._known[key]


def _node(proto: Any) -> Node:
    attributes = {one.name: _attribute(one) for one in proto.attribute}
    return Node(proto.op_type, proto.name, tuple(proto.input), tuple(proto.output), attributes)


def _attribute(proto: Any) -> Any:
    value = onnx.helper.get_attribute_value(proto)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, onnx.TensorProto):
        return torch.from_numpy(np.array(numpy_helper.to_array(value)))
    if isinstance(value, onnx.GraphProto):
        return None
    return list(value) if hasattr(value, "__len__") and not isinstance(value, str) else value


def _place(proto: Any) -> tuple[tuple[str, str], ...]:
    """The modules around an operator, (path, class) outermost first, where the exporter wrote them down."""
    notes = {one.key: one.value for one in proto.metadata_props}
    try:
        paths = ast.literal_eval(notes.get("pkg.torch.onnx.name_scopes", "[]"))
        kinds = ast.literal_eval(notes.get("pkg.torch.onnx.class_hierarchy", "[]"))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        paths, kinds = [], []
    if len(paths) > 1 and len(kinds) == len(paths):
        inner = list(zip(paths, kinds, strict=True))[:-1]
        return tuple((str(path), str(kind).rpartition(".")[2]) for path, kind in inner if path)
    found: list[tuple[str, str]] = []
    before = around = ""
    for part in proto.name.split("/")[1:-1]:  # the older exporter's `/layer1/layer1.0/conv1/Conv`
        own = part.removeprefix(f"{before}.") if before and part.startswith(f"{before}.") else part
        around = f"{around}.{own}" if around else own
        found.append((around, ""))
        before = part
    return tuple(found)


def _constant(node: Node) -> Tensor:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        value = node.get(name)
        if isinstance(value, Tensor):
            return value.reshape(()) if value.is_floating_point() and value.numel() == 1 else value
        if value is not None:
            return torch.tensor(value, device="cpu")
    raise Unsupported("a constant that is no number")


def _values(tensor: Any, path: Path) -> Tensor:
    """The numbers of an initializer, from this file or from one that lies beside it."""
    try:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            return torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
        where = {entry.key: entry.value for entry in tensor.external_data}
        name = where.get("location", "")
        if Path(name).name != name or name in ("", ".", ".."):
            raise UserError(f"'{path.name}' wants weights from '{name}', which does not lie beside it")
        kind = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type))
        count = int(np.prod(tensor.dims, dtype=np.int64))
        with open(path.parent / name, "rb") as file:
            file.seek(int(where.get("offset", "0")))
            data = file.read(count * kind.itemsize)
        return torch.from_numpy(np.frombuffer(data, kind, count).reshape(tuple(tensor.dims)).copy())
    except OSError as error:
        raise UserError(f"the weights of '{path.name}' cannot be read: {error.strerror or error}") from None
    except (KeyError, TypeError):
        raise UserError(
            f"'{path.name}' has numbers of a type that is not known here, in '{tensor.name}'; "
            "export it in float32"
        ) from None
    except (ValueError, OverflowError):
        raise UserError(
            f"'{path.name}' is damaged: the numbers of '{tensor.name}' are not all there"
        ) from None


def _sizes(inputs: Sequence[Any], path: Path) -> tuple[list[Shape], int]:
    """The inputs' shapes without the batch, and the batch; sizes that are left open are the usual ones."""
    shapes: list[Shape] = []
    batches: set[int] = set()
    for value in inputs:
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if len(dims) < 2:
            raise UserError(f"'{path.name}' takes '{value.name}', which is no batch of tensors")
        usual = {1: (224,), 2: (224, 224)}.get(len(dims) - 2, (16, 112, 112)[: len(dims) - 2])
        rest = [size or other for size, other in zip(dims[1:], (3, *usual), strict=True)]
        batches.add(dims[0] if dims[0] > 0 else 1)
        shapes.append(tuple(rest))
    if not shapes or len(batches) > 1:
        raise UserError(f"'{path.name}' has no input, or inputs of different batches")
    return shapes, batches.pop()


_KINDS = {
    1: torch.float32,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
}
