"""ConvNet Explorer: build convolutional networks, see every size and count, run them on pictures."""
