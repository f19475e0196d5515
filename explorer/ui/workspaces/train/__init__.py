"""Train: a network learns before one's eyes, and every run is kept."""
