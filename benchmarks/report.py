"""Figures, goals, and the tables made of them."""

from dataclasses import dataclass, field
from statistics import median

REFERENCE = "limit"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a target's figure has to be."""

    target: str
    bound: float
    of: str | None = None
    """The target whose figure the bound is multiplied with."""

    at_least: bool = False


@dataclass(slots=True)
class Figure:
    """One row: what was measured, of each target as often as it was run."""

    name: str
    unit: str = ""
    goals: tuple[Goal, ...] = ()
    ratios: bool = False
    """Whether to show how it compares to the reference."""

    runs: dict[str, list[float]] = field(default_factory=dict)

    def add(self, target: str, value: float) -> None:
        """Take in what one run of a target gave."""
        self.runs.setdefault(target, []).append(value)

    def value(self, target: str) -> float | None:
        """Return the median of a target's runs."""
        runs = self.runs.get(target)
        return median(runs) if runs else None


def figures_table(figures: list[Figure], targets: list[str]) -> str:
    """Return one row for each figure, one column for each target."""
    lines = [
        f"| figure | unit | {' | '.join(targets)} |",
        f"| --- | --- |{' --- |' * len(targets)}",
    ]
    for figure in figures:
        cells = [_cell(figure, target) for target in targets]
        lines.append(f"| {figure.name} | {figure.unit} | {' | '.join(cells)} |")
    return "\n".join(lines)


def goals_table(figures: list[Figure]) -> str:
    """Return one row for each goal: what was wanted, what was measured."""
    lines = ["| figure | goal | measured | |", "| --- | --- | --- | --- |"]
    rows = [_goal_row(figure, goal) for figure in figures for goal in figure.goals]
    return "\n".join([*lines, *filter(None, rows)])


def _cell(figure: Figure, target: str) -> str:
    value = figure.value(target)
    if value is None:
        return ""
    runs = figure.runs[target]
    text = _number(value)
    reference = figure.value(REFERENCE)
    if figure.ratios and reference and target != REFERENCE:
        text += f" (x{value / reference:.2f})"
    if len(runs) > 1 and max(runs) - min(runs) > 0.2 * abs(value):
        text += f" [{_number(min(runs))}…{_number(max(runs))}]"
    return text


def _goal_row(figure: Figure, goal: Goal) -> str | None:
    value = figure.value(goal.target)
    reference = figure.value(goal.of) if goal.of else 1.0
    if value is None or not reference:
        return None
    measured = value / reference
    met = measured >= goal.bound if goal.at_least else measured <= goal.bound
    sign = "≥" if goal.at_least else "≤"
    unit = f"x {goal.of}" if goal.of else figure.unit
    wanted = f"{goal.target}: {sign} {_number(goal.bound)} {unit}"
    shown = f"{_number(measured)} {unit}"
    return f"| {figure.name} | {wanted} | {shown} | {'met' if met else '**missed**'} |"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
