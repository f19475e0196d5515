"""The body of `forward`: values named for what they are, layers nested as people nest them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from explorer.interop.torch_code.blueprint import Blueprint, Item, Ref
from explorer.interop.torch_code.layout import INDENT, fold
from explorer.interop.torch_code.names import free, variable
from explorer.interop.torch_code.operators import constant, is_operation, parameter
from explorer.network.layer import Family
from explorer.network.layers import Add, Concat, Constant, Divide, Multiply, ParameterTensor, Part, Subtract

#: Calls within calls on one line.
DEEPEST = 4
_SHORTCUTS = ("downsample", "shortcut", "proj", "skip", "identity")


class Forward:
    """Writes one `forward`. `optional` names the modules that some blocks do not have."""

    def __init__(
        self,
        plan: Blueprint,
        optional: Mapping[str, str],
        names: tuple[str, ...] | None = None,
        *,
        variadic: bool = False,
    ) -> None:
        self._plan = plan
        self._optional = optional
        self._names = names
        self._variadic = variadic
        self._lines: list[str] = []
        self._texts: dict[Ref, str] = {}
        self._depths: dict[Ref, int] = {}
        #: Of a text that nests calls, the value that the innermost one takes.
        self._roots: dict[Ref, Ref] = {}
        self._training = False
        self._uses: Counter[Ref] = Counter()
        self._users: dict[Ref, list[int]] = {}
        for index, item in enumerate(plan.items):
            for ref in item.refs:
                self._uses[ref] += 1
                self._users.setdefault(ref, []).append(index)
        self._uses.update(plan.outputs)
        self._left = Counter(self._uses)
        self._live: dict[str, Ref] = {}

    def lines(self) -> list[str]:
        """`def forward(…)` and what it does, indented as in a class."""
        arguments = self._arguments()
        given = ["*features"] if self._variadic else arguments
        head = fold(f"def forward({', '.join(['self', *given])})", 1, ":")
        if self._plan.dense and not self._optional:
            return [*head, *self._dense(arguments[0])]
        for index, item in enumerate(self._plan.items):
            written = (index, 0) in self._texts or not item.member.outputs
            if not written and not self._in_parts(index, item):
                self._step(index, item)
        self._return()
        return [*head, *self._lines]

    def _dense(self, entry: str) -> list[str]:
        node = self._plan.items[-1].member.node
        assert node is not None
        assert isinstance(node.layer, Concat)
        body = (
            f"features = [{entry}]",
            "for layer in self.children():",
            f"{INDENT}features.append(layer(*features))",
            f"return torch.cat(features, dim={node.layer.dim})",
        )
        return [INDENT * 2 + line for line in body]

    # -- names -----------------------------------------------------------------------------------------

    def _arguments(self) -> list[str]:
        count = len(self._plan.scope.inputs)
        if self._variadic:
            self._texts.update({("in", at): "features" for at in range(count)})
            return []
        wanted = self._names or (("x",) if count == 1 else tuple(f"x{at}" for at in range(1, count + 1)))
        arguments: list[str] = []
        for at, name in enumerate(wanted):
            arguments.append(free(name, arguments))
            self._texts["in", at] = arguments[-1]
            self._live[arguments[-1]] = ("in", at)
        return arguments

    def _is_free(self, name: str) -> bool:
        """Whether no value that is still wanted has this name."""
        held = self._live.get(name)
        return held is None or self._left[held] == 0

    def _name(self, index: int, item: Item, port: int) -> str:
        """What to call a value: as what it goes on from, or for what it becomes."""
        ref: Ref = (index, port)
        flow = self._texts.get(("in", 0), "x").split(".")[0]
        if len(item.refs) == 1 and not self._begins_training(item):
            source = self._roots.get(item.refs[0], item.refs[0])
            text = self._root(source)
            aside = ref in self._plan.outputs and len(self._plan.outputs) > 1
            branches = self._uses[source] > 1 and (aside or self._merge_of(ref) is not None)
            if text is not None and self._is_free(text) and not branches:
                return text
        merge = self._merge_of(ref)
        wanted: list[str] = []
        if len(item.refs) > 1 and merge is None:
            wanted += [flow, *(name for name in map(self._root, item.refs) if name is not None)]
        elif len(item.refs) > 1:
            wanted += [name for name in map(self._root, item.refs) if name is not None]
        if merge is not None:
            wanted += self._branch_names(ref, merge)
        elif not item.refs or self._begins_training(item):
            wanted.append(variable(item.attribute))
        elif ref not in self._plan.outputs or len(self._plan.outputs) == 1:
            wanted += ["out", "features"]
        wanted += [variable(self._main_name(ref, index)), variable(item.attribute)]
        for name in wanted:
            if name and self._is_free(name):
                return name
        return free(wanted[-1], [name for name in self._live if not self._is_free(name)])

    def _root(self, ref: Ref) -> str | None:
        """The name of the value that a text is made of."""
        ref = self._roots.get(ref, ref)
        return next((name for name, held in self._live.items() if held == ref), None)

    def _begins_training(self, item: Item) -> bool:
        """Whether this leaves the way that every pass goes."""
        if not item.member.training_only:
            return False
        return any(ref[0] == "in" or not self._plan.items[ref[0]].member.training_only for ref in item.refs)

    def _merge_of(self, ref: Ref) -> Item | None:
        """The item with several inputs to which a value goes straight on."""
        at: Ref = ref
        while self._uses[at] == 1 and (users := self._users.get(at)):
            item = self._plan.items[users[0]]
            if len(item.refs) > 1:
                return item
            if len(item.member.outputs) != 1:
                return None
            at = (users[0], 0)
        return None

    def _branch_names(self, ref: Ref, merge: Item) -> list[str]:
        node = merge.member.node
        main = variable(self._main_name(ref, ref[0]))
        if node is None or isinstance(node.layer, Concat):
            return [main]
        lengths = {operand: self._length(operand) for operand in dict.fromkeys(merge.refs)}
        mine = next((operand for operand in lengths if self._leads(ref, operand)), None)
        longest = max(lengths, key=lambda operand: lengths[operand])
        if isinstance(node.layer, Multiply):
            return ["scale", main]
        if mine == longest and not any(word in main for word in _SHORTCUTS):
            return ["out", main]
        return ["shortcut", main]

    def _leads(self, ref: Ref, operand: Ref) -> bool:
        at: Ref = ref
        while at != operand:
            users = self._users.get(at, [])
            if len(users) != 1:
                return False
            at = (users[0], 0)
        return True

    def _length(self, operand: Ref) -> int:
        """How many modules a value went through since it was on a way with others."""
        count, at = 0, operand
        while at[0] != "in" and self._uses[at] == 1:
            item = self._plan.items[at[0]]
            if len(item.refs) != 1:
                return count + 1
            count, at = count + 1, item.refs[0]
        return count

    def _main_name(self, ref: Ref, index: int) -> str:
        """The last layer with weights (or pool, or block) on the way to where branches meet."""
        best, back = self._plan.items[index], ref
        while not _is_main(best) and len(best.refs) == 1 and (back := best.refs[0]) in self._roots:
            best = self._plan.items[back[0]]
        at: Ref = ref
        while self._uses[at] == 1 and (users := self._users.get(at)):
            item = self._plan.items[users[0]]
            if len(item.refs) > 1:
                break
            if _is_main(item):
                best = item
            at = (users[0], 0)
        return best.attribute

    # -- statements --------------------------------------------------------------------------------------

    def _step(self, index: int, item: Item) -> None:
        depth = 1 + max((self._depths.get(ref, 0) for ref in item.refs), default=0)
        text = self._call(index, item)
        for ref in item.refs:
            self._left[ref] -= 1
        if isinstance(item.given, ParameterTensor) and self._stretched(index):
            self._texts[index, 0] = text  # short enough to stand wherever it is used
            return
        if self._nests(index, item, depth):
            self._texts[index, 0] = text
            self._depths[index, 0] = depth
            self._roots[index, 0] = self._roots.get(item.refs[0], item.refs[0])
            return
        if self._is_last(index, item):
            self._texts[index, 0] = text
            return
        names = []
        for port in range(item.ports):
            if self._uses[index, port] == 0:
                names.append("_")
                continue
            name = self._name(index, item, port)
            while name in names:
                name += "_"
            names.append(name)
            self._live[name] = (index, port)
            self._texts[index, port] = name
        self._write(f"{', '.join(names)} = {text}", item.member.training_only)

    def _in_parts(self, index: int, item: Item) -> bool:
        """Write all parts of a chunk in one line, if every one of them is wanted here."""
        layer = _part(item)
        if layer is None or layer.index != 0:
            return False
        same = [
            (at, other)
            for at, other in enumerate(self._plan.items)
            if other.refs == item.refs and other.member.training_only == item.member.training_only
            if (part := _part(other)) is not None and (part.chunks, part.dim) == (layer.chunks, layer.dim)
        ]
        if len(same) != layer.chunks or not all(other.member.outputs for _, other in same):
            return False
        source = self._texts[item.refs[0]]
        self._left[item.refs[0]] -= len(same)
        names: list[str] = []
        for at, other in sorted(same, key=lambda entry: getattr(_part(entry[1]), "index", 0)):
            name = self._name(at, other, 0)
            if name in names or self._live.get(name) == item.refs[0]:
                name = free(variable(other.attribute), [*names, *self._live])
            names.append(name)
            self._live[name] = (at, 0)
            self._texts[at, 0] = name
        statement = f"{', '.join(names)} = {source}.chunk({layer.chunks}, dim={layer.dim})"
        self._write(statement, item.member.training_only)
        return True

    def _call(self, index: int, item: Item) -> str:
        texts = [self._texts[ref] for ref in item.refs]
        if self._variadic and index == self._plan.gathers:
            node = item.member.node
            assert node is not None
            assert isinstance(node.layer, Concat)
            return f"torch.cat(features, dim={node.layer.dim})"
        if isinstance(item.given, Constant):
            return constant(item.given, self._texts.get(("in", 0)))
        if item.given is not None:
            tensor, beside = f"self.{item.attribute}", self._texts.get(("in", 0))
            return parameter(item.given, tensor, beside, stretches=self._stretched(index))
        if item.pattern is not None:
            simple = item.pattern.startswith(("torch.", "F."))
            for at, ref in enumerate(item.refs):
                source = None if ref[0] == "in" else self._plan.items[ref[0]].pattern
                if not simple and source is not None and ref in self._depths and is_operation(source):
                    texts[at] = f"({texts[at]})"
            return item.pattern.format(*texts)
        if item.attends:
            query, *others = texts
            key = others[0] if others else query
            value = others[1] if len(others) > 1 else key
            return f"self.{item.attribute}({query}, {key}, {value}, need_weights=False)[0]"
        call = f"self.{item.attribute}({', '.join(texts)})"
        if item.attribute in self._optional:
            return f"{texts[0]} if self.{item.attribute} is None else {call}"
        return call

    def _stretched(self, index: int) -> bool:
        """Whether all that take a value stretch it over the batch, as sums and products do."""
        for at in self._users.get((index, 0), []):
            item = self._plan.items[at]
            node = item.member.node
            if node is None or not isinstance(node.layer, Add | Multiply | Subtract | Divide):
                return False
            if all(ref[0] != "in" and self._plan.items[ref[0]].given is not None for ref in item.refs):
                return False
        return (index, 0) not in self._plan.outputs

    def _nests(self, index: int, item: Item, depth: int) -> bool:
        """Whether the value stands within the call of the next layer: conv, norm and ReLU are one line."""
        if (
            depth >= DEEPEST
            or self._uses[index, 0] != 1
            or item.ports != 1
            or index + 1 >= len(self._plan.items)
        ):
            return False
        following = self._plan.items[index + 1]
        if following.pattern is not None and following.pattern.count("{0}") > 1:
            return False  # it would be carried out as often as it is written
        if item.member.node is None or item.attribute in self._optional or not item.refs:
            return False
        if following.member.training_only != item.member.training_only or not following.member.outputs:
            return False
        return following.rider and following.refs == ((index, 0),)

    def _is_last(self, index: int, item: Item) -> bool:
        """Whether the value is all that is returned, so that it needs no name."""
        return (
            self._plan.outputs == ((index, 0),)
            and self._uses[index, 0] == 1
            and item.ports == 1
            and index + 1 == len(self._plan.items)
            and not item.member.training_only
            and item.attribute not in self._optional
        )

    def _write(self, statement: str, training_only: bool) -> None:
        if training_only and not self._training:
            self._lines.append(f"{INDENT * 2}if self.training:")
        self._training = training_only
        self._lines += fold(statement, 3 if training_only else 2)

    def _return(self) -> None:
        always: list[str] = []
        extra: list[str] = []
        for ref in self._plan.outputs:
            late = ref[0] != "in" and self._plan.items[ref[0]].member.training_only
            (extra if late and self._plan.scope.block is None else always).append(self._texts[ref])
        if extra:
            self._write(f"return {', '.join([*always, *extra])}", True)
        self._write(f"return {', '.join(always)}" if always else "return ()", False)


def _part(item: Item) -> Part | None:
    node = item.member.node
    return node.layer if node is not None and isinstance(node.layer, Part) else None


def _is_main(item: Item) -> bool:
    """Whether an item is what a branch is named for: a layer with a kernel or weights, or a block."""
    node = item.member.node
    return node is None or node.layer.family in (Family.CONVOLUTION, Family.DENSE, Family.POOLING)
