"""Every run with its seed, data, versions, machine and settings, and how the intervals were computed."""

import platform

import numpy as np

from fashion_core.analysis.compare import N_BOOTSTRAP_RESAMPLES
from fashion_core.report.content import Paragraphs, ReportSection, ReportTable
from fashion_core.report.inputs import ReportInputs, RunResult, format_fingerprints, format_splits
from fashion_core.wording.numbers import format_count
from fashion_core.wording.text import to_single_line
from fashion_core.wording.training import format_settings

TEST_TEXT = (
    "The test images were used once, to score each finished run. Training curves and the choice of the epoch use "
    "validation images."
)
CROSS_VALIDATION_TEXT = (
    "There are too few pictures for a test split of their own. Each picture was predicted once, by a model that was "
    "trained without its fold; these predictions are the test. The weights of the run come from one more training, on "
    "all pictures but those for validation. Training curves and the choice of the epoch use validation images. The "
    "models of the folds share most of their training pictures, so the intervals are a little too narrow."
)
INTERVALS_TEXT = (
    "Intervals of accuracy and of recall by class are Wilson's (E. B. Wilson, JASA 22, 1927); those "
    "of precision, mean recall and differences are percentile bootstraps of the test images with "
    f"{N_BOOTSTRAP_RESAMPLES:,} resamples (B. Efron and R. Tibshirani, 1993); all have a level of 95%. They show how a "
    "figure would vary with other images of the same kind, not with repeated training: each row is one run with one "
    "seed. Two runs are compared by McNemar's exact test."
)
FASHION_MNIST_CITATION = "Fashion-MNIST: H. Xiao, K. Rasul and R. Vollgraf, arXiv:1708.07747, Zalando SE, MIT licence."
FINGERPRINT_TEXT = "The fingerprint is the beginning of the SHA-256 digest of the data."


def build_provenance_section(inputs: ReportInputs) -> ReportSection:
    """The appendix."""
    results, data = inputs.results, inputs.data
    headline = f"Every figure comes from {format_count(len(results), 'run')} scored on the same pictures"
    finding = (
        f"{format_count(len(results), 'run')} on {data.title}, data {format_fingerprints(results)}: "
        f"{format_splits(inputs)}."
    )
    statistics = CROSS_VALIDATION_TEXT if data.n_folds else TEST_TEXT
    runs = ReportTable(
        "Runs, versions and machines",
        "Where each run comes from",
        "",
        ("Run", "Method", "Seed", "Date", "Epoch kept", "Versions", "Machine"),
        tuple(map(_run_row, inputs.results)),
        has_text_cells=True,
        is_detail=True,
    )
    settings = ReportTable(
        "Settings of the runs",
        "The settings with which each run was trained",
        "",
        ("Run", "Settings"),
        tuple((result.run.id, _format_used_settings(result)) for result in inputs.results),
        has_text_cells=True,
        is_detail=True,
    )
    source = FINGERPRINT_TEXT if inputs.is_catalogue else f"{FASHION_MNIST_CITATION} {FINGERPRINT_TEXT}"
    built_with = f"Built with Python {platform.python_version()} and NumPy {np.__version__}."
    texts = Paragraphs((f"{statistics} {INTERVALS_TEXT}", source, built_with))
    return ReportSection("provenance", headline, finding, "", (runs, settings, texts))


def _run_row(result: RunResult) -> tuple[str, ...]:
    record = result.record
    return (
        f"{result.run.id} (imported)" if record.is_imported else result.run.id,
        result.title,
        str(record.config.seed),
        record.created[:10],
        f"{record.best_epoch:,}",
        to_single_line(", ".join(f"{name} {version}" for name, version in record.versions.items())),
        to_single_line(record.hardware),
    )


def _format_used_settings(result: RunResult) -> str:
    """The hyperparameters of the model that are not switched off."""
    config = result.record.config
    return format_settings(
        config, [name for name in result.model.hyperparameters if getattr(config, name) not in (0, "", "none")]
    )
