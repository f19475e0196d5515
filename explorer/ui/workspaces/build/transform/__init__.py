"""Transform: rebuilding the open network with its weights, seen before it is done, proven after."""
