"""Inside a model: its parts as they run, its first filters, and what it looks at."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import network_summary
from fashion_core.charts.pictures import signed_to_rgb
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.store import RunEntry
from ui import caches, gallery, shell
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE

FILTERS, FILTER_WIDTH = 32, 38  # of the first layer that are shown, and pixels that each is wide
FRAME = 3  # pixels between two filters
COMPACT = '%%{init: {"flowchart": {"wrappingWidth": 400, "rankSpacing": 22, "padding": 10}}}%%'


def show_network_details(pair: RunComparison) -> None:
    """Both runs' insides beside each other."""
    last = len(pair.image_indices) + pair.n_excluded - 1
    if COMPARE_PAGE.current_view().garment > last:  # of a larger test split
        COMPARE_PAGE.replace_fields(garment=last)
    COMPARE_PAGE.bound_widget("garment", "Test picture", st.number_input, min_value=0, max_value=last)
    for column, s in zip(st.columns(1 if pair.is_same_run else 2), pair.runs, strict=False):
        with column:
            _one(pair, s)


def _one(pair: RunComparison, s: ComparedRun) -> None:
    classifier = caches.cached_classifier(s.run)
    key = f"{s.run.path} {caches.modification_time(s.run.path / 'weights.safetensors')}"
    if not isinstance(classifier, TorchClassifier):
        shell.show_finding(f"{s.letter} has no layers: {classifier.n_parameters:,} values, its centroids.")
        st.page_link(shell.find_page("clusters"), label="See the centroids")
    else:
        _network(s, classifier, key)
    if pair.dataset is not None:
        _occlusion(pair, s, key)


def _network(s: ComparedRun, classifier: TorchClassifier, key: str) -> None:
    parts, seconds = _parts(s.run, key)
    total = sum(part.multiply_adds for part in parts)
    shell.show_finding(
        f"{s.letter}: {classifier.n_parameters:,} parameters, {total / 1e6:.1f} million multiply-adds a picture, "
        f"{1000 * seconds:.1f} ms for one picture on this machine"
    )
    st.mermaid_chart(_diagram(parts), alt=f"The parts of run {s.run.id} as they run")
    frame = pd.DataFrame(
        {
            "Part": [part.name for part in parts],
            "Kind": [part.title for part in parts],
            "Output": [" × ".join(map(str, part.shape)) for part in parts],
            "Parameters": [part.n_parameters for part in parts],
            "Multiply-adds": [part.multiply_adds for part in parts],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        placeholder=shell.MISSING_VALUE,
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in ("Parameters", "Multiply-adds")
        },
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), f"{s.run.id}-parts.csv", "text/csv", on_click="ignore",
        icon=":material/download:", key=f"parts-{s.letter}",
    )  # fmt: skip
    filters = network_summary.first_layer_filters(classifier)[:FILTERS]
    most = np.abs(filters).max(axis=(1, 2), keepdims=True)
    pictures = signed_to_rgb(filters / np.maximum(most, 1e-9) * 128)
    words = [f"Filter {i + 1}" for i in range(len(filters))]
    st.image(list(_enlarged(pictures)), width=FILTER_WIDTH, output_format="PNG", alt=words)
    shell.show_provenance(
        f"run {s.run.id}; the first {len(filters)} filters of its first layer, orange above 0, blue below; latency: "
        "median of 15, one thread"
    )


def _enlarged(pictures: np.ndarray) -> np.ndarray:
    """RGB uint8 [n, h, w, 3] -> RGBA, each value a square of pixels, in a clear frame that keeps neighbours apart."""
    times = max(1, FILTER_WIDTH // pictures.shape[1])
    large = pictures.repeat(times, axis=1).repeat(times, axis=2)
    opaque = np.concatenate([large, np.full_like(large[..., :1], 255)], axis=-1)
    return np.pad(opaque, ((0, 0), (FRAME, FRAME), (FRAME, FRAME), (0, 0)))


def _diagram(parts: list[network_summary.StageSummary]) -> str:
    """The parts as a flow from the picture to the ten classes."""
    lines = [COMPACT, "graph TD", '  picture["picture, 1 × 28 × 28"]']
    before = "picture"
    for i, part in enumerate(parts):
        shape = " × ".join(map(str, part.shape))
        lines.append(f'  p{i}["{part.title}<br/>{shape}<br/>{part.n_parameters:,} parameters"]')
        lines.append(f"  {before} --> p{i}")
        before = f"p{i}"
    lines.append(f'  {before} --> answer["ten classes"]')
    return "\n".join(lines)


@st.cache_data(max_entries=12, show_spinner=False)
def _parts(_run: RunEntry, key: str) -> tuple[list[network_summary.StageSummary], float]:
    classifier = caches.cached_classifier(_run)
    assert isinstance(classifier, TorchClassifier)
    pictures = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)
    return network_summary.summarise_stages(classifier), network_summary.measure_latency(classifier, pictures)


def _occlusion(pair: RunComparison, s: ComparedRun, key: str) -> None:
    assert pair.dataset is not None
    index = COMPARE_PAGE.current_view().garment
    images, labels = pair.dataset.published_test_arrays
    if index >= len(labels):
        return
    image = images[index]
    answer, loss, under = _hidden(s.run, key, index, pair.dataset.fingerprint)
    changed = under.argmax(axis=1)
    shell.show_finding(
        f"{s.letter} says {CLASS_NAMES[answer]}; the label is {CLASS_NAMES[labels[index]]}. "
        f"A hidden square changes that {int((changed != answer).sum())} times of {len(changed)}."
    )
    most = max(float(np.abs(loss).max()), 1e-6)
    shown = np.stack([np.repeat(image[..., None], 3, axis=-1), signed_to_rgb(loss / most * 128)])
    gallery.image_gallery(shown, ["the picture", "occlusion map"])
    top = np.argsort(-under.mean(axis=0))[:3]
    st.caption(
        "Mean probability under a hidden square: "
        + ", ".join(f"{CLASS_NAMES[c]} {under[:, c].mean():.0%} (lowest {under[:, c].min():.0%})" for c in top)
        + f". Orange: hiding it lowers the probability, by {most:.0%} at most; blue: raises it."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _hidden(_run: RunEntry, key: str, index: int, fingerprint: str) -> tuple[int, np.ndarray, np.ndarray]:
    classifier = caches.cached_classifier(_run)
    image = caches.current_dataset().published_test_arrays[0][index]
    answer = int(classifier.predict_proba(image[None])[0].argmax())
    return answer, *network_summary.occlusion_map(classifier, image, answer)
