"""The axes of a DET plot: shares on the scale of the normal distribution."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from explorer.ui.widgets.curves import Ticks, Values

PROBIT_TICKS = (0.0001, 0.001, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99)


def probit(shares: Values) -> NDArray[np.float64]:
    """Shares on the axis of a DET plot: the normal deviate Φ⁻¹; 0 and 1 are moved in to 1e-5."""
    normal = NormalDist()
    inside = np.clip(np.asarray(shares, dtype=np.float64), 1e-5, 1 - 1e-5)
    return np.array([normal.inv_cdf(float(value)) for value in inside.ravel()]).reshape(inside.shape)


def probit_ticks() -> Ticks:
    """Ticks for such an axis, in per cent."""
    return [(float(probit([share])[0]), f"{share * 100:g} %") for share in PROBIT_TICKS]
