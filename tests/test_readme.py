"""What the README promises: its commands are accepted, and its figures are the stored ones."""

import re
import shlex

import pytest

from fashion_core.__main__ import build_parser
from fashion_core.analysis import summary
from fashion_core.recognition.reference import TOGETHER
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m fashion_core (.+)$", README, re.MULTILINE)


def figures() -> list[str]:
    """The README's table, from the shipped runs' stored predictions."""
    lines = [
        "| run | poster P / R | precision | recall | accuracy | 95% interval | parameters | trained in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in summary.rows(RunStore(), summary.SHIPPED + summary.POSTER_RUNS):
        low, high = row.interval
        lines.append(
            f"| `{row.run.id}` | {row.poster[0]} / {row.poster[1]} | {100 * row.scored.macro_precision:.1f} | "
            f"{100 * row.scored.macro_recall:.1f} | {100 * row.scored.accuracy:.2f} | {100 * low:.2f} to "
            f"{100 * high:.2f} | {row.parameters:,} | {summary.duration(row.seconds)} |"
        )
    return lines


def outside() -> list[str]:
    """The README's table of the runs that answer pictures from outside."""
    return [
        f"| `{row.run.id}` | {100 * row.scored.macro_precision:.1f} | {100 * row.scored.macro_recall:.1f} | "
        f"{100 * row.scored.accuracy:.2f} | {100 * row.interval[0]:.2f} to {100 * row.interval[1]:.2f} | "
        f"{row.parameters:,} | {summary.duration(row.seconds)} |"
        for row in summary.rows(RunStore(), TOGETHER)
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_is_accepted(command: str) -> None:
    build_parser().parse_args(shlex.split(command))


def test_every_verb_is_in_the_readme() -> None:
    assert {command.split()[0] for command in COMMANDS} == {
        "fetch",
        "train",
        "evaluate",
        "predict",
        "runs",
        "report",
        "bench",
    }


def test_the_figures_are_the_stored_ones() -> None:
    assert "\n".join(figures()) in README
    assert "\n".join(outside()) in README


def test_its_pictures_are_there() -> None:
    for path in re.findall(r"!\[[^]]+\]\(([^)]+)\)", README):
        assert (PROJECT / path).is_file()
