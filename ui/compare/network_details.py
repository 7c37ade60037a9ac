"""Inside a model: an occlusion map, its parts as they run, and its first filters."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import network_summary
from fashion_core.charts.pictures import brightness_difference_to_rgb
from fashion_core.computed.network_stages import load_network_stages
from fashion_core.models.network_classifier import NetworkClassifier
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_percent
from ui import caches, gallery, shell
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE_STATE
from ui.csv_download import csv_button

N_FILTERS, FILTER_WIDTH = 32, 38  # shown of the first layer, and their width in pixels
FILTER_GAP = 3  # pixels around each filter
DIAGRAM_SETTINGS = '%%{init: {"flowchart": {"wrappingWidth": 400, "rankSpacing": 22, "padding": 10}}}%%'


def show_network_details(pair: RunComparison) -> None:
    """The inside of both runs, side by side."""
    last = len(pair.image_indices) + pair.n_excluded - 1
    if COMPARE_PAGE_STATE.current_view().garment > last:  # from a larger test split
        COMPARE_PAGE_STATE.correct_fields_while_drawing(garment=last)
    COMPARE_PAGE_STATE.bound_widget("garment", "Test picture", st.number_input, min_value=0, max_value=last)
    for column, compared in zip(st.columns(1 if pair.is_same_run else 2), pair.runs, strict=False):
        with column:
            _one_run(pair, compared)


@st.dialog("What A and B look at", width="large")
def show_occlusion_dialog(pair: RunComparison, test_index: int) -> None:
    """The occlusion maps of both runs for one test picture."""
    for column, compared in zip(st.columns(1 if pair.is_same_run else 2), pair.runs, strict=False):
        with column:
            _occlusion(pair, compared, test_index)


def _one_run(pair: RunComparison, compared: ComparedRun) -> None:
    _occlusion(pair, compared, COMPARE_PAGE_STATE.current_view().garment)  # beside the field that chooses the picture
    classifier = caches.cached_classifier(compared.run)
    key = _weights_key(compared)
    if isinstance(classifier, NetworkClassifier):
        _network(compared, classifier, key)
    else:
        shell.show_finding(f"{compared.letter} has no layers, but {classifier.n_parameters:,} fitted values.")
        record = compared.run.record
        if record is not None and get_model_spec(record.model).is_clustering:
            st.page_link(shell.find_page("clusters"), label="See the centroids")


def _weights_key(compared: ComparedRun) -> str:
    return f"{compared.run.path} {caches.modification_time(compared.run.path / 'weights.safetensors')}"


def _network(compared: ComparedRun, classifier: NetworkClassifier, key: str) -> None:
    assert compared.run.record is not None
    stages = load_network_stages(compared.run.record)
    seconds = _latency(compared.run, key)
    multiply_adds = sum(stage.multiply_adds for stage in stages)
    shell.show_finding(
        f"{compared.letter}: {classifier.n_parameters:,} parameters, {multiply_adds / 1e6:.1f} million multiply-adds "
        f"an image, {1000 * seconds:.1f} ms for one image on this machine"
    )
    diagram = _diagram(stages, compared.predictions.n_classes)
    st.mermaid_chart(diagram, alt=f"The parts of run {compared.run.id} as they run")
    frame = pd.DataFrame(
        {
            "Part": [stage.name for stage in stages],
            "Kind": [stage.title for stage in stages],
            "Output": [" × ".join(map(str, stage.shape)) for stage in stages],
            "Parameters": [stage.n_parameters for stage in stages],
            "Multiply-adds": [stage.multiply_adds for stage in stages],
        }
    )
    thousands = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        frame,
        hide_index=True,
        placeholder=shell.MISSING_VALUE,
        column_config=dict.fromkeys(("Parameters", "Multiply-adds"), thousands),
    )
    csv_button(lambda: frame, f"{compared.run.id}-parts.csv", key=f"parts-{compared.letter}")
    filters = network_summary.first_layer_filters(classifier.state_dict())[:N_FILTERS]
    largest = np.abs(filters).max(axis=(1, 2), keepdims=True)
    images = brightness_difference_to_rgb(filters / np.maximum(largest, 1e-9) * 128)
    alt = [f"Filter {i + 1}" for i in range(len(filters))]
    st.image(list(_enlarge(images)), width=FILTER_WIDTH, output_format="PNG", alt=alt)
    shell.show_provenance(
        f"run {compared.run.id}; the first {len(filters)} filters of its first layer, orange above 0, blue below; "
        "latency: median of 15, one thread"
    )


def _enlarge(images: np.ndarray) -> np.ndarray:
    """RGB uint8 [n, h, w, 3] -> RGBA, each value a square of pixels, with a transparent gap around each image."""
    factor = max(1, FILTER_WIDTH // images.shape[1])
    large = images.repeat(factor, axis=1).repeat(factor, axis=2)
    opaque = np.concatenate([large, np.full_like(large[..., :1], 255)], axis=-1)
    return np.pad(opaque, ((0, 0), (FILTER_GAP, FILTER_GAP), (FILTER_GAP, FILTER_GAP), (0, 0)))


def _diagram(stages: list[network_summary.StageSummary], n_classes: int) -> str:
    """Mermaid's text of a flow from the image through the stages to the classes."""
    lines = [DIAGRAM_SETTINGS, "graph TD", '  image["image, 1 × 28 × 28"]']
    previous = "image"
    for i, stage in enumerate(stages):
        shape = " × ".join(map(str, stage.shape))
        lines.append(f'  p{i}["{stage.title}<br/>{shape}<br/>{stage.n_parameters:,} parameters"]')
        lines.append(f"  {previous} --> p{i}")
        previous = f"p{i}"
    lines.append(f'  {previous} --> classes["{n_classes} classes"]')
    return "\n".join(lines)


