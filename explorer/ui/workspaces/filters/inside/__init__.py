"""Look inside: one picture through the open network, and what every layer makes of it."""
