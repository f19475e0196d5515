"""Any `torch.nn.Module` as a network of the document: run once, written down, described layer by layer.

`recording` writes down what runs, `running` runs it, `lowering` finds the layer for each call by the rules in
`rules/`, `assembling` makes the network, `importing` is what others call.
"""
