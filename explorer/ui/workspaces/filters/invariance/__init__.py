"""Invariance: distort a picture, and watch two networks bear it or not."""
