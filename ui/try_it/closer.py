"""Why the models answer so: the nearest training garments, the place on the maps, and what the answer rests on."""

from typing import Any

import numpy as np
import streamlit as st

from fashion_core.analysis import inside
from fashion_core.charts.pictures import signed
from fashion_core.computed import store
from fashion_core.computed.projection import Projection, fit_pca, vectors
from fashion_core.computed.reference import SEED, TOGETHER, Reference, nearest, weights_of
from fashion_core.data import Dataset
from fashion_core.data.labels import NAMES, SHORT_NAMES
from fashion_core.models.base import TorchClassifier
from fashion_core.runs.summary import SHIPPED
from fashion_core.vision.pipeline import Prepared
from ui import caches, gallery, results, shell

LOOKS = ("Nearest garments", "Place on the maps", "What it rests on")
NEAREST = 12
STAND_INS = 500  # stand-in garments compared with
ON_MAP = 1500  # points drawn; more tells nothing more here
VOTES = 10  # neighbours whose places on UMAP's map are averaged


def look_closer(prepared: Prepared) -> None:
    """One of the three looks, chosen by the visitor."""
    look = st.segmented_control(
        "Look closer", LOOKS, default=LOOKS[0], required=True, key="closer", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    data = caches.dataset()
    if look == LOOKS[2]:
        _occlusion(prepared)
        return
    found = _neighbours(prepared, data)
    if look == LOOKS[0]:
        _nearest(found, data)
    else:
        _places(prepared, found, data)


def _neighbours(prepared: Prepared, data: Dataset) -> tuple[np.ndarray, np.ndarray, int]:
    """Places int64 in the published train file of the garments most alike, how alike, float32, and of how many."""
    arrays = _reference(data, data.fingerprint, weights_of(TOGETHER[0]))
    network = caches.recognizer().classifiers[0]
    assert isinstance(network, TorchClassifier)
    numbers, similarity = nearest(network.embed(prepared.views)[0], arrays["features"], NEAREST)
    return arrays["places"][numbers], similarity, len(arrays["places"])


# shipped for Fashion-MNIST; for the stand-in so few that it takes a moment, so without a box to watch it in: a fragment
# in the page's fragment confuses the browser when strokes follow quickly
@st.cache_resource(max_entries=2, show_spinner="Looking at training garments to compare with")
def _reference(_data: Dataset, fingerprint: str, weights: str) -> dict[str, np.ndarray]:
    wanted = Reference(weights, n=STAND_INS) if _data.is_stand_in else Reference(weights)
    return store.obtain(wanted, _data, lambda share, doing: None)


def _nearest(found: tuple[np.ndarray, np.ndarray, int], data: Dataset) -> None:
    places, similarity, n = found
    images, labels = data.published_train
    counts = np.bincount(labels[places], minlength=len(NAMES))
    most = int(counts.argmax())
    shell.finding(f"{counts[most]} of the {len(places)} nearest training garments are {NAMES[most]}.")
    captions = [f"{SHORT_NAMES[labels[i]]} {s:.2f}" for i, s in zip(places, similarity, strict=True)]
    gallery.gallery(images[places], captions)
    shell.provenance(
        f"{data.title}, nearest of {n:,} train images, seed {SEED}",
        f"cosine similarity of what the last layer of {TOGETHER[0]} sees",
    )


def _places(prepared: Prepared, found: tuple[np.ndarray, np.ndarray, int], data: Dataset) -> None:
    from fashion_core.charts import maps

    labels = data.published_test[1]
    shown = np.random.default_rng(0).permutation(len(labels))[:ON_MAP]
    nearest_places = found[0][:VOTES]
    columns = st.columns(2)
    for column, method in zip(columns, ("pca", "umap"), strict=True):
        with column:
            everything = results.ready(Projection(method, "all"), data.fingerprint)  # type: ignore[arg-type]
            if everything is None:
                st.caption(f"{method.upper()} of all pictures is not computed yet. The page Clusters computes it.")
                continue
            points = everything["points"].astype(np.float32)
            if method == "pca":
                place, how = _pca(data, data.fingerprint).transform(vectors(prepared.views)).mean(axis=0), ""
            else:
                place, how = points[nearest_places].mean(axis=0), f"put among its {VOTES} nearest garments"
            test = points[-len(labels) :][shown]
            st.plotly_chart(
                maps.with_garment(test, labels[shown], place, method.upper()),
                key=f"place-{method}",
                config={"displayModeBar": False},
                alt=f"{method.upper()} of test garments by class, and the place of yours",
            )
            shell.provenance(f"{method.upper()}, {data.title}, {len(shown):,} of the test images", how)


@st.cache_resource(max_entries=2, show_spinner="Fitting PCA")
def _pca(_data: Dataset, fingerprint: str) -> Any:
    return fit_pca(_data.split("train").images)


def _occlusion(prepared: Prepared) -> None:
    image = prepared.result
    runs = [caches.store().get(run_id) for run_id in dict.fromkeys((TOGETHER[0], *reversed(SHIPPED)))]
    pictures, words = [np.repeat(image[..., None], 3, axis=-1)], ["28 × 28"]
    changes: list[tuple[int, str]] = []
    for run in runs:
        classifier = caches.classifier(run)
        answer = int(classifier.predict_proba(image[None])[0].argmax())
        loss, under = inside.occlusion(classifier, image, answer)
        most = max(float(np.abs(loss).max()), 1e-6)
        pictures.append(signed(loss / most * 128))
        words.append(f"{run.title}: {SHORT_NAMES[answer]}")
        changes.append((int((under.argmax(axis=1) != answer).sum()), run.title))
    times, title = max(changes)
    shell.finding(
        shell.plain(f"A hidden square changes the answer of {title} most often: {times} times of {len(under)}.")
        if times
        else "No hidden square changes any model's answer."
    )
    gallery.colour_gallery(np.stack(pictures), words)
    shell.provenance("orange: hiding it makes the model less sure, blue: surer; a square of 6 pixels, every 2 pixels")
