"""A driver that is closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from explorer.network.graph import Network


@pytest.fixture
def drive(qapp: Any) -> Iterator[Callable[..., Any]]:
    """Open a network on a canvas: `drive(network)`."""
    from explorer.ui.theme import theme
    from tests.ui.canvas.driving import Driver

    theme().choose("light", projector=False)
    opened: list[Driver] = []

    def open_network(network: Network, **options: Any) -> Driver:
        opened.append(Driver(network, **options))
        return opened[-1]

    yield open_network
    for driver in opened:
        driver.close()
