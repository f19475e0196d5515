"""Exported PyTorch code against the network it was made from: both run on the same input, in a process."""

from __future__ import annotations

from typing import Any

from explorer.interop.onnx_out import Checked
from explorer.interop.torch_code import Code
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.tasks.job import Context
from explorer.tasks.process import ProcessFailed, ProcessJob, Reporter


def check_code(network: Network, code: Code, context: Context) -> Checked:
    """Carry the code out with the network's weights and compare. Raises UserError and Stopped."""
    from explorer.interop.parcel import parcel

    context.progress(None, "collecting the weights")
    with parcel(network) as folder:
        arguments = (folder, code.text, code.name, dict(code.modules), dict(code.tensors))
        job = ProcessJob(f"Checking the code of {network.name}", _compare, arguments)
        try:
            return Checked(*job.run(context))
        except ProcessFailed as error:
            raise UserError(f"the code of {network.name} does not run: {error}") from error


def _compare(
    reporter: Reporter,
    folder: str,
    text: str,
    name: str,
    places: dict[str, str],
    tensors: dict[str, str],
) -> tuple[float, bool]:
    """In the other process."""
    from explorer.interop.parcel import largest_difference, run, unpack

    reporter.progress(None, "running both")
    _, ours, inputs = unpack(folder)
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, f"{name}.py", "exec"), names)  # our own words: every name in it is spelled by us
    theirs = names[name]().eval()
    for node, place in places.items():
        state = ours.get_submodule(ours.module_name(node)).state_dict()
        theirs.get_submodule(place).load_state_dict(state)
    for node, tensor in tensors.items():
        weight = ours.get_submodule(ours.module_name(node)).state_dict()["weight"]
        theirs.load_state_dict({tensor: weight}, strict=False)
    return largest_difference(run(ours, inputs), run(theirs, inputs))
