"""What README and docs promise: commands are accepted, links lead somewhere, tables hold the stored figures.

``UPDATE_DOCS=1 pytest tests/test_docs.py`` writes the tables into the documents.
"""

import importlib
import importlib.util
import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.dependencies import licence_rows
from fashion_core.__main__ import VERBS, build_parser
from fashion_core.analysis import feasibility, feasibility_costs, metrics
from fashion_core.analysis.exchangeability import N_TO_LABEL
from fashion_core.computed import validation
from fashion_core.computed.accuracy_evidence import load_accuracy_evidence
from fashion_core.config.sweep import MAX_SWEEP_RUNS
from fashion_core.data.fashion_mnist import PUBLISHED_FILES
from fashion_core.data.published_networks import PUBLISHED_NETWORKS
from fashion_core.export.card import load_preparation_costs
from fashion_core.models import registry
from fashion_core.recognition.garment_store import MAX_SAVED_SIDE
from fashion_core.runs import summary
from fashion_core.runs.capacity import MAX_CONCURRENT_CLUSTER_RUNS
from fashion_core.runs.ray_connection import CLUSTER_CONNECT_TIMEOUT_SECONDS
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.vision.decode import BYTES_PER_WEBP_PIXEL, MAX_DECODED_BYTES, MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS
from fashion_core.wording.accuracy_evidence import list_published_networks
from fashion_core.wording.model_card import KIND_TITLES
from fashion_core.wording.numbers import format_duration, format_percent, format_percent_with_interval, to_percent
from tests.conftest import PROJECT
from tests.test_layers import PACKAGES
from ui.shell import PAGE_TITLES
from ui.try_it import folder_promise

DOCUMENTS = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((PROJECT / "docs").glob("*.md")),
    *sorted((PROJECT / "benchmarks").glob("*.md")),
]
TABLE = re.compile(r"<!-- table: (?P<name>[^>]+) -->\n(?P<rows>.*?)<!-- end -->", re.DOTALL)
LINK = re.compile(r"\[[^]]*\]\((?!https?:)([^)#]+)\)")
ENVIRONMENT = re.compile(r"^([A-Z_]+=\S+ )+")
PROGRAM = re.compile(r"(?:fashion|(?:python|torchrun .*) -m fashion_core) (?P<arguments>.+)")
MODULE = re.compile(r"python -m (?P<module>(?:benchmarks|fashion_core)\.[\w.]+)")


def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def shell_commands() -> Iterator[str]:
    """Every command in the shell blocks and in ``code`` that begins like one, without comments and variables."""
    for document in DOCUMENTS:
        text = read(document)
        lines = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines()
        lines += re.findall(r"`((?:fashion|python -m|pytest) [^`]+)`", text)
        for line in lines:
            yield from (ENVIRONMENT.sub("", part.split("  #")[0].strip()) for part in line.split(" && "))


COMMANDS = sorted(set(shell_commands()) - {""})


def accuracy_rows(run_ids: tuple[str, ...]) -> Iterator[list[str]]:
    """Accuracy, precision and recall, from the stored predictions."""
    yield ["run", "precision", "recall", "accuracy", "95% interval", "poster P / R", "parameters", "trained in"]
    for row in summary.summarize_runs(RunStore(), run_ids):
        low, high = row.accuracy_interval
        yield [
            f"`{row.run.id}`",
            format_percent(row.metrics.macro_precision)[:-1],
            format_percent(row.metrics.macro_recall)[:-1],
            format_percent(row.metrics.accuracy, 2)[:-1],
            f"{100 * low:.2f} to {100 * high:.2f}",
            f"{row.poster_figures[0]} / {row.poster_figures[1]}",
            f"{row.n_parameters:,}",
            format_duration(row.training_seconds),
        ]


def recognition_rows() -> Iterator[list[str]]:
    """The networks that classify pictures from outside; the poster has none such."""
    for row in accuracy_rows(RECOGNITION_RUN_IDS):
        yield row[:5] + row[6:]


def feasibility_rows() -> Iterator[list[str]]:
    """How much each model automates, from the stored predictions."""
    yield ["run", "automated at 99% correct", "correct on test", "automated, cheapest", "saved per 1,000 garments"]
    for run_id in summary.MAIN_RUN_IDS:
        tuning, test = stored_predictions(run_id)
        point = feasibility.assess_automation(tuning, test).test
        calibrated_tuning, calibrated_test = feasibility.calibrate_predictions_on_validation(tuning, test)
        cost_model = feasibility_costs.CostModel()
        policy = feasibility_costs.choose_deferral_policy(run_id, calibrated_tuning, calibrated_test, cost_model)
        saving = policy.saving
        yield [
            f"`{run_id}`",
            with_interval(to_percent(point.coverage), 100 * np.array(point.coverage_interval)) if point else "nothing",
            with_interval(to_percent(point.selective_accuracy), 100 * np.array(point.selective_accuracy_interval))
            if point
            else "",
            format_percent(policy.coverage)[:-1],
            with_interval(saving.estimate, np.array([saving.low, saving.high])),
        ]


