"""Pictures through kernels, number by number, and pictures through networks, layer by layer."""
