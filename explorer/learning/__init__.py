"""Learning: data, and training as a generator of typed events."""
