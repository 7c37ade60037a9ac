"""How long an epoch will take here: as the latest run alike took, or as a few steps of training (a probe) did.

What probes measured is kept in the per-user folder, a small file for each kind of run, so that it is measured once.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.runs import job
from fashion_core.runs.execute import library_versions, machine_name
from fashion_core.runs.record import RunRecord
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import user_data_folder
from fashion_core.training.probe import Probe, relevant


@dataclass(frozen=True)
class EpochEstimate:
    """``epoch``: seconds that an epoch (k-means: a restart) takes, with its look at validation; and how that is known:
    from the run called ``run``, or else from a probe that counted ``count`` steps (k-means: images) in ``seconds``."""

    seconds_per_epoch: float
    run_id: str = ""
    count: int = 0
    seconds: float = 0.0


def estimate_epoch(
    config: TrainConfig, dataset: Dataset, records: Iterable[RunRecord], *, anywhere: bool = False
) -> EpochEstimate | None:
    """The speed of the latest of the finished runs that computed as ``config`` would, on such a machine as this, or
    ``anywhere``."""
    alike = [
        record
        for record in records
        if record.state == "finished"
        and record.seconds > 0
        and record.data.fingerprint == dataset.fingerprint
        and (anywhere or record.hardware.startswith(f"{machine_name()}, "))
        and relevant(record.config) == relevant(config)
    ]
    if not alike:
        return None
    latest = max(alike, key=lambda record: record.created)
    return EpochEstimate(latest.seconds / latest.config.epochs, run_id=latest.id)


def of_probe(config: TrainConfig, dataset: Dataset) -> EpochEstimate | None:
    """What a probe of ``config`` on ``dataset`` measured on this machine; None before there was one."""
    try:
        found = Probe(**json.loads(place(config, dataset).read_text(encoding="utf-8")))
        return EpochEstimate(float(found.epoch), count=int(found.count), seconds=float(found.seconds))
    except (OSError, ValueError, TypeError):
        return None


def keep(path: Path, probe: Probe) -> None:
    """Put what was measured at its ``place``; raises ``RunError`` when it cannot be written."""
    write_atomically(path, json.dumps(dataclasses.asdict(probe)).encode())


def place(config: TrainConfig, dataset: Dataset) -> Path:
    """The file of a probe: by what is computed, on which data and versions, and on how many threads of what machine."""
    what = [
        relevant(config).to_dict(),
        dataset.fingerprint,
        library_versions(),
        machine_name(),
        job.new_job(dataset).threads,
    ]
    key = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    return user_data_folder() / "speeds" / f"{config.model}-{key}.json"
