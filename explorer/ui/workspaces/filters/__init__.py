"""Filters: a picture, kernels over it, and every number of the result explained."""
