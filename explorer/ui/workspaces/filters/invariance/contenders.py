"""The networks that can be compared: those that ship trained, and the open one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.learning.shipped import SHIPPED, trained
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.ui.workspaces.filters.inside.jobs import Subjects

if TYPE_CHECKING:
    from explorer.imaging.subject import Subject

OPEN = "open"
"""The key of the open network."""
PAIRS = (
    ("Convolutions, or none", ("lenet5", "fully-connected")),
    ("GAP head, or FC head", ("gap-head", "fc-head")),
)
"""What is worth comparing, by a few words."""
_SHORT = {
    "lenet5": "LeNet-5",
    "fully-connected": "Fully connected",
    "gap-head": "GAP head",
    "fc-head": "FC head",
    "resnet20": "ResNet-20",
}


@dataclass(frozen=True, eq=False)
class Contender:
    """One network by its key. `network` is given for the open one, and built in the Job for the others."""

    key: str
    title: str
    short: str
    network: Network | None = None
    inference: Inference | None = None


def shipped() -> tuple[Contender, ...]:
    """Those that ship trained, all on the same pictures."""
    return tuple(Contender(one.name, one.title, _SHORT.get(one.name, one.title)) for one in SHIPPED)


class Stable:
    """Makes contenders ready, once. Safe from any thread; loads torch."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._lock = threading.Lock()
        self._built: dict[str, Network] = {}

    def subject(self, contender: Contender) -> Subject:
        """Raises UserError for a network that cannot run or takes no picture."""
        if contender.network is not None:
            return self._subjects.get(contender.network, contender.inference)
        with self._lock:
            if contender.key not in self._built:
                self._built[contender.key] = trained(contender.key)
        network = self._built[contender.key]
        return self._subjects.get(network, None)


def counted(contender: Contender) -> tuple[int, str]:
    """Parameters, and what one convolution saves: ("", where there is none). Loads no torch."""
    network = contender.network
    if network is None:
        network = next(one for one in SHIPPED if one.name == contender.key).build()
    inference = contender.inference or infer(network)
    return inference.totals.parameters, _saved(network, inference)


def _saved(network: Network, inference: Inference) -> str:
    """What the first convolution has, and what a fully connected layer in its place would need."""
    from explorer.network.layers import Conv2d

    for node in network.topology.order:
        shapes, output = inference.input_shapes(node), inference.results[node].output
        if isinstance(network.nodes[node].layer, Conv2d) and shapes and output:
            inputs, outputs = shapes[0][0] * shapes[0][1] * shapes[0][2], output[0] * output[1] * output[2]
            own = inference.results[node].parameters
            return (
                f"{network.path(node)} has {own:,} parameters; a fully connected layer from its {inputs:,} "
                f"inputs to its {outputs:,} outputs would need {inputs * outputs + outputs:,}."
            )
    return ""
