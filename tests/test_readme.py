"""What the README promises: its commands are accepted, and its figures are the stored ones."""

import re
import shlex

import pytest

from fashion_core.__main__ import build_parser
from fashion_core.analysis import feasibility, metrics
from fashion_core.analysis import feasibility_costs as costs
from fashion_core.computed import store as results
from fashion_core.computed import validation
from fashion_core.computed.duplicates import NEAR, Duplicates
from fashion_core.computed.reference import TOGETHER
from fashion_core.runs import summary
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


def feasible() -> list[str]:
    """The README's table of how much each method can take over, from the shipped answers."""
    lines = [
        "| run | no person, at 99.0 correct | right on test | no person, cheapest | saved per 1,000 garments |",
        "|---|---|---|---|---|",
    ]
    store = RunStore()
    for run_id in summary.SHIPPED:
        run = store.get(run_id)
        kept = validation.kept(run)
        assert kept is not None
        found = feasibility.assess(kept, store.predictions(run))
        chosen_on, tried_on, _ = feasibility.calibrated(kept, store.predictions(run))
        plan = costs.plan(run_id, chosen_on, tried_on, costs.Prices())
        cells = ["nothing", ""]
        if found.test is not None:
            point = found.test
            cells = [
                between(100 * point.coverage, *(100 * share for share in point.coverage_interval)),
                between(100 * point.correct, *(100 * share for share in point.correct_interval)),
            ]
        saving = between(plan.saving.value, plan.saving.low, plan.saving.high)
        lines.append(f"| `{run_id}` | {' | '.join(cells)} | {100 * plan.coverage:.1f} | {saving} |")
    return lines


def compared() -> list[str]:
    """The README's lines of the improved CNN among published networks."""
    (row,) = summary.rows(RunStore(), ("improved_cnn",))
    predictions = RunStore().predictions(row.run)
    right = predictions.probabilities.argmax(axis=1) == predictions.labels
    alone = right[results.shipped_result(Duplicates())["distance"] >= NEAR]
    return [
        f"| {name} | {row.parameters:,} | {100 * kept.mean():.2f} ({100 * low:.2f} to {100 * high:.2f}) |"
        for name, kept in (
            ("`improved_cnn`, one run", right),
            (f"the same without the {len(right) - len(alone)} test images that are nearly in the train part", alone),
        )
        for low, high in [metrics.wilson(int(kept.sum()), len(kept))]
    ]


def between(value: float, low: float, high: float) -> str:
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_is_accepted(command: str) -> None:
    build_parser().parse_args(shlex.split(command))


def test_every_verb_is_in_the_readme() -> None:
    assert {command.split()[0] for command in COMMANDS} == {
        "fetch",
        "train",
        "evaluate",
        "predict",
        "feasibility",
        "runs",
        "report",
        "bench",
    }


def test_the_figures_are_the_stored_ones() -> None:
    assert "\n".join(figures()) in README
    assert "\n".join(outside()) in README
    assert "\n".join(feasible()) in README
    assert "\n".join(compared()) in README


def test_its_pictures_are_there() -> None:
    for path in re.findall(r"!\[[^]]+\]\(([^)]+)\)", README):
        assert (PROJECT / path).is_file()
