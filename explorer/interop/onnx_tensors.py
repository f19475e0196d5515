"""Reads the weights out of an ONNX file: its initializers, and those that are kept quantised by blocks.

Only as much of the format (protocol buffers) as that takes; nothing is executed. Field numbers are those of
onnx.proto: model.graph = 7; graph.node = 1, graph.initializer = 5; node.input = 1, output = 2, op_type = 4,
attribute = 5; attribute.name = 1, attribute.i = 3; tensor.dims = 1, data_type = 2, float_data = 4,
int32_data = 5, int64_data = 7, name = 8, raw_data = 9.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from explorer.network.errors import UserError

Tensor = NDArray[np.generic]

_KINDS: dict[int, tuple[str, int]] = {1: ("<f4", 4), 3: ("i1", 5), 2: ("u1", 5), 6: ("<i4", 5), 7: ("<i8", 7)}
"""By data_type: how raw data is laid out, and the field that holds it otherwise."""


def read_weights(data: bytes) -> dict[str, NDArray[np.float32]]:
    """Every floating-point tensor by name; a tensor quantised by blocks under the name of its weight.

    Raises UserError when the bytes are no ONNX model of this kind.
    """
    try:
        graph = next(value for number, value in _fields(memoryview(data)) if number == 7)
        tensors = dict(_tensor(_bytes(value)) for number, value in _fields(_bytes(graph)) if number == 5)
        for number, value in _fields(_bytes(graph)):
            if number == 1:
                _dequantise(_bytes(value), tensors)
    except (StopIteration, IndexError, KeyError, ValueError, TypeError) as error:
        raise UserError(
            f"this is not an ONNX file that can be read ({error}); use the one that ships"
        ) from None
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items() if tensor.dtype.kind == "f"}


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field of a message: a number, or the bytes of anything else."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        kind = key & 7
        if kind == 0:
            number, place = _varint(data, place)
            yield key >> 3, number
            continue
        if kind == 2:
            length, place = _varint(data, place)
        else:
            length = {1: 8, 5: 4}[kind]
        if place + length > len(data):
            raise ValueError("it ends too early")
        yield key >> 3, data[place : place + length]
        place += length


def _bytes(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a message was expected")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_bytes(value)).decode()


def _tensor(data: memoryview) -> tuple[str, Tensor]:
    shape: list[int] = []
    name, kind = "", 0
    values: dict[int, memoryview] = {}
    for number, value in _fields(data):
        if number == 1:
            shape.extend([value] if isinstance(value, int) else _varints(value))
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 8:
            name = _text(value)
        elif not isinstance(value, int):
            values[number] = value
    layout, field = _KINDS[kind]
    if 9 in values:
        flat = np.frombuffer(values[9], layout)
    elif kind == 1:
        flat = np.frombuffer(values.get(4, memoryview(b"")), "<f4")
    else:
        flat = np.array(list(_varints(values.get(field, memoryview(b"")))), layout)
    return name, flat.reshape(shape)


def _varints(data: memoryview) -> Iterator[int]:
    place = 0
    while place < len(data):
        value, place = _varint(data, place)
        yield value


def _dequantise(node: memoryview, tensors: dict[str, Tensor]) -> None:
    """(quantised − zero point) · scale, each scale for `block_size` values along `axis`."""
    inputs: list[str] = []
    kind = ""
    numbers: dict[str, int] = {}
    for number, value in _fields(node):
        if number == 1:
            inputs.append(_text(value))
        elif number == 4:
            kind = _text(value)
        elif number == 5:
            attribute = dict(_fields(_bytes(value)))
            if isinstance(attribute.get(3), int):
                numbers[_text(attribute[1])] = int(attribute[3])
    if kind != "DequantizeLinear":
        return
    quantised, scales, zero_points = (tensors[name] for name in inputs)
    axis, block = numbers["axis"], numbers["block_size"]
    length = quantised.shape[axis]

    def spread(values: Tensor) -> NDArray[np.float32]:
        repeated = np.repeat(values.astype(np.float32), block, axis)
        return repeated.take(np.arange(length), axis)

    weight = (quantised.astype(np.float32) - spread(zero_points)) * spread(scales)
    name = inputs[0].removesuffix("_quantized")
    shape = tensors.get(f"{name}_shape")
    tensors[name] = weight.reshape([int(side) for side in shape]) if shape is not None else weight
