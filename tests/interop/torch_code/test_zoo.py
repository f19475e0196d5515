"""The code of every classic network: it runs, has the same counts and names, and gives the same numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from explorer.interop.torch_code import generate
from explorer.interop.torch_module import build, input_shapes
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layers import Input
from explorer.zoo import catalogue
from tests.interop.torch_code.made import assert_same, carried_out

NAMES = [entry.name for entry in catalogue.entries()]
#: Between them every kind of block, at a size that is soon run.
RUN = {
    "first-convnet": None, "lenet5-1998": None, "lenet5": None, "nin-cifar10": (3, 16, 16),
    "inception-naive": (192, 8, 8), "inception-reduced": (192, 8, 8), "googlenet": (3, 64, 64),
    "facenet-nn2": None, "bn-inception": (3, 64, 64), "resnet18": (3, 64, 64), "resnet34-a": (3, 64, 64),
    "resnet20": None, "plain20": None,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_counts_names_and_shapes(name: str) -> None:
    network = catalogue.find(name).build()
    inference = infer(network)
    code = generate(network, inference)
    with torch.device("meta"):
        module = carried_out(code).eval()
    ours = build(network, inference, device="meta").eval()
    assert sum(p.numel() for p in module.parameters()) == inference.totals.parameters
    assert {k: v.shape for k, v in module.state_dict().items()} == {
        k: v.shape for k, v in ours.state_dict().items()
    }
    assert {node: ours.module_name(node) for node in code.modules} == code.modules
    inputs = [torch.zeros(1, *shape, device="meta") for shape in input_shapes(network)]
    with torch.inference_mode():
        one, other = module(*inputs), ours(*inputs)
    assert str(one) == str(other)


@pytest.mark.parametrize("name", RUN)
def test_numbers(name: str) -> None:
    network = catalogue.find(name).build()
    size = RUN[name]
    if size is not None:
        nodes = {
            key: replace(node, layer=Input(size)) if isinstance(node.layer, Input) else node
            for key, node in network.nodes.items()
        }
        network = Network(network.name, "", nodes, network.links, network.blocks, network.groups)
    assert_same(network, generate(network))


def test_a_formatter_and_a_linter_leave_it_as_it_is(tmp_path: Path) -> None:
    """Our own modules apart, which stand in the file as they stand here."""
    for name in NAMES:
        text = generate(catalogue.find(name).build()).text
        if "from __future__" not in text:
            (tmp_path / f"{name.replace('-', '_')}.py").write_text(text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--check", "--isolated"], ["check", "--isolated", "--select", "E,F,W,I,UP,B"]):
        result = subprocess.run([*ruff, *command, str(tmp_path)], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout


def test_resnet_reads_like_the_paper() -> None:
    text = generate(catalogue.find("resnet50").build()).text
    for line in (
        "class Bottleneck(nn.Module):",
        "    def __init__(self, in_channels, width, stride=1):",
        "        if stride != 1 or in_channels != 4 * width:",
        "        shortcut = x if self.downsample is None else self.downsample(x)",
        "        return self.relu3(out + shortcut)",
        "            *[Bottleneck(4 * width, width) for _ in range(depth - 1)],",
        "        self.layer3 = Stage(512, 256, 6, stride=2)",
    ):
        assert f"\n{line}\n" in text
    assert len(text.splitlines()) < 75


def test_googlenet_reads_like_the_papers_table() -> None:
    text = generate(catalogue.find("googlenet").build()).text
    assert "        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)\n" in text
    assert "        return torch.cat([conv1x1, conv3x3, conv5x5, project], dim=1)\n" in text


def test_generating_needs_no_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from explorer.interop.torch_code import generate\n"
        "from explorer.zoo import catalogue\n"
        "assert 'class ResNet152' in generate(catalogue.find('resnet152').build()).text\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
