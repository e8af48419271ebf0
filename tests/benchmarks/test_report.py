"""Figures as rows, goals as verdicts."""

import pytest

from benchmarks.report import Figure, Goal, figures_table, goals_table


def figure(*goals: Goal, **runs: list[float]) -> Figure:
    """Return a figure that was measured."""
    return Figure("cost", "s/GB", goals, ratios=True, runs=runs)


def test_row_is_medians_and_ratios() -> None:
    """The middle run counts; others are compared to the limit."""
    table = figures_table([figure(limit=[1.0, 9.0, 2.0], proxy=[1.0])], ["limit", "proxy", "hass"])
    assert table.splitlines()[-1] == "| cost | s/GB | 2 [1…9] | 1 (x0.50) |  |"


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        pytest.param(Goal("proxy", 0.5, "limit"), "met", id="at most, relative"),
        pytest.param(Goal("proxy", 0.4, "limit"), "**missed**", id="too much, relative"),
        pytest.param(Goal("proxy", 2), "met", id="at most"),
        pytest.param(Goal("proxy", 1), "met", id="just so"),
        pytest.param(Goal("proxy", 1.1, at_least=True), "**missed**", id="not enough"),
        pytest.param(Goal("proxy", 0.5, "limit", at_least=True), "met", id="enough, relative"),
    ],
)
def test_verdict(goal: Goal, verdict: str) -> None:
    """A goal is met or missed by the median, of itself or of another's."""
    table = goals_table([figure(goal, limit=[2.0], proxy=[1.0])])
    assert table.splitlines()[-1].split(" | ")[-1] == f"{verdict} |"


def test_goal_of_a_target_that_was_left_out_is_not_judged() -> None:
    """Neither met nor missed."""
    table = goals_table([figure(Goal("hass", 1.15, "proxy"), proxy=[1.0])])
    assert len(table.splitlines()) == 2
