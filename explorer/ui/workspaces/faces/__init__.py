"""Faces: verify, recognise and enrol before a camera, and what lies under it."""

WORKBENCHES = (
    ("explorer.ui.workspaces.faces.threshold", "ThresholdTab"),
    ("explorer.ui.workspaces.faces.distances", "DistancesTab"),
    ("explorer.ui.workspaces.faces.siamese", "SiameseTab"),
)
"""Module and class of the tabs that need no camera, in the order of the tabs."""
