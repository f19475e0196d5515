"""A network as an ONNX file, by torch's own exporter in a process that can be killed.

The batch is left open; inputs and outputs bear the names of their nodes. The file is what an eval pass
computes: nothing of training-only parts is in it, and the exporter folds batch norm into the convolution
before it, so that its parameters are fewer and its numbers the same.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, NamedTuple

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.results import result_nodes
from explorer.tasks.job import Context
from explorer.tasks.process import ProcessFailed, ProcessJob, Reporter

MOST_BYTES = 1900 << 20
"""An ONNX file is one protobuf message, which ends at 2 GiB."""


class Checked(NamedTuple):
    """How far an export is from the network, and whether that is near enough."""

    max_difference: float
    agrees: bool


def export_onnx(network: Network, path: Path, context: Context, *, check: bool = False) -> Checked | None:
    """Write the file; with `check`, run both on the same input. Raises UserError and Stopped.

    Whatever fails, the old file stays whole.
    """
    from explorer.interop.parcel import parcel

    if infer(network).totals.parameter_bytes > MOST_BYTES:
        raise UserError(
            f"{network.name} has more weights than one ONNX file holds ({MOST_BYTES >> 20:,} MiB)"
        )
    context.progress(None, "collecting the weights")
    with parcel(network) as folder:
        job = ProcessJob(f"Exporting {network.name} to ONNX", _export, (folder, str(path), check))
        try:
            found = job.run(context)
        except ProcessFailed as error:
            raise UserError(f"torch's exporter could not write {network.name}: {error}") from error
    return None if found is None else Checked(*found)


def _export(reporter: Reporter, folder: str, target: str, check: bool) -> tuple[float, bool] | None:
    """In the other process."""
    import torch

    from explorer.interop.onnx_forms import replace_unknown
    from explorer.interop.parcel import unpack

    reporter.progress(None, "torch's exporter is at work")
    network, module, inputs = unpack(folder)
    replace_unknown(module)
    if not inputs:
        raise UserError(f"{network.name} has no input, so there is nothing to export")
    batch = torch.export.Dim("batch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its advice is for those who wrote the module
        program = torch.onnx.export(
            module,
            inputs,
            dynamo=True,
            dynamic_shapes={"inputs": tuple({0: batch} for _ in inputs)},
            input_names=_names(network, module.inputs),
            output_names=_names(network, result_nodes(network, False)),
            verbose=False,
        )
    assert program is not None
    reporter.progress(None, "writing the file")
    temporary = Path(target).with_name(f".{Path(target).name}.{os.getpid()}.new")
    try:
        program.save(str(temporary))
        result = _difference(module, inputs, temporary, reporter) if check else None
        os.replace(temporary, target)
    except OSError as error:
        raise UserError(f"'{target}' cannot be written: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)
    return result


def _names(network: Network, nodes: Any) -> list[str]:
    """The nodes' names, told apart."""
    names: list[str] = []
    for node in nodes:
        name, number = network.nodes[node].name, 1
        while name in names:
            number += 1
            name = f"{network.nodes[node].name}{number}"
        names.append(name)
    return names


def _difference(module: Any, inputs: Any, path: Path, reporter: Reporter) -> tuple[float, bool]:
    try:
        import onnxruntime
    except ImportError:
        raise UserError(
            "--check runs the file with onnxruntime: install it (pip install onnxruntime)"
        ) from None
    import torch

    from explorer.interop.parcel import largest_difference, run

    reporter.progress(None, "running both")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = {entry.name: value.numpy() for entry, value in zip(session.get_inputs(), inputs, strict=True)}
    theirs = [torch.from_numpy(value) for value in session.run(None, given)]
    return largest_difference(run(module, inputs), theirs)
