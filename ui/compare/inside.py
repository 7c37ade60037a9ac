"""Inside a model: its parts as they run, its first filters, and what it looks at."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import inside
from fashion_core.charts.pictures import signed
from fashion_core.data.labels import NAMES
from fashion_core.models.base import TorchClassifier
from fashion_core.runs.store import RunEntry
from ui import caches, gallery, shell
from ui.compare.pair import Pair, Side
from ui.compare.view import PAGE

FILTERS, FILTER_WIDTH = 32, 38  # of the first layer that are shown, and pixels that each is wide
FRAME = 3  # pixels between two filters
COMPACT = '%%{init: {"flowchart": {"wrappingWidth": 400, "rankSpacing": 22, "padding": 10}}}%%'


def show(pair: Pair) -> None:
    """Both runs' insides beside each other."""
    last = len(pair.places) + pair.left_out - 1
    if PAGE.now().garment > last:  # of a larger test split
        PAGE.correct(garment=last)
    PAGE.widget("garment", "Test picture", st.number_input, min_value=0, max_value=last)
    for column, s in zip(st.columns(1 if pair.same else 2), pair.sides, strict=False):
        with column:
            _one(pair, s)


def _one(pair: Pair, s: Side) -> None:
    classifier = caches.classifier(s.run)
    key = f"{s.run.path} {caches.stamp(s.run.path / 'weights.safetensors')}"
    if not isinstance(classifier, TorchClassifier):
        shell.finding(f"{s.letter} has no layers: {classifier.n_parameters:,} values, its centroids.")
        st.page_link(shell.page_object("clusters"), label="See the centroids")
    else:
        _network(s, classifier, key)
    if pair.dataset is not None:
        _occlusion(pair, s, key)


def _network(s: Side, classifier: TorchClassifier, key: str) -> None:
    parts, seconds = _parts(s.run, key)
    total = sum(part.multiply_adds for part in parts)
    shell.finding(
        f"{s.letter}: {classifier.n_parameters:,} parameters, {total / 1e6:.1f} million multiply-adds a picture, "
        f"{1000 * seconds:.1f} ms for one picture on this machine"
    )
    st.mermaid_chart(_diagram(parts), alt=f"The parts of run {s.run.id} as they run")
    frame = pd.DataFrame(
        {
            "Part": [part.name for part in parts],
            "Kind": [part.kind for part in parts],
            "Output": [" × ".join(map(str, part.shape)) for part in parts],
            "Parameters": [part.n_parameters for part in parts],
            "Multiply-adds": [part.multiply_adds for part in parts],
        }
    )
    if any(part.exit_parameters for part in parts):
        frame["Early exit's parameters"] = [part.exit_parameters or None for part in parts]
    st.dataframe(
        frame,
        hide_index=True,
        placeholder=shell.MISSING,
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name in ("Parameters", "Multiply-adds", "Early exit's parameters")
        },
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), f"{s.run.id}-parts.csv", "text/csv", on_click="ignore",
        icon=":material/download:", key=f"parts-{s.letter}",
    )  # fmt: skip
    filters = inside.first_filters(classifier)[:FILTERS]
    most = np.abs(filters).max(axis=(1, 2), keepdims=True)
    pictures = signed(filters / np.maximum(most, 1e-9) * 128)
    words = [f"Filter {i + 1}" for i in range(len(filters))]
    st.image(list(_enlarged(pictures)), width=FILTER_WIDTH, output_format="PNG", alt=words)
    shell.provenance(
        f"run {s.run.id}; the first {len(filters)} filters of its first layer, orange above 0, blue below; latency: "
        "median of 15, one thread"
    )


def _enlarged(pictures: np.ndarray) -> np.ndarray:
    """RGB uint8 [n, h, w, 3] -> RGBA, each value a square of pixels, in a clear frame that keeps neighbours apart."""
    times = max(1, FILTER_WIDTH // pictures.shape[1])
    large = pictures.repeat(times, axis=1).repeat(times, axis=2)
    opaque = np.concatenate([large, np.full_like(large[..., :1], 255)], axis=-1)
    return np.pad(opaque, ((0, 0), (FRAME, FRAME), (FRAME, FRAME), (0, 0)))


def _diagram(parts: list[inside.Block]) -> str:
    """The parts as a flow from the picture to the ten classes."""
    lines = [COMPACT, "graph TD", '  picture["picture, 1 × 28 × 28"]']
    before = "picture"
    for i, part in enumerate(parts):
        shape = " × ".join(map(str, part.shape))
        lines.append(f'  p{i}["{part.kind}<br/>{shape}<br/>{part.n_parameters:,} parameters"]')
        lines.append(f"  {before} --> p{i}")
        before = f"p{i}"
        if part.exit_parameters:
            lines.append(f'  p{i} -- sure --> exit["early exit<br/>{part.exit_parameters:,} parameters"]')
            lines.append("  exit --> answer")
    lines.append(f'  {before} --> answer["ten classes"]')
    return "\n".join(lines)


@st.cache_data(max_entries=12, show_spinner=False)
def _parts(_run: RunEntry, key: str) -> tuple[list[inside.Block], float]:
    classifier = caches.classifier(_run)
    assert isinstance(classifier, TorchClassifier)
    pictures = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)
    return inside.blocks(classifier), inside.latency(classifier, pictures)


def _occlusion(pair: Pair, s: Side, key: str) -> None:
    assert pair.dataset is not None
    index = PAGE.now().garment
    images, labels = pair.dataset.published_test
    if index >= len(labels):
        return
    image = images[index]
    answer, loss, under = _hidden(s.run, key, index, pair.dataset.fingerprint)
    changed = under.argmax(axis=1)
    shell.finding(
        f"{s.letter} says {NAMES[answer]}; the label is {NAMES[labels[index]]}. "
        f"A hidden square changes that {int((changed != answer).sum())} times of {len(changed)}."
    )
    most = max(float(np.abs(loss).max()), 1e-6)
    shown = np.stack([np.repeat(image[..., None], 3, axis=-1), signed(loss / most * 128)])
    gallery.colour_gallery(shown, ["the picture", "occlusion map"])
    top = np.argsort(-under.mean(axis=0))[:3]
    st.caption(
        "Mean probability under a hidden square: "
        + ", ".join(f"{NAMES[c]} {under[:, c].mean():.0%} (lowest {under[:, c].min():.0%})" for c in top)
        + f". Orange: hiding it lowers the probability, by {most:.0%} at most; blue: raises it."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _hidden(_run: RunEntry, key: str, index: int, fingerprint: str) -> tuple[int, np.ndarray, np.ndarray]:
    classifier = caches.classifier(_run)
    image = caches.dataset().published_test[0][index]
    answer = int(classifier.predict_proba(image[None])[0].argmax())
    return answer, *inside.occlusion(classifier, image, answer)
