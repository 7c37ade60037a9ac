"""How long an epoch will take on this machine, as past runs took."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.execute import processor_model_and_core_count
from fashion_core.runs.record import RunRecord

# settings that hardly change the time of an epoch
SPEED_NEUTRAL_SETTINGS = {
    "epochs", "seed", "learning_rate", "one_cycle", "weight_decay", "label_smoothing", "start_from", "start_share",
    "output_activation", "naming",
}  # fmt: skip
ENOUGH_EPOCHS = 5  # from then on, the start of a run hardly counts


@dataclass(frozen=True)
class EpochEstimate:
    """Seconds that an epoch (k-means: a restart) takes, with its validation, as in the run ``run_id``;
    ``same_settings``: whether that run had the same settings, as far as they matter for the time."""

    seconds_per_epoch: float
    run_id: str
    same_settings: bool


def estimate_epoch(
    config: TrainConfig, fingerprint: str, records: Iterable[RunRecord], *, any_machine: bool = False
) -> EpochEstimate | None:
    """From the latest finished run of the same model on the same data and the same kind of machine, or ``anywhere``.

    A run with the same settings is preferred, then one of several epochs, because of a short run most of the time goes
    into its start. None when there is no such run.
    """
    alike = [
        record
        for record in records
        if record.state == "finished"
        and record.seconds > 0
        and record.model == config.model
        and bool(record.config.pictures) == bool(config.pictures)  # these make an epoch three times as long
        and record.data.fingerprint == fingerprint
        and (any_machine or record.hardware.startswith(f"{processor_model_and_core_count()}, "))
    ]
    if not alike:
        return None
    settings = _speed_settings(config)
    best = max(
        alike,
        key=lambda record: (
            _speed_settings(record.config) == settings,
            min(record.config.epochs, ENOUGH_EPOCHS),
            record.created,
        ),
    )
    passes = config.passes_per_epoch / best.config.passes_per_epoch
    return EpochEstimate(best.seconds / best.config.epochs * passes, best.id, _speed_settings(best.config) == settings)


def _speed_settings(config: TrainConfig) -> dict[str, Any]:
    return {name: value for name, value in config.to_dict().items() if name not in SPEED_NEUTRAL_SETTINGS}