@st.cache_data(max_entries=12, show_spinner=False)
def _latency(_run: RunEntry, key: str) -> float:
    """Seconds for one image."""
    classifier = caches.cached_classifier(_run)
    images = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)
    return network_summary.measure_seconds_per_image(lambda i: classifier.predict_proba(images[i : i + 1]), len(images))


def _occlusion(pair: RunComparison, compared: ComparedRun, index: int) -> None:
    record = compared.run.record
    if pair.dataset is None or record is None:
        return
    if get_model_spec(record.model).inputs != "images":
        st.caption(f"{compared.letter} answers from whole pictures in colour, so there is no occlusion map.")
        return
    images, labels = pair.dataset.published_test_arrays
    if index >= len(labels):
        return
    if pair.corrections is not None:
        labels = pair.corrections.apply(labels)
    image, names = images[index], pair.classes.names
    predicted, loss, hidden = _occlusion_map(compared.run, _weights_key(compared), index, pair.dataset.fingerprint)
    n_changed = int((hidden.argmax(axis=1) != predicted).sum())
    shell.show_finding(
        f"{compared.letter} predicts {names[predicted]}; the label is {names[labels[index]]}. "
        f"Hiding a square changes the prediction at {n_changed} of {len(hidden)} positions."
    )
    largest = max(float(np.abs(loss).max()), 1e-6)
    shown = np.stack([np.repeat(image[..., None], 3, axis=-1), brightness_difference_to_rgb(loss / largest * 128)])
    gallery.image_gallery(shown, ["the image", "occlusion map"])
    top = np.argsort(-hidden.mean(axis=0))[:3]
    means = ", ".join(
        f"{names[c]} {format_percent(hidden[:, c].mean(), 0)} (lowest {format_percent(hidden[:, c].min(), 0)})"
        for c in top
    )
    st.caption(
        f"Mean probability with a square hidden: {shell.escape_markdown(means)}. Orange: hiding it lowers the "
        f"probability, by up to {format_percent(largest, 0)}; blue: raises it."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _occlusion_map(_run: RunEntry, key: str, index: int, fingerprint: str) -> tuple[int, np.ndarray, np.ndarray]:
    classifier = caches.cached_classifier(_run)
    image = caches.current_dataset().published_test_arrays[0][index]
    predicted = int(classifier.predict_proba(image[None])[0].argmax())
    return predicted, *network_summary.occlusion_map(classifier.predict_proba, image, predicted)
