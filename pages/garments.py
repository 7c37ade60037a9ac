"""Garments: the images of the data set by class."""

import numpy as np
import streamlit as st

from fashion_core.data.dataset import Dataset, PartName
from fashion_core.wording.dataset import describe_variation, format_picture_count
from fashion_core.wording.numbers import format_cross_validation
from fashion_core.wording.text import escape_markdown
from ui import caches, gallery, shell
from ui.garments_view import GARMENTS_STATE, IMAGE, PICTURE, SORT_ORDERS, SPLIT_NAMES
from ui.page_state import set_widget_value
from ui.pagination import paginate

IMAGES_PER_PAGE, PICTURES_PER_PAGE = 36, 24  # three rows on a laptop
MAX_PILLS = 12  # classes; more are chosen in a box
TESTED_IN_FOLDS = "Cross-validation"  # instead of Test


def choose_classes(data: Dataset) -> list[int]:
    """The classes to show; all without a choice."""
    names, numbers, key = data.classes.names, range(len(data.classes)), "classes"
    set_widget_value(key, GARMENTS_STATE.current_view().find_classes(names), names)

    def store_choice() -> None:
        GARMENTS_STATE.update(classes=",".join(map(str, st.session_state[key])))

    if len(names) <= MAX_PILLS:
        chosen = st.pills(
            "Classes", numbers, selection_mode="multi", key=key, on_change=store_choice,
            format_func=lambda c: escape_markdown(data.classes[c].short_name),
        )  # fmt: skip
    else:
        chosen = st.multiselect(
            "Classes", numbers, placeholder="All classes", key=key, on_change=store_choice,
            format_func=names.__getitem__,
        )  # fmt: skip
    return sorted(chosen) or list(numbers)


def show_gallery(data: Dataset, part: PartName, indices: np.ndarray, as_pictures: bool) -> None:
    """``indices`` of images in a published part, each as its picture or as the models see it."""
    labels = data.published_labels(part)
    captions = [f"{data.classes[labels[i]].short_name} {i}" for i in indices]
    if as_pictures:
        gallery.picture_gallery([data.read_picture(part, int(i)) for i in indices], captions)
    else:
        gallery.image_gallery(data.published_arrays(part)[0][indices], captions)


with shell.page_frame("Garments", "What do the classes look like, and how much do pictures of one class differ?"):
    data = caches.current_dataset()
    _, problems = GARMENTS_STATE.load()
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    wanted = choose_classes(data)
    controls = st.container(horizontal=True, vertical_alignment="bottom", key="garments-controls")
    n_folds = len(data.fold_numbers)
    widget = GARMENTS_STATE.bound_widget
    with controls:
        widget(
            "split", "Split", st.selectbox, list(SPLIT_NAMES), width=170,
            format_func=lambda title: TESTED_IN_FOLDS if n_folds and title == "Test" else title,
        )  # fmt: skip
        widget("order", "Order", st.selectbox, SORT_ORDERS, width=180)
        if data.has_pictures:
            widget("show", "Show", st.segmented_control, (PICTURE, IMAGE), required=True)
    view = GARMENTS_STATE.current_view()
    as_pictures = data.has_pictures and view.show == PICTURE
    name = SPLIT_NAMES[view.split]
    part: PartName = "test" if name == "test" else "train"
    published_indices = data.split_indices(name)  # the images stay where they are: a copy of train takes 43 MB
    labels = data.published_labels(part)[published_indices]

    indices = np.flatnonzero(np.isin(labels, wanted))
    distances = caches.cached_distances_to_class_mean(data, name)
    if view.order != SORT_ORDERS[0]:
        ranked = np.argsort(distances[indices], kind="stable")
        indices = indices[ranked if view.order == SORT_ORDERS[1] else ranked[::-1]]

    counts = np.bincount(labels, minlength=len(data.classes))
    variation = np.bincount(labels, distances, len(data.classes)) / np.where(counts, counts, np.nan)
    page_key = f"page-{data.fingerprint}-{view.split}-{view.order}-{'-'.join(map(str, wanted))}"
    with controls:
        page = paginate(len(indices), PICTURES_PER_PAGE if as_pictures else IMAGES_PER_PAGE, page_key)
    shell.show_finding(describe_variation(data, wanted, variation))
    on_page = published_indices[indices[page]]
    with st.container(key="full-gallery" if len(on_page) == IMAGES_PER_PAGE else None):
        show_gallery(data, part, on_page, as_pictures)
    part_of_data = f"{name} split, n = {len(labels):,}"
    if n_folds and name == "test":
        part_of_data = format_cross_validation(n_folds, len(labels))
    shell.show_provenance(
        f"{data.title}, {part_of_data}",
        f"{format_picture_count(data, len(indices))} of the chosen classes" if len(indices) < len(labels) else "",
        "root mean square difference to the mean image",
        "captions: class and index in the published file",
    )

    st.subheader("Mean image of each class", anchor=False)
    means = caches.cached_class_mean_images(data)
    gallery.image_gallery(np.rint(means).astype(np.uint8), data.classes.short_names)
    shell.show_provenance(f"Pixel means of {data.title}, train split, n = {data.split_sizes['train']:,}")
