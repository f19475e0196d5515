"""The canvas: the network as cards, links and blocks that are dragged together."""
