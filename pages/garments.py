"""Garments: the data set's pictures by class."""

import numpy as np
import streamlit as st

from fashion_core.analysis.typicality import distance_to_mean
from fashion_core.data.dataset import SplitName
from fashion_core.data.labels import NAMES, SHORT_NAMES
from ui import caches, gallery, shell

A_PAGE = 60
ORDERS = ("As published", "Typical first", "Odd first")
SPLITS: dict[str, SplitName] = {"Test": "test", "Validation": "validation", "Train": "train"}

with shell.page("Garments", "What do the ten classes look like, and how much do garments of one class differ?"):
    data = caches.dataset()
    chosen = st.pills("Classes (none chosen: all)", NAMES, selection_mode="multi", key="classes", bind="query-params")
    one, two, _ = st.columns([1, 1, 2])
    split_name = one.selectbox("Split", list(SPLITS), key="split", bind="query-params")
    order = two.selectbox("Order", ORDERS, key="order", bind="query-params")
    split = data.split(SPLITS[split_name])
    means = caches.class_means(data)

    wanted = [NAMES.index(name) for name in chosen] or list(range(len(NAMES)))
    indices = np.flatnonzero(np.isin(split.labels, wanted))
    if order != ORDERS[0]:
        distances = distance_to_mean(split.images[indices], split.labels[indices], means)
        ranked = np.argsort(distances, kind="stable")
        indices = indices[ranked if order == ORDERS[1] else ranked[::-1]]

    counts = np.bincount(split.labels, minlength=len(NAMES))
    size = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,} to {counts.max():,}"
    kinds = "1 class" if len(wanted) == 1 else f"{len(wanted)} classes"
    shell.finding(f"{len(indices):,} garments of {kinds}; every class has {size} in this split.")
    pages = max(1, -(-len(indices) // A_PAGE))
    number = st.pagination(pages, key=f"page-{split_name}-{order}-{'-'.join(map(str, wanted))}") if pages > 1 else 1
    shown = indices[(number - 1) * A_PAGE : number * A_PAGE]
    gallery.gallery(split.images[shown], [f"{SHORT_NAMES[split.labels[i]]} {split.indices[i]}" for i in shown])
    shell.provenance(
        f"{data.title}, {split_name.lower()} split, n = {len(split):,}", "numbers are places in the published file"
    )

    st.subheader("The mean of each class", anchor=False)
    gallery.gallery(np.rint(means).astype(np.uint8), SHORT_NAMES)
    shell.provenance(f"Pixel means of {data.title}, train split, n = {len(data.split('train')):,}")
