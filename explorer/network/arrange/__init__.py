"""Where the cards of a network go: layered placement, top to bottom, with blocks as regions.

Each block is laid out by itself and then stands as one box in the block around it. Inside a block, links
that say nothing new about the order (there is another way from their source to their target: shortcuts,
dense connections) are taken out first and led down the side in lanes; what is left is close to a chain with
parallel branches and is placed by taking the trunk, then what lies beside it, and so on inwards. Long skips
thus cost a lane each instead of a chain of dummy nodes, which is what makes general layered layouts slow.

Everything is measured in pixels, y grows downwards, and x = 0 is the middle of the trunk of the first
connected part, so that adding a branch at one side moves nothing at the other.
"""

from explorer.network.arrange.model import Arrangement, Box, Edge, GroupBox, Point
from explorer.network.arrange.nesting import arrange

__all__ = ["Arrangement", "Box", "Edge", "GroupBox", "Point", "arrange"]
