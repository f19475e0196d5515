"""The lecture's experiments: networks that differ in one thing, and how they are trained to show it."""
