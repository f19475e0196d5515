"""Programs of torch.export: the module tree's names, exact counts, and files that are none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from explorer.interop.exported_programs import read
from explorer.interop.weights import ready
from explorer.network.errors import UserError
from explorer.network.inference import infer


class Net(nn.Module):
    """A block that is called twice, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
        self.stem = nn.Conv2d(3, 4, 3, 2, 1)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = x + self.block(x)
        x = self.block(x)
        return self.head(x.mean((2, 3)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("batch", [1, 2])
def test_a_program(tmp_path: Path, batch: int) -> None:
    torch.manual_seed(0)
    module = Net().eval()
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(module, (torch.zeros(batch, 3, 16, 16),)), path)
    found = read(path)
    totals = infer(found.network).totals
    assert totals.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert found.report.exact
    assert found.report.opaque == ()
    assert {"stem", "block.0", "block.1", "block.2", "head"} <= set(found.network.nodes)
    assert found.network.sharers("block.0") == ("block.0", "block_2.0")
    ours, random = ready(found.network)
    assert not random
    x = torch.rand(2, 3, 16, 16)
    with torch.inference_mode():
        torch.testing.assert_close(ours.eval()(x), module(x))


def test_what_is_no_program(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UserError, match=r"'net\.pt2' is damaged, or no program of torch\.export"):
        read(path)
    buffer = io.BytesIO()
    torch.save({"a": 1}, buffer)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(UserError, match="no program"):
        read(path)


def test_of_a_damaged_program_one_line_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.pt2"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("net/readme", "no program")
    with pytest.raises(UserError) as raised:
        read(path)
    assert "warnings above" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")  # torch itself would log a traceback
