"""Every run with its seed, data, versions and machine, and how the intervals were made."""

import dataclasses
import platform

import numpy as np

from fashion_core.analysis import compare
from fashion_core.data.dataset import DATASET_TITLES
from fashion_core.models import registry
from fashion_core.report.content import Paragraphs, ReportSection, ReportTable
from fashion_core.report.inputs import ReportInputs, RunResult
from fashion_core.wording.text import to_single_line

STATISTICS_TEXTS = (
    "Test pictures were used once, to score each finished run; curves and the choice of an epoch use validation. "
    "Intervals of accuracy and recall are Wilson's (E. B. Wilson, JASA 22, 1927); of precision, recall over all "
    f"classes and differences percentile bootstraps of the test pictures, {compare.N_RESAMPLES:,} resamples (B. Efron "
    "and R. Tibshirani, 1993); all at 95%. They say how the figure would vary over other pictures of the same kind, "
    "and not over other trainings: each line is one run with one seed. Two runs are told apart by McNemar's exact "
    "test.",
    "Fashion-MNIST: H. Xiao, K. Rasul and R. Vollgraf, arXiv:1708.07747, Zalando SE, MIT licence. The data's "
    "fingerprint is the beginning of a SHA-256 digest of its files.",
)


def build_provenance_section(evidence: ReportInputs) -> ReportSection:
    """The appendix."""
    data = evidence.first_record.data
    n = len(evidence.results)
    finding = (
        f"{n} {'run' if n == 1 else 'runs'} on {DATASET_TITLES[data.source]}, data {data.fingerprint}: {data.n_train:,} train, "
        f"{data.n_validation:,} validation and {data.n_test:,} test pictures."
    )
    built = f"Built with Python {platform.python_version()} and NumPy {np.__version__}."
    blocks = (_made(evidence), _settings(evidence), Paragraphs((*STATISTICS_TEXTS, built)))
    return ReportSection("provenance", "Where the figures come from", finding, "", blocks)


def _made(evidence: ReportInputs) -> ReportTable:
    return ReportTable(
        "Runs, versions and machines",
        "Where each run comes from",
        "",
        ("Run", "Method", "Seed", "Trained on", "Kept epoch", "Versions", "Machine"),
        tuple(
            (
                result.run.id,
                result.title,
                str(result.record.config.seed),
                result.record.created[:10],
                f"{result.record.best_epoch:,}",
                to_single_line(", ".join(f"{name} {version}" for name, version in result.record.versions.items())),
                to_single_line(result.record.hardware),
            )
            for result in evidence.results
        ),
        has_text_cells=True,
        is_detail=True,
    )


def _settings(evidence: ReportInputs) -> ReportTable:
    return ReportTable(
        "Settings of the runs",
        "The settings that each run was trained with",
        "",
        ("Run", "Settings"),
        tuple((result.run.id, _told(result)) for result in evidence.results),
        has_text_cells=True,
        is_detail=True,
    )


def _told(result: RunResult) -> str:
    """The settings that mean something to the model and are not off."""
    values = dataclasses.asdict(result.record.config)
    names = registry.get_model_spec(result.record.model).hyperparameters
    on = [name for name in names if values[name] not in (0, "", "none")]
    return ", ".join(name if values[name] is True else f"{name} {values[name]}" for name in on).replace("_", " ")
