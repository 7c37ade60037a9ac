"""Turning what the form orders into queued runs."""

import dataclasses
import secrets

from fashion_core.data import Dataset
from fashion_core.models import registry
from fashion_core.runs import queue
from ui import caches
from ui.train.form import Order


def start(order: Order, dataset: Dataset) -> str:
    """Queue a run for each seed; repeats share a tag. Returns the name of the first."""
    tag = f"repeats-{secrets.token_hex(3)}" if order.repeats > 1 else ""
    first = ""
    for number in range(order.repeats):
        config = dataclasses.replace(order.config, seed=order.config.seed + number)
        title = order.title
        if order.repeats > 1:
            title = f"{order.title[:60] or registry.spec(config.model).title}, seed {config.seed}"
        entry = queue.start(caches.store(), config, dataset, title=title, tag=tag)
        first = first or entry.id
    return first
