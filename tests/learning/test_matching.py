"""What is in the way of a training, and the edits that put it right."""

from __future__ import annotations

import pytest

from explorer.learning.data_set import DataSet
from explorer.learning.matching import fitted, heads, problems
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import Flatten, Softmax
from explorer.network.problems import Severity
from explorer.network.shorthand import conv, linear
from explorer.zoo import catalogue


def test_all_is_well(network: Network, data: DataSet) -> None:
    assert problems(network, data) == ()
    assert fitted(network, data) == (network, ())


def test_another_size_is_a_note(data: DataSet) -> None:
    network = catalogue.find("lenet5").build()
    (found,) = problems(network, data)
    assert (found.code, found.severity) == ("size", Severity.NOTE)
    mended = apply(network, found.mends[0].edits)
    assert problems(mended, data) == ()


@pytest.mark.parametrize("name", ["resnet18", "nin", "lenet5-1998", "vgg16", "googlenet"])
def test_heads_of_the_zoo_are_replaced(name: str, data: DataSet) -> None:
    network, _ = fitted(catalogue.find(name).build(), data)
    shapes = infer(network).results
    for head in (*heads(network)[0], *heads(network)[1]):
        shape = shapes[head].output
        assert shape is not None
        assert shape[0] == 10
    assert {found.severity for found in problems(network, data)} <= {Severity.NOTE}


def test_several_results_become_auxiliary_heads(data: DataSet) -> None:
    network, done = fitted(catalogue.find("googlenet-aux").build(), data)
    assert done[0] == "Use the other results as auxiliary heads, in training only"
    main, extra = heads(network)
    assert [network.path(node) for node in main] == ["output"]
    assert [network.path(node) for node in extra] == ["output_aux1", "output_aux2"]
    trained_alone = {network.path(node.id) for node in network.nodes.values() if node.training_only}
    assert {path.partition(".")[0] for path in trained_alone} == {
        "aux1", "aux2", "output_aux1", "output_aux2"
    }  # fmt: skip
    assert {found.severity for found in problems(network, data)} <= {Severity.NOTE}


def test_a_head_behind_a_softmax(data: DataSet) -> None:
    b = Builder("Three classes")
    b.input(1, 28, 28)
    b.add(Flatten(), name="flatten")
    b.add(linear(3), name="fc")
    b.add(Softmax(), name="softmax")
    network, done = fitted(b.network(), data)
    assert done == ("Give fc 10 outputs, one a class",)
    assert problems(network, data) == ()


def test_maps_are_no_classes(data: DataSet) -> None:
    b = Builder("Maps")
    b.input(1, 28, 28)
    b.add(conv(8, 3), name="conv")
    with pytest.raises(UserError, match=r"conv gives 8 × 26 × 26; Fashion sample has 10 classes"):
        fitted(b.network(), data)


def test_inputs(data: DataSet) -> None:
    b = Builder("Vector")
    b.input(100)
    b.add(linear(10), name="fc")
    (found,) = problems(b.network(), data)
    assert (found.code, found.severity) == ("size", Severity.ERROR)
    assert problems(apply(b.network(), found.mends[0].edits), data) == ()
    two = Builder("Two")
    two.input(1, 28, 28)
    two.input(1, 28, 28, name="second")
    assert [one.code for one in problems(two.network(), data)] == ["input"]
    five = Builder("Five channels")
    five.input(5, 28, 28)
    five.add(Flatten(), name="flatten")
    five.add(linear(10), name="fc")
    found = problems(five.network(), data)[0]
    assert (found.code, found.severity) == ("channels", Severity.ERROR)
    assert problems(apply(five.network(), found.mends[0].edits), data) == ()
