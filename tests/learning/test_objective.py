"""The loss: several heads, and ends that are no plain scores."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from explorer.interop.torch_module import build
from explorer.learning.data_set import DataSet
from explorer.learning.loop import train
from explorer.learning.objective import Objective
from explorer.learning.settings import TrainSettings, changed
from explorer.learning.training_events import TrainEpoch
from explorer.network.builder import Builder
from explorer.network.edits import apply
from explorer.network.graph import Network
from explorer.network.layer import Layer
from explorer.network.layers import RBF, Flatten, LogSoftmax, Output, Softmax
from explorer.network.operations import set_training_only
from explorer.network.shorthand import linear


def ending(*layers: Layer) -> Network:
    b = Builder("Ending")
    b.input(12)
    b.add(linear(5), name="fc")
    for index, layer in enumerate(layers):
        b.add(layer, name=f"end{index}")
    return b.network()


PICTURES, LABELS = (
    torch.randn(6, 12, generator=torch.Generator().manual_seed(1)),
    torch.tensor([0, 1, 2, 3, 4, 0]),
)


@pytest.mark.parametrize(
    "layers",
    [(), (Softmax(),), (LogSoftmax(),), (Softmax(), Output()), (Output(loss="cross-entropy"),)],
    ids=lambda layers: "-".join(type(layer).__name__ for layer in layers),
)
def test_every_end_has_the_same_loss(layers: tuple[Layer, ...]) -> None:
    network = ending(*layers)
    module, objective = build(network, seed=3).requires_grad_(False), Objective(network)
    loss = objective.loss(objective.scores(module, PICTURES), LABELS)
    assert float(loss) == pytest.approx(
        float(F.cross_entropy(module.get_submodule("fc")(PICTURES), LABELS)), rel=1e-5
    )


def test_the_smallest_distance_wins() -> None:
    network = ending(RBF(4))
    module, objective = build(network, seed=3), Objective(network)
    scores = objective.scores(module, PICTURES)[0]
    assert torch.equal(scores, -module(PICTURES))


def auxiliary() -> Network:
    b = Builder("Two heads")
    start = b.input(1, 28, 28)
    flat = b.add(Flatten(), start, name="flatten")
    hidden = b.add(linear(20), flat, name="hidden")
    extra = b.add(linear(10), hidden, name="extra")
    b.add(linear(10), hidden, name="fc")
    network = b.network()
    return apply(network, set_training_only(network, [extra], True).edits)


def test_auxiliary_heads_count_a_third() -> None:
    network = auxiliary()
    module, objective = build(network, seed=3).requires_grad_(False), Objective(network)
    pictures, labels = torch.randn(4, 1, 28, 28), torch.tensor([0, 1, 2, 3])
    module.train()
    scores = objective.scores(module, pictures)
    assert len(scores) == 2
    fc, extra_fc = module.get_submodule("fc"), module.get_submodule("extra")
    hidden = module.get_submodule("hidden")(pictures.flatten(1))
    main, extra = (F.cross_entropy(head(hidden), labels) for head in (fc, extra_fc))
    assert torch.equal(scores[0], fc(hidden))
    assert float(objective.loss(scores, labels)) == pytest.approx(float(main + 0.3 * extra))
    module.eval()
    assert len(objective.scores(module, pictures)) == 1


def test_a_network_with_an_auxiliary_head_trains(data: DataSet, settings: TrainSettings) -> None:
    network = auxiliary()
    found = [e for e in train(network, data, changed(settings, {"lr": 0.01})) if isinstance(e, TrainEpoch)]
    assert found[-1].val_loss < found[0].val_loss
    assert {network.path(node) for node in found[0].gradient_norms} == {"hidden", "extra", "fc"}
