"""What people do to a network, as functions that return edits.

Nothing is changed here: a function takes the network and returns a Change, whose edits the document
applies as one undoable step. What is done inside one copy of a repeat is done in all its copies. What is
impossible raises UserError.
"""

from explorer.network.operations.blocks import detach, group_as_block, repeat, ungroup
from explorer.network.operations.draft import Change, Fresh
from explorer.network.operations.insert import (
    add_layer,
    append_after,
    duplicate,
    insert_fragment,
    insert_on_link,
)
from explorer.network.operations.remove import delete
from explorer.network.operations.settings import (
    fold,
    move,
    rename,
    rename_network,
    set_fields,
    set_input_shape,
    set_layer,
    set_training_only,
    tidy,
)
from explorer.network.operations.wire import connect, disconnect, rewire

__all__ = [
    "Change",
    "Fresh",
    "add_layer",
    "append_after",
    "connect",
    "delete",
    "detach",
    "disconnect",
    "duplicate",
    "fold",
    "group_as_block",
    "insert_fragment",
    "insert_on_link",
    "move",
    "rename",
    "rename_network",
    "repeat",
    "rewire",
    "set_fields",
    "set_input_shape",
    "set_layer",
    "set_training_only",
    "tidy",
    "ungroup",
]
