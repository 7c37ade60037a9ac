"""Training runs, sweeps and the poster experiment in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from fashion_core.config.sweep import SWEEP_TAG_PREFIX
from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.data.classes import ClassList
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.poster_experiment import (
    DEMO_TAG_PREFIX,
    EXPERIMENT_TAG_PREFIX,
    ExperimentArm,
    SeedOutcome,
    count_runs_losing_a_class,
)
from fashion_core.runs.record import RunRecord
from fashion_core.runs.trials import SettingEffect, SettingsComparison, find_varied_fields
from fashion_core.wording.numbers import format_percent, format_percent_range
from fashion_core.wording.text import join_with_and

DEMO_EXPLANATION = (
    "Two short runs, one after the other, without and with a ReLU on the outputs. The row of a class is hatched when "
    "its output unit dies."
)


def format_setting_value(value: Any) -> str:
    """A setting's value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def format_settings(config: TrainConfig, fields: Sequence[str]) -> str:
    """The values of ``fields``: "learning rate 0.003, batch size 64"."""
    return ", ".join(
        f"{HYPERPARAMETERS[field].label.lower()} {format_setting_value(getattr(config, field))}" for field in fields
    )


def format_model_with_failure_cause(config: TrainConfig) -> str:
    """The model, and what makes it fail if anything does: "CNN with output ReLU"."""
    relu = " with output ReLU" if config.output_activation == "relu" else ""
    return f"{get_model_spec(config.model).title}{relu}"


def describe_test_recall(classes_lost_by_title: Mapping[str, Sequence[int]], classes: ClassList) -> str:
    """Which classes each run never predicts; none of them when it predicts all."""
    return "; ".join(
        f"{title} never predicts {join_with_and([classes[c].name for c in lost])}"
        if lost
        else f"{title} predicts all {len(classes)} classes"
        for title, lost in classes_lost_by_title.items()
    )


def format_epoch_count(config: TrainConfig, n: int | None = None) -> str:
    """How often the model goes through the training images: "10 epochs", "1 restart"."""
    n = config.epochs if n is None else n
    word = get_model_spec(config.model).epoch_word
    return f"{n} {word.removesuffix('s') if n == 1 else word}"


def format_kept_epoch(record: RunRecord) -> str:
    """Which epoch of a finished network the weights are from: "last"."""
    return "last" if record.best_epoch == record.config.epochs else "best on validation"


def format_epoch_counts(configs: Sequence[TrainConfig], n_folds: int = 0) -> str:
    """What several runs of a model amount to: "10 epochs", "8 runs of 2 to 20 epochs", "10 epochs, 6 times (…)"."""
    counts = {config.epochs for config in configs}
    each = format_epoch_count(configs[0], max(counts))
    each = each if len(counts) == 1 else f"{min(counts)} to {each}"
    each = f"{each}, {n_folds + 1} times ({n_folds}-fold cross-validation)" if n_folds else each
    return each if len(configs) == 1 else f"{len(configs)} runs of {each}"


def format_batch_title(records: Sequence[RunRecord]) -> str:
    """What runs with the same tag are: "Sweep of learning rate", "Poster experiment"."""
    tag = records[0].tag
    if tag.startswith(EXPERIMENT_TAG_PREFIX):
        return "Poster experiment"
    if tag.startswith(DEMO_TAG_PREFIX):
        return "One MLP fails"
    if tag.startswith(SWEEP_TAG_PREFIX):
        fields = [HYPERPARAMETERS[field].label.lower() for field in find_varied_fields(records)]
        return f"Sweep of {', '.join(fields) or 'nothing'}"
    return f"{get_model_spec(records[0].model).title} on several seeds"


def describe_best_settings(comparison: SettingsComparison, varied: Sequence[str]) -> str:
    """The best settings of a sweep and how far the others are from them."""
    best, worst, n = comparison.best, comparison.worst, comparison.n
    n_seeds = len(best.validation_accuracies)
    seeds = f", mean of {n_seeds} seeds" if n_seeds > 1 else ""
    if comparison.n_others == 1:
        count = "the other is" if comparison.n_within else "the other is not"
    else:
        count = f"{comparison.n_within} of the other {comparison.n_others} "
        count += "is" if comparison.n_within == 1 else "are"
    return (
        f"Best on validation: {format_settings(best.config, varied)}, with {format_percent(best.mean_accuracy)} of "
        f"n = {n:,}{seeds}. The spread over the sweep is {100 * (best.mean_accuracy - worst.mean_accuracy):.1f} "
        f"points, down to {format_percent(worst.mean_accuracy)}; {count} within the best one's 95% interval, "
        f"{format_percent_range(*comparison.interval)}."
    )


def describe_strongest_effect(effect: SettingEffect) -> str:
    """Which setting of a sweep matters most."""
    (worst_value, worst), (best_value, best) = effect.worst, effect.best
    return (
        f"{HYPERPARAMETERS[effect.field].label} moves the mean most: {format_percent(worst)} with "
        f"{format_setting_value(worst_value)}, {format_percent(best)} with {format_setting_value(best_value)}."
    )


def describe_never_predicted_cause(letter: str, class_name: str, largest_logit: float, *, is_missing: bool) -> str:
    """Why run ``letter`` never predicts a class, or predicts it only by default; empty if nothing is wrong."""
    name, dead = class_name, largest_logit == 0
    if is_missing and dead:
        return f"{letter} never predicts {name}: its output unit is dead, 0 on every test image."
    if is_missing:
        return f"{letter} never predicts {name}, though its output unit is alive: up to {largest_logit:.3g}."
    return f"{letter} predicts {name} only where all outputs are 0: that unit is dead too." if dead else ""


def format_arm(arm: ExperimentArm) -> str:
    """Network and output activation of an arm of the poster experiment."""
    output = "ReLU" if arm.output == "relu" else "no ReLU"
    return f"{get_model_spec(arm.model).title}, {output}"


def describe_poster_experiment(arms: Sequence[ExperimentArm]) -> str:
    """What the finished runs of the poster experiment show; empty until there is one of either kind."""
    n_lost, n = count_runs_losing_a_class(arms, "none")
    n_relu_lost, n_relu = count_runs_losing_a_class(arms, "relu")
    if not n or not n_relu:
        return ""
    return f"With a ReLU on the outputs {n_relu_lost} of {n_relu} runs lose a class; without it, {n_lost} of {n}."


def format_lost_classes(outcome: SeedOutcome, classes: ClassList) -> str:
    """The classes that a run lost, each with the epoch since which its output unit is dead, as far as known."""
    dead_since = outcome.dead_since
    lost = sorted({*(outcome.lost_classes or ()), *dead_since})
    return ", ".join(f"{classes[c].name} (epoch {dead_since[c]})" if c in dead_since else classes[c].name for c in lost)
