"""Exports that can be run: PyTorch code and ONNX, written beside the window and held against the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.network import atomic
from explorer.network.graph import Network
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle
from explorer.ui.workspace import Surroundings

if TYPE_CHECKING:
    from explorer.interop.onnx_out import Checked


@dataclass(frozen=True)
class Outcome:
    """The file, and how far it is from the network; None where nothing is here that could run it."""

    path: Path
    checked: Checked | None


class Exporting(QObject):
    """Writes a file, runs it and the network on the same input, and says the largest difference."""

    def __init__(self, surroundings: Surroundings, parent: QObject) -> None:
        super().__init__(parent)
        self._surroundings = surroundings

    def start(self, tab: OpenNetwork, path: Path) -> Handle:
        """Export to what the name's ending asks for: .py, .onnx or .safetensors."""
        network = tab.document.network
        write = {".py": _code, ".onnx": _onnx}.get(path.suffix.lower(), _weights)

        def work(context: Context) -> Outcome:
            return Outcome(path, write(network, path, context))

        return self._surroundings.runner.start(Work(f"Exporting to {path.name}", work), on_done=self._tell)

    def _tell(self, outcome: Outcome) -> None:
        messages = self._surroundings.messages
        checked = outcome.checked
        if checked is None:
            messages.say(f"Written to {outcome.path}.", "ok")
        elif checked.agrees:
            messages.say(
                f"Written to {outcome.path}. Run on the same input, it and the network differ by "
                f"{checked.max_difference:.2g} at most.",
                "ok",
            )
        else:
            messages.say(
                f"{outcome.path.name} was written, but it does not compute what the network does: they "
                f"differ by {checked.max_difference:.2g} on the same input.",
                "error",
            )


def _code(network: Network, path: Path, context: Context) -> Checked:
    from explorer.interop.code_check import check_code
    from explorer.interop.torch_code import generate

    code = generate(network)
    atomic.write(path, code.text.encode())
    return check_code(network, code, context)


def _onnx(network: Network, path: Path, context: Context) -> Checked | None:
    from importlib.util import find_spec

    from explorer.interop.onnx_out import export_onnx

    return export_onnx(network, path, context, check=find_spec("onnxruntime") is not None)


def _weights(network: Network, path: Path, context: Context) -> None:
    from explorer.interop.weights_out import write_weights

    context.progress(None, "writing the weights")
    write_weights(network, path)
