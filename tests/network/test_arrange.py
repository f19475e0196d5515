"""Placement of random nested networks keeps its promises, and the shapes people know look as they expect."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.network.arrange import Arrangement, Box, Edge, GroupBox, arrange

Rect = tuple[float, float, float, float]


@dataclass
class Sketch:
    """A network as arrange sees it, written down card by card."""

    boxes: dict[str, Box] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    groups: dict[str, GroupBox] = field(default_factory=dict)

    def card(self, name: str, *sources: str, group: str | None = None, size: Box | None = None) -> str:
        self.boxes[name] = size or Box(232, 60)
        for source in sources:
            self.link(source, name)
        if group is not None:
            self.groups[group] = self.groups[group]._replace(members=(*self.groups[group].members, name))
        return name

    def group(self, name: str, parent: str | None = None) -> str:
        self.groups[name] = GroupBox(parent, (), 24)
        return name

    def link(self, source: str, target: str) -> None:
        self.edges.append(Edge(f"{source}→{target}#{len(self.edges)}", source, target))

    def arranged(self, pinned: dict[str, tuple[float, float]] | None = None) -> Arrangement:
        return arrange(self.boxes, self.edges, self.groups, pinned)

    def rect(self, found: Arrangement, name: str) -> Rect:
        return (*found.positions[name], self.boxes[name].width, self.boxes[name].height)

    def middle(self, found: Arrangement, name: str) -> float:
        return found.positions[name][0] + self.boxes[name].width / 2


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def within(inner: Rect, outer: Rect) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[0] + inner[2] <= outer[0] + outer[2]
        and inner[1] + inner[3] <= outer[1] + outer[3]
    )


SIZES = st.builds(
    Box,
    st.sampled_from([32, 120, 228, 232, 301]),
    st.sampled_from([12, 32, 60, 97]),
    st.sampled_from([None, 14]),
)


@st.composite
def nested(draw: st.DrawFn) -> Sketch:
    """A random network without cycles: every block is a stretch of the order, and so are those inside it."""
    sketch = Sketch()
    count = draw(st.integers(1, 14))
    names = [f"n{number}" for number in range(count)]

    def fill(low: int, high: int, parent: str | None, depth: int) -> None:
        at = low
        while at < high:
            length = draw(st.integers(1, max(1, high - at)))
            if depth < 3 and draw(st.integers(0, 3)) == 0:
                inner = sketch.group(f"g{len(sketch.groups)}", parent)
                fill(at, at + length, inner, depth + 1)
            else:
                for name in names[at : at + length]:
                    sketch.card(name, group=parent, size=draw(SIZES))
            at += length

    fill(0, count, None, 0)
    for target in range(1, count):
        for source in draw(st.lists(st.integers(0, target - 1), max_size=3)):
            sketch.link(names[source], names[target])
        if draw(st.booleans()):
            sketch.link(names[target - 1], names[target])
    return sketch


def check_boxes(sketch: Sketch, found: Arrangement) -> None:
    assert set(found.positions) == set(sketch.boxes)
    assert set(found.regions) == set(sketch.groups)
    for one, other in combinations(sketch.boxes, 2):
        assert not overlap(sketch.rect(found, one), sketch.rect(found, other)), (one, other)
    for name, group in sketch.groups.items():
        for member in group.members:
            assert within(sketch.rect(found, member), found.regions[name]), (member, name)
        if group.parent is not None:
            assert within(found.regions[name], found.regions[group.parent])
    for one, other in combinations(sketch.groups, 2):
        if sketch.groups[one].parent == sketch.groups[other].parent:
            assert not overlap(found.regions[one], found.regions[other]), (one, other)
    for name in sketch.groups:
        strangers = set(sketch.boxes) - members_within(sketch, name)
        assert not any(overlap(sketch.rect(found, other), found.regions[name]) for other in strangers)


def members_within(sketch: Sketch, name: str) -> set[str]:
    inside = set(sketch.groups[name].members)
    for other, group in sketch.groups.items():
        if group.parent == name:
            inside |= members_within(sketch, other)
    return inside


def check_routes(sketch: Sketch, found: Arrangement) -> None:
    assert set(found.routes) == {edge.id for edge in sketch.edges}
    for edge in sketch.edges:
        route = found.routes[edge.id]
        x, y, width, height = sketch.rect(found, edge.source)
        assert route[0] == (x + width / 2, y + height)
        x, y, width, height = sketch.rect(found, edge.target)
        side = sketch.boxes[edge.target].side
        sideways = side is not None and route[-1] == (x + width / 2 + side, y + height / 2)
        assert sideways or route[-1] == (x + width / 2, y)
        for (x0, y0), (x1, y1) in pairwise(route):
            assert (x0 == x1) != (y0 == y1), route


@given(nested())
def test_nothing_overlaps_and_every_link_has_a_route(sketch: Sketch) -> None:
    found = sketch.arranged()
    check_boxes(sketch, found)
    check_routes(sketch, found)
    for edge in sketch.edges:
        _, y, _, height = sketch.rect(found, edge.source)
        assert y + height < found.positions[edge.target][1]


@given(nested())
def test_chains_are_straight(sketch: Sketch) -> None:
    found = sketch.arranged()
    pairs = {(edge.source, edge.target) for edge in sketch.edges}
    leaving = Counter(source for source, _ in pairs)
    entering = Counter(target for _, target in pairs)
    home = {member: name for name, group in sketch.groups.items() for member in group.members}
    for source, target in pairs:
        if leaving[source] == entering[target] == 1 and home.get(source) == home.get(target):
            assert sketch.middle(found, source) == sketch.middle(found, target)


@given(nested())
def test_links_pass_no_card(sketch: Sketch) -> None:
    """No stretch of a link runs through a card that it does not belong to."""
    found = sketch.arranged()
    for edge in sketch.edges:
        route = found.routes[edge.id]
        for (x0, y0), (x1, y1) in pairwise(route):
            line = (min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
            for name in sketch.boxes.keys() - {edge.source, edge.target}:
                x, y, width, height = sketch.rect(found, name)
                inner = (x + 1, y + 1, width - 2, height - 2)
                assert not overlap(line, inner), (edge, name)


@given(nested())
def test_links_that_have_nothing_to_do_with_each_other_never_run_on_each_other(sketch: Sketch) -> None:
    found = sketch.arranged()
    linked = {(edge.source, edge.target) for edge in sketch.edges}
    for one, other in combinations(sketch.edges, 2):
        if {(one.source, other.target), (other.source, one.target)} & linked or one.source == other.source:
            continue
        for a, b in pairwise(found.routes[one.id]):
            for c, d in pairwise(found.routes[other.id]):
                for along, across in ((0, 1), (1, 0)):
                    if a[across] == b[across] == c[across] == d[across]:
                        low = max(min(a[along], b[along]), min(c[along], d[along]))
                        high = min(max(a[along], b[along]), max(c[along], d[along]))
                        assert high <= low, (one, other)


@given(nested(), st.data())
def test_cycles_are_tolerated(sketch: Sketch, data: st.DataObject) -> None:
    names = list(sketch.boxes)
    for _ in range(data.draw(st.integers(1, 4))):
        sketch.link(data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names)))
    found = sketch.arranged()
    check_boxes(sketch, found)
    check_routes(sketch, found)


def test_a_part_that_goes_where_its_pin_is_makes_room_for_the_pins_of_others() -> None:
    sketch = Sketch()
    for name in ("above", "pin", "other"):
        sketch.boxes[name] = Box(32, 12)
    sketch.link("above", "pin")
    found = sketch.arranged({"pin": (0.0, 0.0), "other": (0.0, -29.0)})  # "above" would stand at -40
    assert not overlap(sketch.rect(found, "above"), sketch.rect(found, "other"))
    assert not overlap(sketch.rect(found, "above"), sketch.rect(found, "pin"))


@given(nested(), st.data())
def test_pinned_cards_stay_and_cover_no_other(sketch: Sketch, data: st.DataObject) -> None:
    sketch.groups.clear()
    place = st.tuples(st.integers(-200, 600), st.integers(-100, 1500))
    pinned = data.draw(st.dictionaries(st.sampled_from(list(sketch.boxes)), place, max_size=3))
    found = sketch.arranged({name: (float(x), float(y)) for name, (x, y) in pinned.items()})
    for name, spot in pinned.items():
        assert found.positions[name] == spot
    for one, other in combinations(sketch.boxes, 2):
        if one not in pinned or other not in pinned:
            assert not overlap(sketch.rect(found, one), sketch.rect(found, other)), (one, other)
    check_routes(sketch, found)


def test_a_region_grows_around_its_pinned_member() -> None:
    sketch = Sketch()
    sketch.group("g")
    sketch.card("a", group="g")
    sketch.card("b", "a", group="g")
    found = sketch.arranged({"b": (900.0, 400.0)})
    assert within(sketch.rect(found, "b"), found.regions["g"])
    assert within(sketch.rect(found, "a"), found.regions["g"])


def test_a_pinned_card_covers_no_region_that_it_is_not_in() -> None:
    sketch = Sketch()
    above = sketch.card("input")
    sketch.group("g")
    sketch.card("b", sketch.card("a", above, group="g"), group="g")
    sketch.card("alone")
    x, y, _, _ = sketch.arranged().regions["g"]
    found = sketch.arranged({"alone": (x + 8, y - 20)})
    assert not overlap(sketch.rect(found, "alone"), found.regions["g"])
    assert within(sketch.rect(found, "a"), found.regions["g"])
    assert found.positions["input"] == sketch.arranged().positions["input"]


def test_a_part_put_down_apart_keeps_its_form_and_leaves_the_rest_its_own() -> None:
    sketch = Sketch()
    sketch.card("out", sketch.card("conv", sketch.card("input")))
    alone = sketch.arranged()
    sketch.group("g")
    first = sketch.card("a", group="g")
    sketch.card("add", sketch.card("b", first, group="g"), first, group="g")
    free = sketch.arranged()
    found = sketch.arranged({"b": (500.0, 900.0)})
    for name in ("input", "conv", "out"):
        assert found.positions[name] == alone.positions[name]
    dx, dy = (500.0 - free.positions["b"][0], 900.0 - free.positions["b"][1])
    for name in ("a", "b", "add"):
        x, y = free.positions[name]
        assert found.positions[name] == (x + dx, y + dy)
    check_routes(sketch, found)
    covering = sketch.arranged({"a": alone.positions["conv"]})
    for name in ("conv", "out"):
        assert not overlap(sketch.rect(covering, name), covering.regions["g"])


def residual_network(blocks: int, *, nested_blocks: bool) -> Sketch:
    sketch = Sketch()
    above = sketch.card("input")
    for number in range(blocks):
        group = sketch.group(f"block{number}") if nested_blocks else None
        first = sketch.card(f"{number}.conv1", above, group=group)
        second = sketch.card(f"{number}.conv2", first, group=group)
        shortcut = sketch.card(f"{number}.projection", above, group=group) if number % 3 == 0 else above
        above = sketch.card(f"{number}.add", second, shortcut, group=group, size=Box(276, 28, 14))
    sketch.card("head", sketch.card("pool", above))
    return sketch


@pytest.mark.parametrize("nested_blocks", [False, True])
def test_residual_networks_go_straight_down_with_shortcuts_at_the_right(nested_blocks: bool) -> None:
    sketch = residual_network(6, nested_blocks=nested_blocks)
    found = sketch.arranged()
    trunk = [name for name in sketch.boxes if "projection" not in name]
    assert {sketch.middle(found, name) for name in trunk} == {0}
    shortcut = next(edge for edge in sketch.edges if (edge.source, edge.target) == ("0.add", "1.add"))
    route = found.routes[shortcut.id]
    right = found.positions["1.conv1"][0] + 232
    assert max(x for x, _ in route) == right + 16
    x, y, width, height = sketch.rect(found, "1.add")
    assert route[-1] == (x + width / 2 + 14, y + height / 2)
    assert found.positions["0.projection"][1] == found.positions["0.conv1"][1]


def test_inception_branches_stand_side_by_side_around_the_middle() -> None:
    sketch = Sketch()
    sketch.card("input")
    ends = [sketch.card("1x1", "input")]
    for name in ("3x3", "5x5", "pool"):
        ends.append(sketch.card(f"{name} b", sketch.card(f"{name} a", "input")))
    sketch.card("concat", *ends)
    found = sketch.arranged()
    axes = [sketch.middle(found, name) for name in ("1x1", "3x3 b", "5x5 b", "pool b")]
    assert axes == sorted(axes)
    assert len({b - a for a, b in pairwise(axes)}) == 1
    assert axes[0] + axes[-1] == 2 * sketch.middle(found, "concat") == 2 * sketch.middle(found, "input")


def test_an_auxiliary_head_stands_beside_the_trunk() -> None:
    sketch = Sketch()
    above = sketch.card("input")
    for number in range(6):
        above = sketch.card(f"conv{number}", above)
        if number == 2:
            sketch.card("aux loss", sketch.card("aux", above))
    found = sketch.arranged()
    assert {sketch.middle(found, f"conv{number}") for number in range(6)} == {0}
    assert sketch.middle(found, "aux") == sketch.middle(found, "aux loss") >= 232


def test_skips_nest_with_the_shortest_nearest() -> None:
    sketch = Sketch()
    names = [sketch.card("0")]
    for number in range(1, 9):
        names.append(sketch.card(str(number), names[-1]))
    for low, high in ((0, 8), (1, 7), (2, 6), (3, 5)):
        sketch.link(str(low), str(high))
    found = sketch.arranged()
    lanes = [max(x for x, _ in found.routes[edge.id]) for edge in sketch.edges[-4:]]
    assert lanes == [116 + 16 + 12 * n for n in (3, 2, 1, 0)]


def test_parts_without_a_link_between_them_stand_apart() -> None:
    sketch = Sketch()
    sketch.card("b", sketch.card("a"))
    sketch.card("d", sketch.card("c"))
    found = sketch.arranged()
    assert sketch.middle(found, "a") == sketch.middle(found, "b") == 0
    assert sketch.middle(found, "c") == sketch.middle(found, "d") == 232 + 64
    assert found.positions["a"][1] == found.positions["c"][1]


def test_an_edit_moves_only_what_comes_after_it() -> None:
    sketch = residual_network(6, nested_blocks=True)
    before = sketch.arranged()
    sketch.card("3.extra", "3.conv1", group="block3")
    sketch.card("aux", "5.add")
    after = sketch.arranged()
    for name, place in before.positions.items():
        assert after.positions[name][0] == place[0], name
        if name.startswith(("input", "0.", "1.", "2.")):
            assert after.positions[name] == place


def dense_network(layers: tuple[int, ...], *, blocks: bool) -> Sketch:
    """As DenseNet: in each dense block every layer feeds a concatenation before each later one."""
    sketch = Sketch()
    above = sketch.card("input")
    for stage, count in enumerate(layers):
        outer = sketch.group(f"dense{stage}") if blocks else None
        features = [above]
        for number in range(count):
            inner = sketch.group(f"dense{stage}.{number}", outer) if blocks else None
            name = f"{stage}.{number}"
            joined = sketch.card(f"{name}.concat", *features, group=inner, size=Box(232, 12))
            narrow = sketch.card(f"{name}.conv1", joined, group=inner)
            features.append(sketch.card(f"{name}.conv2", narrow, group=inner))
        above = sketch.card(f"{stage}.concat", *features, group=outer, size=Box(232, 12))
        above = sketch.card(f"{stage}.pool", sketch.card(f"{stage}.transition", above))
    return sketch


@pytest.mark.parametrize("blocks", [False, True])
def test_dense_networks_stay_one_column_with_a_lane_for_each_source(blocks: bool) -> None:
    sketch = dense_network((6, 12, 48, 32), blocks=blocks)
    found = sketch.arranged()
    assert {sketch.middle(found, name) for name in sketch.boxes} == {0}
    check_routes(sketch, found)
    reach = max(x for route in found.routes.values() for x, _ in route)
    assert reach <= 116 + 16 + 48 * 12 + 3 * 16


def test_the_same_input_gives_the_same_output() -> None:
    sketch = dense_network((4, 5), blocks=True)
    assert sketch.arranged() == sketch.arranged()


def test_nothing_gives_nothing() -> None:
    assert arrange({}, []) == Arrangement({}, {}, {})


def test_an_empty_block_is_a_region_of_its_own() -> None:
    found = arrange({"a": Box(100, 40)}, [], {"g": GroupBox(None, (), 24)})
    assert not overlap((*found.positions["a"], 100, 40), found.regions["g"])
    assert found.regions["g"][2] >= 120
