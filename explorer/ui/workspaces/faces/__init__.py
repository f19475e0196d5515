"""Faces: verify, recognise and enrol before a camera, and what lies under it."""

WORKBENCHES: tuple[tuple[str, str], ...] = ()
"""Module and class of the tabs that need no camera, in the order of the tabs."""
