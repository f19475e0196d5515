"""What stands in the cells of the layer table: exact values, and how they are written. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Literal

from explorer.network import numerals
from explorer.network.graph import Network
from explorer.network.inference import Field, Inference
from explorer.network.layer import Shape
from explorer.ui.workspaces.build.run_results import NodeStatistics, RunResults
from explorer.ui.workspaces.build.table_rows import Row, Sum, block_sums

Of = Literal["parameters", "macs"]
NONE = "–"


class Column(IntEnum):
    """The columns, in order; those after SHARE are there once a picture has been run."""

    LAYER = 0
    TYPE = 1
    OUTPUT = 2
    PARAMETERS = 3
    MACS = 4
    FIELD = 5
    SHARE = 6
    TIME = 7
    MEAN = 8
    STD = 9
    ZEROS = 10


TITLES = (
    "Layer", "Type", "Output", "Parameters", "MACs", "Field", "Share", "Time", "Mean", "Std", "Zeros"
)  # fmt: skip


class Cells:
    """The cells for one state of a network; another state gets other cells."""

    def __init__(
        self, network: Network, inference: Inference, of: Of = "parameters", run: RunResults | None = None
    ) -> None:
        self.network = network
        self.inference = inference
        self.of: Of = of
        self.run = run
        self._sums: dict[str, Sum] | None = None
        self._longest: float | None = None

    @property
    def sums(self) -> Mapping[str, Sum]:
        """What every block comes to, worked out when it is first asked for."""
        if self._sums is None:
            self._sums = block_sums(self.network, self.inference)
        return self._sums

    def value(self, row: Row, column: Column) -> int | float | str | Shape | None:
        """The exact value of a cell, for sorting and for spreadsheets; None where there is none."""
        if column >= Column.TIME:
            return self._measured(row, column)
        match column:
            case Column.LAYER:
                return self.network.blocks[row.id].name if row.is_block else self.network.nodes[row.id].name
            case Column.TYPE:
                return self._type(row)
            case Column.OUTPUT:
                result = self._result(row)
                return result.output if result is not None else None
            case Column.PARAMETERS:
                return self._parameters(row)
            case Column.MACS:
                return self._macs(row)
            case Column.FIELD:
                field = self._field(row)
                return max(axis.size for axis in field) if field else None
            case _:
                return self._share(row)

    def _result(self, row: Row) -> Any:
        node = self.sums[row.id].last if row.is_block else row.id
        return self.inference.results.get(node)

    def _parameters(self, row: Row) -> int | None:
        if row.is_block:
            return self.sums[row.id].parameters
        result = self.inference.results[row.id]
        return result.parameters if result.known else None

    def _macs(self, row: Row) -> int | None:
        if row.is_block:
            return self.sums[row.id].macs
        result = self.inference.results[row.id]
        return result.macs if result.known else None

    def _field(self, row: Row) -> Field | None:
        result = self._result(row)
        return result.field if result is not None else None

    def _share(self, row: Row) -> float | None:
        """The part of the network's total; what counts elsewhere, or in training alone, has none."""
        totals = self.inference.totals
        if self.of == "macs":
            whole, part = totals.macs, self._macs(row)
            counts = row.is_block or not self.network.nodes[row.id].training_only
        else:
            whole, part = totals.parameters, self._parameters(row)
            counts = row.is_block or self.inference.owns_weights(row.id)
        if part is None or not whole:
            return None
        return part / whole if counts else 0.0

    def _type(self, row: Row) -> str:
        if row.is_block:
            block = self.network.blocks[row.id]
            copies = self.network.copies_of(row.id)
            kind = block.kind or "block"
            if len(copies) < 2:
                return kind
            return f"{kind} · {copies.index(row.id) + 1} of {len(copies)}"
        layer = self.network.nodes[row.id].layer
        summary = layer.summary()
        return f"{layer.title}  {summary}" if summary else layer.title

    def text(self, row: Row, column: Column) -> str:
        """A cell as people read it."""
        value = self.value(row, column)
        if value is None or (column == Column.MACS and value == 0 and not self._is_open(row)):
            return NONE
        if isinstance(value, tuple):
            return numerals.shape(value)
        exact = not self._is_open(row)
        match column:
            case Column.PARAMETERS:
                return f"{'' if exact else '≥ '}{numerals.grouped(int(value))}"
            case Column.MACS:
                return numerals.compact(int(value), exact)
            case Column.FIELD:
                field = self._field(row)
                sizes = tuple(dict.fromkeys(axis.size for axis in field)) if field else ()
                return "×".join(f"{size:,.0f}" for size in sizes) or NONE
            case Column.SHARE | Column.ZEROS:
                return numerals.share(float(value), 1)
            case Column.TIME:
                return numerals.duration(float(value))
            case Column.MEAN | Column.STD:
                return f"{float(value):.3g}".replace("-", "−")
        return str(value)

    def _is_open(self, row: Row) -> bool:
        """Whether more may come to the sum of a block."""
        return row.is_block and not self.sums[row.id].exact

    def bar(self, row: Row, root: Row) -> float:
        """A share as a part of the largest share at the top, from 0 to 1."""
        share = self.value(row, Column.SHARE)
        if not isinstance(share, int | float):
            return 0.0
        if self._longest is None:
            shares = [self.value(child, Column.SHARE) for child in root.children]
            self._longest = max((float(one) for one in shares if isinstance(one, int | float)), default=0.0)
        return share / self._longest if self._longest else 0.0

    def tooltip(self, row: Row, column: Column) -> str | None:
        """What more there is to say of a cell."""
        value = self.value(row, column)
        if column == Column.LAYER:
            return self.network.block_path(row.id) if row.is_block else self.network.path(row.id)
        if column == Column.MACS and isinstance(value, int):
            return f"{numerals.grouped(value)} MACs"
        if column == Column.PARAMETERS and not row.is_block:
            result = self.inference.results[row.id]
            told = f"{numerals.grouped(result.weights)} weights, {numerals.grouped(result.biases)} biases"
            if not self.inference.owns_weights(row.id):
                told += (
                    f", shared with {self.network.path(self.network.sharers(row.id)[0])} and counted there"
                )
            return told
        if column == Column.SHARE and isinstance(value, int | float):
            return f"{numerals.share(value, 1)} of all {'MACs' if self.of == 'macs' else 'parameters'}"
        if column == Column.TYPE:
            return str(value)
        return None

    def _measured(self, row: Row, column: Column) -> float | None:
        if self.run is None:
            return None
        if row.is_block:
            if column != Column.TIME:
                return None
            inside = [self._statistics(node) for node in self.network.nodes_within(row.id)]
            times = [found.seconds for found in inside if found is not None]
            return sum(times) if times else None
        found = self._statistics(row.id)
        if found is None:
            return None
        match column:
            case Column.TIME:
                return found.seconds
            case Column.MEAN:
                return found.mean
            case Column.STD:
                return found.std
        return found.zero_share

    def _statistics(self, node: str) -> NodeStatistics | None:
        return self.run.at(node, self.network, self.inference) if self.run is not None else None
