"""Garments: the images of the dataset by class."""

import numpy as np
import streamlit as st

from fashion_core.analysis.class_images import compute_rms_distance_to_class_mean
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.data.dataset import SplitName
from fashion_core.wording.numbers import format_count
from ui import caches, gallery, shell
from ui.pagination import paginate

IMAGES_PER_PAGE = 60
SORT_ORDERS = ("As published", "Typical first", "Odd first")
SPLIT_NAMES: dict[str, SplitName] = {"Test": "test", "Validation": "validation", "Train": "train"}

with shell.page_frame("Garments", "What do the ten classes look like, and how much do garments of one class differ?"):
    data = caches.current_dataset()
    chosen = st.pills("Classes", CLASS_NAMES, selection_mode="multi", key="classes", bind="query-params")
    one, two, _ = st.columns([1, 1, 2])
    split_name = one.selectbox("Split", list(SPLIT_NAMES), key="split", bind="query-params")
    order = two.selectbox("Order", SORT_ORDERS, key="order", bind="query-params")
    split = data.split(SPLIT_NAMES[split_name])
    means = caches.cached_class_mean_images(data)

    wanted = [CLASS_NAMES.index(name) for name in chosen] or list(range(len(CLASS_NAMES)))
    indices = np.flatnonzero(np.isin(split.labels, wanted))
    if order != SORT_ORDERS[0]:
        distances = compute_rms_distance_to_class_mean(split.images[indices], split.labels[indices], means)
        ranked = np.argsort(distances, kind="stable")
        indices = indices[ranked if order == SORT_ORDERS[1] else ranked[::-1]]

    counts = np.bincount(split.labels, minlength=len(CLASS_NAMES))
    size = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,} to {counts.max():,}"
    n_classes = format_count(len(wanted), "class", "classes")
    shell.show_finding(f"{len(indices):,} garments of {n_classes}; each class has {size} in this split.")
    page_key = f"page-{split_name}-{order}-{'-'.join(map(str, wanted))}"
    on_page = indices[paginate(len(indices), IMAGES_PER_PAGE, page_key)]
    gallery.image_gallery(
        split.images[on_page], [f"{SHORT_CLASS_NAMES[split.labels[i]]} {split.indices[i]}" for i in on_page]
    )
    shell.show_provenance(
        f"{data.title}, {split_name.lower()} split, n = {len(split):,}",
        "captions: class and index in the published file",
    )

    st.subheader("Mean image of each class", anchor=False)
    gallery.image_gallery(np.rint(means).astype(np.uint8), SHORT_CLASS_NAMES)
    shell.show_provenance(f"Pixel means of {data.title}, train split, n = {len(data.split('train')):,}")
