"""What every layer declares: it can be found, explained, shown in a form and stored."""

from __future__ import annotations

import inspect
import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from explorer.network import layer, layers
from explorer.network.layer import Family, Layer
from explorer.network.layers import (
    LAYER_TYPES,
    LAYERS,
    AnyLayer,
    Conv2d,
    Input,
    Opaque,
    TableConv2d,
    fields_of,
)


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_layer_can_be_found_and_explained(kind: type[Layer]) -> None:
    assert kind.title
    assert isinstance(kind.family, Family)
    assert kind.keywords == kind.keywords.lower()
    first = (kind.__doc__ or "").split("\n")[0]
    assert first.endswith(".")
    assert 20 <= len(first) <= 110


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_every_field_has_its_help_and_bounds(kind: type[Layer]) -> None:
    made = kind()
    for info in fields_of(kind):
        assert info.description.endswith("."), info.name
        assert getattr(made, info.name) == info.default
        if info.kind in ("choice", "padding"):
            assert info.choices
        if info.kind in ("int", "float", "pair", "tuple", "padding"):
            low, high = info.bounds
            assert low is not None
            assert high is not None
            assert low < high


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_defaults_pass_their_own_bounds_and_survive_a_file(kind: type[Layer]) -> None:
    made = kind()
    text = msgspec.json.encode(made)
    assert msgspec.json.decode(text, type=AnyLayer) == made
    assert isinstance(made.summary(), str)
    assert hash(made) == hash(kind())


def test_titles_are_unique() -> None:
    assert len({kind.title for kind in LAYERS}) == len(LAYERS) == len(LAYER_TYPES)


def test_layers_of_a_family_stand_together() -> None:
    order = [kind.family for kind in LAYERS if kind.family not in (Family.BOUNDARY, Family.RESHAPE)]
    changes = sum(one is not two for one, two in pairwise(order))
    assert changes == len(set(order)) - 1


def test_kinds_of_fields() -> None:
    fields = {info.name: info for info in fields_of(Conv2d)}
    assert fields["out_channels"].kind == "int"
    assert fields["out_channels"].bounds == (1, 1_000_000)
    assert fields["kernel_size"].kind == "pair"
    assert fields["padding"].kind == "padding"
    assert fields["padding"].choices == ("valid", "same")
    assert fields["padding"].bounds == (0, 10_000)
    assert fields["padding_mode"].choices == ("zeros", "reflect", "replicate", "circular")
    assert fields["bias"].kind == "bool"
    shape = fields_of(Input)[0]
    assert (shape.kind, shape.length) == ("tuple", (1, 4))
    assert fields_of(TableConv2d)[0].kind == "table"
    kinds = {info.name: info.kind for info in fields_of(Opaque)}
    assert (kinds["kind"], kinds["in_shapes"]) == ("text", "table")
    upsample = {info.name: info for info in fields_of(LAYER_TYPES["Upsample"])}
    assert upsample["size"].optional
    assert upsample["scale_factor"].real
    assert not upsample["scale_factor"].optional


@pytest.mark.parametrize(
    "text",
    [
        b'{"type": "Conv2d", "out_channels": 0}',
        b'{"type": "Conv2d", "kernel_size": [3]}',
        b'{"type": "Conv2d", "padding": "full"}',
        b'{"type": "Conv2d", "padding": [-1, 0]}',
        b'{"type": "Conv2d", "filters": 3}',
        b'{"type": "Conv9d"}',
        b'{"type": "Input", "shape": []}',
        b'{"type": "Dropout", "p": 1.5}',
        b'{"type": "TableConv2d", "table": [[]]}',
    ],
)
def test_what_is_out_of_bounds_is_not_read(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=AnyLayer)


def test_every_code_of_a_refusal_is_documented() -> None:
    raised = set()
    for module in Path(layers.__file__ or "").parent.glob("*.py"):
        raised |= set(re.findall(r'Refused\(\s*"(\w+)"', module.read_text(encoding="utf-8")))
    raised |= set(re.findall(r'Refused\(\s*"(\w+)"', inspect.getsource(layer)))
    documented = set(re.findall(r"^- `(\w+)`", layers.__doc__ or "", re.MULTILINE))
    assert raised == documented
