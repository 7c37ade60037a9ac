"""Turning what the form orders into queued runs."""

import secrets

from fashion_core.config import sweep as search
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.models import registry
from fashion_core.runs import queue
from ui import caches
from ui.train.form import Order


def start(order: Order, dataset: Dataset) -> str:
    """Queue a run of each of the order's configs; several share a tag. Returns the name of the first."""
    kind = search.TAG if order.varied else search.REPEATS
    tag = f"{kind}{secrets.token_hex(3)}" if len(order.configs) > 1 else ""
    titled = [(config, _title(order, config)) for config in order.configs]
    return queue.start_all(caches.store(), titled, dataset, tag=tag)[0].id


def _title(order: Order, config: TrainConfig) -> str:
    if len(order.configs) == 1:
        return order.title
    several_seeds = len({config.seed for config in order.configs}) > 1
    fields = [*order.varied, *(["seed"] if several_seeds and "seed" not in order.varied else [])]
    title = order.title[:40] or registry.spec(config.model).title
    return f"{title}, {search.told(config, fields)}"[:80]
