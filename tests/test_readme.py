"""What the README promises: its commands are accepted, and its figures are the stored ones."""

import re
import shlex

import pytest

from fashion_core.__main__ import build_parser
from fashion_core.analysis import feasibility, metrics
from fashion_core.analysis import feasibility_costs as costs
from fashion_core.computed import store as results
from fashion_core.computed import validation
from fashion_core.computed.duplicates import NEAR_DUPLICATE_DISTANCE, DuplicateSearch
from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS
from fashion_core.runs import summary
from fashion_core.runs.store import RunStore
from fashion_core.wording.numbers import format_duration
from tests.conftest import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m fashion_core (.+)$", README, re.MULTILINE)


def figures() -> list[str]:
    """The README's table, from the shipped runs' stored predictions."""
    lines = [
        "| run | poster P / R | precision | recall | accuracy | 95% interval | parameters | trained in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in summary.summarize_runs(RunStore(), summary.SHIPPED_RUN_IDS + summary.POSTER_RUN_IDS):
        low, high = row.accuracy_interval
        lines.append(
            f"| `{row.run.id}` | {row.poster_figures[0]} / {row.poster_figures[1]} | {100 * row.metrics.macro_precision:.1f} | "
            f"{100 * row.metrics.macro_recall:.1f} | {100 * row.metrics.accuracy:.2f} | {100 * low:.2f} to "
            f"{100 * high:.2f} | {row.n_parameters:,} | {format_duration(row.training_seconds)} |"
        )
    return lines


def outside() -> list[str]:
    """The README's table of the runs that answer pictures from outside."""
    return [
        f"| `{row.run.id}` | {100 * row.metrics.macro_precision:.1f} | {100 * row.metrics.macro_recall:.1f} | "
        f"{100 * row.metrics.accuracy:.2f} | {100 * row.accuracy_interval[0]:.2f} to {100 * row.accuracy_interval[1]:.2f} | "
        f"{row.n_parameters:,} | {format_duration(row.training_seconds)} |"
        for row in summary.summarize_runs(RunStore(), ENSEMBLE_RUN_IDS)
    ]


def feasible() -> list[str]:
    """The README's table of how much each method can take over, from the shipped answers."""
    lines = [
        "| run | no person, at 99.0 correct | right on test | no person, cheapest | saved per 1,000 garments |",
        "|---|---|---|---|---|",
    ]
    store = RunStore()
    for run_id in summary.SHIPPED_RUN_IDS:
        run = store.get(run_id)
        kept = validation.load_validation_predictions(run)
        assert kept is not None
        found = feasibility.assess_automation(kept, store.load_predictions(run))
        chosen_on, tried_on, _ = feasibility.calibrate_predictions(kept, store.load_predictions(run))
        plan = costs.choose_deferral_policy(run_id, chosen_on, tried_on, costs.CostModel())
        cells = ["nothing", ""]
        if found.test is not None:
            point = found.test
            cells = [
                between(100 * point.coverage, *(100 * share for share in point.coverage_interval)),
                between(100 * point.selective_accuracy, *(100 * share for share in point.selective_accuracy_interval)),
            ]
        saving = between(plan.saving.estimate, plan.saving.low, plan.saving.high)
        lines.append(f"| `{run_id}` | {' | '.join(cells)} | {100 * plan.coverage:.1f} | {saving} |")
    return lines


def compared() -> list[str]:
    """The README's lines of the improved CNN among published networks."""
    (row,) = summary.summarize_runs(RunStore(), ("improved_cnn",))
    predictions = RunStore().load_predictions(row.run)
    right = predictions.probabilities.argmax(axis=1) == predictions.labels
    alone = right[results.load_shipped_result(DuplicateSearch())["distance"] >= NEAR_DUPLICATE_DISTANCE]
    return [
        f"| {name} | {row.n_parameters:,} | {100 * kept.mean():.2f} ({100 * low:.2f} to {100 * high:.2f}) |"
        for name, kept in (
            ("`improved_cnn`, one run", right),
            (f"the same without the {len(right) - len(alone)} test images that are nearly in the train part", alone),
        )
        for low, high in [metrics.wilson_interval(int(kept.sum()), len(kept))]
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
