"""Why no training can be started now."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.learning.matching import Mismatch
from explorer.network.inference import infer
from explorer.network.problems import Severity
from explorer.session.session import OpenNetwork
from explorer.ui.workspaces.train.data_source import DataSource


def hindrance(tab: OpenNetwork | None, source: DataSource, mismatches: Sequence[Mismatch]) -> str:
    """A sentence that says what to do first, "" where one can be started."""
    if tab is None:
        return "Open a network first."
    if source.loading:
        return "The pictures are being read."
    if source.trouble:
        return "The data cannot be used as it is; Data says why."
    if source.data is None:
        return "Download the pictures first." if source.must_download else "Choose the data first."
    if tab.document.network.nodes and infer(tab.document.network).totals.parameters == 0:
        return "This network has nothing to learn: it has no parameters."
    worst = next((one for one in mismatches if one.severity is Severity.ERROR), None)
    return "" if worst is None else worst.message
