"""Queueing the runs that the form asks for."""

import secrets

from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.models import registry
from fashion_core.runs import queue
from fashion_core.wording.training import format_settings
from ui import caches
from ui.train.form import TrainingRequest


def start_requested_runs(request: TrainingRequest, dataset: Dataset) -> str:
    """Queue a run for each config; several share a tag. Returns the id of the first."""
    kind = sweep.SWEEP_TAG_PREFIX if request.varied_fields else sweep.REPEATS_TAG_PREFIX
    tag = f"{kind}{secrets.token_hex(3)}" if len(request.configs) > 1 else ""
    configs = [(config, _title(request, config)) for config in request.configs]
    return queue.queue_runs(caches.run_store(), configs, dataset, tag=tag)[0].id


def _title(request: TrainingRequest, config: TrainConfig) -> str:
    if len(request.configs) == 1:
        return request.title
    several_seeds = len({config.seed for config in request.configs}) > 1
    fields = [*request.varied_fields, *(["seed"] if several_seeds and "seed" not in request.varied_fields else [])]
    title = request.title[:40] or registry.get_model_spec(config.model).title
    return f"{title}, {format_settings(config, fields)}"[:80]
