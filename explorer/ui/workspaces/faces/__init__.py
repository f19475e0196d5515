"""Faces: verify, recognise and enrol before a camera, and what lies under it."""
