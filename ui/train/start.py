"""Turning what the form orders into queued runs."""

import secrets

from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.models import registry
from fashion_core.runs import queue
from fashion_core.wording.training import format_settings
from ui import caches
from ui.train.form import TrainingRequest


def start_requested_runs(order: TrainingRequest, dataset: Dataset) -> str:
    """Queue a run of each of the order's configs; several share a tag. Returns the name of the first."""
    kind = sweep.SWEEP_TAG_PREFIX if order.varied_fields else sweep.REPEATS_TAG_PREFIX
    tag = f"{kind}{secrets.token_hex(3)}" if len(order.configs) > 1 else ""
    titled = [(config, _title(order, config)) for config in order.configs]
    return queue.queue_runs(caches.run_store(), titled, dataset, tag=tag)[0].id


def _title(order: TrainingRequest, config: TrainConfig) -> str:
    if len(order.configs) == 1:
        return order.title
    several_seeds = len({config.seed for config in order.configs}) > 1
    fields = [*order.varied_fields, *(["seed"] if several_seeds and "seed" not in order.varied_fields else [])]
    title = order.title[:40] or registry.get_model_spec(config.model).title
    return f"{title}, {format_settings(config, fields)}"[:80]
