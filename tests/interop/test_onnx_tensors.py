"""Weights out of an ONNX file, with nothing that could execute it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.interop.model_files import SFACE, checked_bytes
from explorer.interop.onnx_tensors import read_weights
from explorer.network.errors import UserError


def test_blocks_are_dequantised_each_with_its_own_scale() -> None:
    weights = read_weights(checked_bytes(SFACE))
    weight = weights["conv_14_conv2d_weight"].reshape(1024, 16, 64)
    scales = weights["conv_14_conv2d_weight_scales"]
    steps = weight / scales[:, :, None]
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-3)
    assert np.abs(steps).max() <= 255


@pytest.mark.parametrize("data", [b"", b"\x08", b"\x3a\x05abc", b"not a model at all", b"\x3a\x02\x2a\x7f"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="not an ONNX file"):
        read_weights(data)