def headline_rows() -> Iterator[list[str]]:
    """The README's summary of both."""
    yield ["model", "accuracy", "95% interval", "automated", "poster: precision / recall"]
    for row in summary.summarize_runs(RunStore()):
        low, high = row.accuracy_interval
        point = feasibility.assess_automation(*stored_predictions(row.run.id)).test
        yield [
            row.method,
            format_percent(row.metrics.accuracy),
            f"{format_percent(low)} to {format_percent(high)}",
            format_percent(point.coverage, 0) if point else "0%",
            f"{row.poster_figures[0]}% / {row.poster_figures[1]}%",
        ]


def our_network_rows() -> Iterator[list[str]]:
    """The improved CNN, with and without the test images that have a near duplicate among the training images."""
    yield ["our network", "parameters", "accuracy on test", "95% interval", "calibration error", "with a temperature"]
    evidence = load_accuracy_evidence(RunStore())
    n_removed = evidence.all_images.n - evidence.distinct_images.n
    without = f"without {n_removed} test images that have a near duplicate among the training images"
    for name, images in (("`improved_cnn`", evidence.all_images), (without, evidence.distinct_images)):
        low, high = images.interval
        errors = (images.calibration_error, images.calibration_error_with_temperature)
        yield [
            name,
            f"{evidence.record.n_parameters:,}",
            f"{100 * images.accuracy:.2f}",
            f"{100 * low:.2f} to {100 * high:.2f}",
            *(f"{100 * error:.2f}" for error in errors),
        ]


def seed_rows() -> Iterator[list[str]]:
    """The preset ``best`` of the improved CNN on several seeds."""
    yield ["seed", "accuracy on test", "trained in"]
    evidence = load_accuracy_evidence(RunStore())
    for each in evidence.seeds:
        yield [str(each.seed), f"{100 * each.accuracy:.2f}", format_duration(each.seconds)]
    if len(evidence.seeds) > 1:
        mean, deviation = evidence.mean_and_deviation
        yield ["mean", f"{100 * mean:.2f} ± {100 * deviation:.2f}", ""]


def simple_preparation_rows() -> Iterator[list[str]]:
    """What the preparation in an exported example costs."""
    yield ["pictures", "n", "`predict.py`", "`fashion predict`"]
    for cost in load_preparation_costs()[0]:
        n = cost["n"]
        rates = [
            format_percent_with_interval(cost[key] / n, *metrics.wilson_interval(cost[key], n))
            for key in ("n_correct_simple", "n_correct")
        ]
        yield [KIND_TITLES[cost["kind"]], str(n), *rates]


def measured_rows(name: str) -> Iterator[list[str]]:
    """What a benchmark printed, as recorded in docs/measurements.json."""
    measurement = json.loads((PROJECT / "docs" / "measurements.json").read_text(encoding="utf-8"))[name]
    yield measurement["header"]
    yield from measurement["rows"]


def stored_predictions(run_id: str) -> tuple:
    """A shipped run's predictions on validation and on test."""
    store = RunStore()
    run = store.get(run_id)
    return validation.load_validation_predictions(run), store.load_predictions(run)


def with_interval(value: float, interval: np.ndarray) -> str:
    return f"{value:.1f} ({interval[0]:.1f} to {interval[1]:.1f})"


TABLES = {
    "headline": headline_rows,
    "accuracy": lambda: accuracy_rows(summary.MAIN_RUN_IDS + summary.POSTER_RUN_IDS),
    "recognition networks": recognition_rows,
    "our network": our_network_rows,
    "seeds": seed_rows,
    "published networks": lambda: list_published_networks(load_accuracy_evidence(RunStore()), PUBLISHED_NETWORKS),
    "feasibility": feasibility_rows,
    "licences": licence_rows,
    "simple preparation": simple_preparation_rows,
    **{name: lambda name=name: measured_rows(name) for name in json.loads(read(PROJECT / "docs/measurements.json"))},
}


def markdown_table(rows: Iterator[list[str]]) -> str:
    header, *body = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (header, ["---"] * len(header), *body))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_tables_hold_the_stored_figures(document: Path) -> None:
    text = read(document)
    expected = TABLE.sub(
        lambda found: f"<!-- table: {found['name']} -->\n{markdown_table(TABLES[found['name']]())}<!-- end -->", text
    )
    if os.environ.get("UPDATE_DOCS"):
        document.write_text(expected, encoding="utf-8")
        return
    assert text == expected


