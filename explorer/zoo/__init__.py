"""The classic networks, each a short program over explorer.network; catalogue.py lists them."""
