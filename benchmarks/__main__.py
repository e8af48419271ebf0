"""The command: measures, and prints the tables as Markdown.

scripts/benchmark [--quick] [--only NAME …] [--write]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
import tempfile
import time
from typing import Final

from .figures import FIGURES
from .lab import Lab
from .machine import description
from .programs import REPOSITORY, compile_programs
from .report import Figure, figures_table, goals_table
from .targets import PROXY_FOLDER, TARGETS, copy_proxy, link_ffmpeg

_PAGE: Final = REPOSITORY / "docs/performance.md"
_NOISE: Final = (
    "Of the core they share, viewers used at most {load:.0%}, the source {source:.0%}; all else on "
    "the machine used {middle:.0%} of a core in the middle run, {worst:.0%} in the worst."
)
_BEGIN: Final = "<!-- scripts/benchmark --write replaces what follows -->\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        compile_programs(folder)
        copy_proxy(folder, options.proxy)
        link_ffmpeg(folder)
        repeats = options.repeats or (1 if options.quick else 3)
        lab = Lab(folder, options.targets, repeats=repeats, quick=options.quick)
        began = time.monotonic()
        figures: list[Figure] = []
        for name, measure in FIGURES.items():
            if name in options.only:
                lab.say(f"{name} …")
                figures += measure(lab)
        minutes = (time.monotonic() - began) / 60
    report = _report(lab, figures, minutes)
    print(report)  # noqa: T201
    if options.write:
        _write(report)


def _report(lab: Lab, figures: list[Figure], minutes: float) -> str:
    load = max((sample.load_cpu / sample.seconds for sample in lab.samples), default=0.0)
    source = max((sample.source_cpu / sample.seconds for sample in lab.samples), default=0.0)
    others = sorted(sample.others_cpu / sample.seconds for sample in lab.samples)
    noise = (others[len(others) // 2], others[-1]) if others else (0.0, 0.0)
    return "\n".join(
        [
            f"Measured {description()}; {minutes:.0f} minutes; medians of {lab.repeats}.",
            "",
            _NOISE.format(load=load, source=source, middle=noise[0], worst=noise[1]),
            "",
            "### Goals",
            "",
            goals_table(figures),
            "",
            "### Figures",
            "",
            figures_table(figures, lab.targets),
            "",
        ]
    )


def _write(report: str) -> None:
    """Replace the last run in the page on performance."""
    before = _PAGE.read_text().partition(_BEGIN)[0] if _PAGE.exists() else "# Performance\n\n"
    _PAGE.write_text(f"{before}{_BEGIN}\n{report}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure everything once, and shorter")
    parser.add_argument("--repeats", type=int, help="how often each is measured (default: 3)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=FIGURES,
        default=list(FIGURES),
        metavar="NAME",
        help=f"what to measure: {', '.join(FIGURES)}",
    )
    parser.add_argument(
        "--targets",
        nargs="+",
        choices=TARGETS,
        default=list(TARGETS),
        metavar="NAME",
        help=f"whom to measure: {', '.join(TARGETS)}",
    )
    parser.add_argument(
        "--proxy",
        type=Path,
        default=PROXY_FOLDER,
        metavar="FOLDER",
        help="another version of the folder proxy/, to compare",
    )
    parser.add_argument("--write", action="store_true", help=f"put the tables into {_PAGE.name}")
    return parser


if __name__ == "__main__":
    main()