def test_every_table_is_in_a_document() -> None:
    named = {found["name"] for document in DOCUMENTS for found in TABLE.finditer(read(document))}
    assert named == set(TABLES)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_accepted(command: str) -> None:
    if found := PROGRAM.fullmatch(command):
        if found["arguments"] not in VERBS and "--help" not in command:  # a verb that is only mentioned
            build_parser().parse_args(shlex.split(found["arguments"]))
    elif found := MODULE.match(command):
        assert importlib.util.find_spec(found["module"])
    elif command.startswith("pip install"):
        for name in re.findall(r"-[rc] (\S+)", command):
            assert (PROJECT / name).is_file()
    elif command.startswith("streamlit run"):
        assert (PROJECT / command.split()[-1]).is_file()
    else:
        assert command.split()[0] in {
            "export",
            "python",
            "source",
            "pytest",
            "pre-commit",
            "ruff",
            "mypy",
            "ray",
            "uv",
            "apt-get",
            "cd",
            "openssl",
        }


def test_every_verb_is_documented() -> None:
    used = {found["arguments"].split()[0] for command in COMMANDS if (found := PROGRAM.fullmatch(command))}
    assert used >= set(VERBS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document: Path) -> None:
    for target in LINK.findall(read(document)):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("README.md", f"({sum(f.gzip_bytes for f in PUBLISHED_FILES.values()) / 1e6:.0f} MB)"),
        ("docs/cluster.md", f"({sum(np.prod(f.shape) for f in PUBLISHED_FILES.values()) / 1e6:.0f} MB)"),
        ("docs/cluster.md", f"`FASHION_WORKERS` runs (default: {MAX_CONCURRENT_CLUSTER_RUNS})"),
        ("docs/cluster.md", f"about {CLUSTER_CONNECT_TIMEOUT_SECONDS:.0f} seconds"),
        ("docs/command-line.md", f"up to {MAX_SWEEP_RUNS} runs"),
        ("docs/recognition.md", f"at most {MAX_SAVED_SIDE} pixels"),
        ("docs/recognition.md", f"{MAX_PICTURE_BYTES // 2**20} MB and {MAX_PICTURE_PIXELS // 10**6} megapixels"),
        ("docs/recognition.md", f"{MAX_DECODED_BYTES // BYTES_PER_WEBP_PIXEL // 10**6} as WebP"),
        ("docs/sorting.md", f"needs at least {feasibility.min_calibration_size(0.99)} of them"),
        ("docs/sorting.md", f"90% at least {feasibility.min_calibration_size(0.9)},"),
        ("docs/pages.md", f"label {N_TO_LABEL} of them"),
        ("docs/pages.md", f"for a target of up to {max(folder_promise.TARGETS)}%"),
        ("docs/command-line.md", f"for a target of up to {max(folder_promise.TARGETS)}%"),
        ("docs/results.md", f"**At {format_percent(feasibility.DEFAULT_TARGET_SELECTIVE_ACCURACY, 0)} correct**"),
        ("docs/results.md", f"with {format_percent(feasibility.TARGET_GUARANTEE_PROBABILITY, 0)} certainty"),
        ("docs/results.md", f"a manual check {feasibility_costs.DEFAULT_MANUAL_CHECK_COST:g}, and people sort "),
        ("docs/results.md", f"{format_percent(feasibility_costs.HUMAN_ACCURACY)} correctly"),
        ("docs/results.md", f"for {registry.MODELS['improved_cnn'].presets['best'].epochs} epochs"),
    ],
)
def test_numbers_in_the_text_are_those_of_the_program(document: str, text: str) -> None:
    assert " ".join(text.split()) in " ".join(read(PROJECT / document).split())


def test_every_target_can_be_assured_by_as_many_labels_as_are_asked_for() -> None:
    assert all(feasibility.min_calibration_size(target / 100) <= N_TO_LABEL for target in folder_promise.TARGETS)


def test_there_is_a_small_picture_of_every_page() -> None:
    for name in PAGE_TITLES:
        path = PROJECT / "docs" / "images" / f"{name}.png"
        assert path.stat().st_size <= 150_000
        with Image.open(path) as picture:
            assert picture.size == (1280, 720)
        assert f"images/{name}.png" in read(PROJECT / "docs" / "pages.md")


def test_the_readme_is_short_and_names_every_page_and_the_number_of_included_runs() -> None:
    readme = read(PROJECT / "README.md")
    assert len(readme.splitlines()) <= 130
    assert [title for title in PAGE_TITLES.values() if f"| {title} |" not in readme] == []
    shipped = [entry for entry in RunStore().entries() if entry.origin == "zoo"]
    assert f"{('Six', 'Seven', 'Eight', 'Nine', 'Ten')[len(shipped) - 6]} trained runs" in readme


def test_the_architecture_lists_the_packages_in_the_enforced_order() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", read(PROJECT / "docs" / "architecture.md"), re.MULTILINE)
    assert tuple(listed) == PACKAGES


def test_the_glossary_names_things_that_exist() -> None:
    source = "\n".join(read(path) for path in sorted((PROJECT / "fashion_core").rglob("*.py")))
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| (`[^|]+`) \|$", read(PROJECT / "CONTRIBUTING.md"), re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    missing = {name for name in names if not re.search(rf"\b{name.split('.')[-1]}\b", source) and "/" not in name}
    assert len(names) > 20
    assert missing == set()
