"""The modules that torch lacks give the values that their formulas say."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.interop import modules


def test_locally_connected_with_equal_kernels_is_a_convolution() -> None:
    torch.manual_seed(0)
    local = modules.LocallyConnected2d((3, 9, 8), 4, (3, 2), (2, 1), padding=(1, 0, 2, 1))
    kernel = torch.rand(4, 3, 3, 2)
    with torch.no_grad():
        local.weight.copy_(kernel.flatten(1).expand_as(local.weight))
        assert local.bias is not None
        local.bias.zero_()
    x = torch.rand(2, 3, 9, 8)
    expected = F.conv2d(F.pad(x, (1, 0, 2, 1)), kernel, stride=(2, 1))
    torch.testing.assert_close(local(x), expected)


def test_locally_connected_has_a_kernel_for_each_place() -> None:
    local = modules.LocallyConnected2d((1, 3, 3), 1, 2, bias=False)
    with torch.no_grad():
        local.weight.zero_()
        local.weight[3] = 1.0  # the last of 2 × 2 places
    out = local(torch.ones(1, 1, 3, 3))
    assert out[0, 0].tolist() == [[0, 0], [0, 4]]


def test_full_table_is_a_convolution() -> None:
    torch.manual_seed(0)
    table = modules.TableConv2d(((0, 1, 2), (0, 1, 2)), 3, 2, (1, 1, 1, 1))
    x = torch.rand(2, 3, 8, 8)
    expected = F.conv2d(x, table.weight.reshape(2, 3, 3, 3), table.bias, 2, 1)
    torch.testing.assert_close(table(x), expected)


def test_maps_outside_the_table_are_not_seen() -> None:
    table = modules.TableConv2d(((0,), (1, 2)), 1)
    x = torch.rand(1, 4, 2, 2)
    before = table(x)
    x[:, 3] += 1
    torch.testing.assert_close(table(x), before)
    x[:, 1] += 1
    after = table(x)
    torch.testing.assert_close(after[:, 0], before[:, 0])
    assert not torch.allclose(after[:, 1], before[:, 1])


def test_subsampling_begins_as_the_mean_and_sums() -> None:
    subsample = modules.Subsample(2, 2)
    x = torch.rand(1, 2, 5, 4)
    torch.testing.assert_close(subsample(x), F.avg_pool2d(x, 2))
    with torch.no_grad():
        subsample.weight.fill_(1.0)
        subsample.bias.fill_(3.0)
    torch.testing.assert_close(subsample(x), F.avg_pool2d(x, 2) * 4 + 3)


def test_l2_pooling_is_torchs_where_torch_has_it() -> None:
    x = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(modules.L2Pool2d(3, 2)(x), nn.LPPool2d(2, 3, 2)(x))
    padded = modules.L2Pool2d(3, 1, 1)(x)
    torch.testing.assert_close(padded, nn.LPPool2d(2, 3, 1)(F.pad(x, (1, 1, 1, 1))))


def test_pyramid_puts_the_grids_one_behind_the_other() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert modules.SpatialPyramidPool((2, 1))(x).tolist() == [[5, 7, 13, 15, 15]]


def test_rbf_is_the_squared_distance_to_fixed_patterns() -> None:
    rbf = modules.RBF(84, 10)
    assert not list(rbf.parameters())
    assert set(rbf.patterns.flatten().tolist()) == {-1.0, 1.0}
    distances = rbf(rbf.patterns[3:4])
    assert distances[0, 3] == 0
    assert distances[0].argmin() == 3


def test_channel_norm_looks_at_each_place_alone() -> None:
    x = torch.randn(2, 5, 3, 4)
    out = modules.ChannelNorm(5)(x)
    torch.testing.assert_close(out.mean(1), torch.zeros(2, 3, 4), atol=1e-6, rtol=0)
    torch.testing.assert_close(out[:, :, 1, 2], nn.LayerNorm(5)(x[:, :, 1, 2]))


def test_scale_is_fixed_or_trained() -> None:
    x = torch.randn(2, 5, 3, 4)
    torch.testing.assert_close(modules.Scale(2.0, 1.0)(x), 2 * x + 1)
    trained = modules.Scale(2.0, 1.0, 5)
    torch.testing.assert_close(trained(x), 2 * x + 1)
    assert [p.numel() for p in trained.parameters()] == [5, 5]
    torch.testing.assert_close(modules.Scale(2.0, 1.0, 5)(x[:, :, 0, 0]), 2 * x[:, :, 0, 0] + 1)


def test_scaled_tanh_takes_one_to_one() -> None:
    assert modules.ScaledTanh()(torch.tensor(1.0)).item() == pytest.approx(1.0, abs=1e-4)


def test_stochastic_depth_drops_examples_in_training_alone() -> None:
    torch.manual_seed(0)
    drop = modules.StochasticDepth(0.5)
    x = torch.ones(200, 2, 2)
    out = drop(x)
    assert set(out.flatten().tolist()) == {0.0, 2.0}
    assert ((out == out[:, :1, :1]).all()).item()
    assert torch.equal(drop.eval()(x), x)


def test_merges() -> None:
    a, b = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 1, 1)
    torch.testing.assert_close(modules.Add()(a, b, a), a + b + a)
    torch.testing.assert_close(modules.Multiply()(a, b), a * b)
    assert modules.Concat()(a, a[:, :1]).shape == (2, 4, 4, 4)
    assert modules.Concat(3)(a, a).shape == (2, 3, 4, 8)


def test_crop_keeps_the_middle_or_what_it_is_told() -> None:
    x = torch.arange(25.0).view(1, 1, 5, 5)
    assert modules.Crop(3)(x).flatten()[0] == 6
    assert modules.Crop((1, 2), (4, 0))(x).flatten().tolist() == [20, 21]


def test_constant_is_as_long_as_the_batch() -> None:
    assert modules.Constant((2, 3), 4)(5).shape == (5, 2, 3)
    assert modules.Constant((1,), 4)().item() == 4
