"""The benchmarks run and print the promised row. What they measure is judged by whoever runs them."""

from __future__ import annotations

import json
import math

import pytest

from tests.benchmarks.__main__ import MODULES, main
from tests.benchmarks.measure import in_turns, percentile
from tests.benchmarks.shapes import densenet, long_network


def test_a_benchmark_prints_a_row_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["layout", "--json", "--pairs", "1"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["layout", "layout-flat"]
    for row in rows:
        assert {"name", "ours", "peer", "ratio", "goal", "ok"} <= row.keys()
        assert math.isclose(row["ratio"], row["ours"] / row["peer"])


def test_a_row_for_people_names_spread_and_goal(capsys: pytest.CaptureFixture[str]) -> None:
    main(["layout", "--pairs", "1"])
    assert "goal: ours < 2 s" in capsys.readouterr().out


def test_an_unknown_name_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert all(name in said for name in MODULES)


def test_pairs_are_measured_in_turns_and_judged_by_their_medians() -> None:
    turns: list[str] = []
    times = {"ours": iter([9.0, 1.0, 2.0, 3.0]), "peer": iter([9.0, 2.0, 2.0, 2.0])}

    def measure(who: str) -> float:
        turns.append(who)
        return next(times[who])

    figure = in_turns(
        "x",
        lambda: measure("ours"),
        lambda: measure("peer"),
        "ratio ≤ 1",
        lambda _, ratio: ratio <= 1,
        pairs=3,
    )
    assert turns == ["ours", "peer"] * 4
    assert (figure.ours, figure.peer, figure.ratio, figure.spread, figure.ok) == (2, 2, 1, (0.5, 1.5), True)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1, 20), (0.01, 1)])
def test_percentile(share: float, expected: float) -> None:
    assert percentile(list(range(1, 21)), share) == expected


def test_the_shapes_are_as_large_as_they_are_said_to_be() -> None:
    network = densenet()
    assert len(network.nodes) >= 700
    assert len(network.topology.steps) == len(network.nodes)
    assert 1980 <= len(long_network(2000).nodes) <= 2000
