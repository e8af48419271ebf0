"""What players saw in each cell of the matrix, as a table."""

from pathlib import Path
from typing import Final

PHASES: Final = ("starting", "prebuffering", "streaming", "lingering", "returning")

_HEAD: Final = """\
# What players see when something breaks

Times are seconds until there is data: after the request where a player is waiting for its start
or comes back, after the end of the trouble where it was watching. `out` is the longest time a
watching player got nothing but padding. Waits are shortened: an engine's call is given up after
0.25 s here, silence is a stall after 0.1 s.

`lingering` is for a stream that runs out while the trouble lasts, then somebody new; `returning`
for somebody who comes back while it lasts, and waits.
"""


class Report:
    """Cells by trouble and phase."""

    def __init__(self) -> None:
        """Start empty."""
        self._cells: dict[str, dict[str, str]] = {}

    def add(self, trouble: str, phase: str, seen: str) -> None:
        """Write down what players saw."""
        self._cells.setdefault(trouble, {})[phase] = seen

    def write(self, path: Path) -> None:
        """Write the table, unless only some of the cells were tried."""
        if not self._cells or any(len(row) < len(PHASES) for row in self._cells.values()):
            return
        lines = [("trouble", *PHASES), ("---",) * (len(PHASES) + 1)]
        lines += [
            (trouble, *(row[phase] for phase in PHASES)) for trouble, row in self._cells.items()
        ]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{_HEAD}\n{table}\n")
