"""Why the models answer so: the nearest training garments, the place on the maps, and what the answer rests on."""

from typing import Any

import numpy as np
import streamlit as st

from fashion_core.analysis import network_summary
from fashion_core.charts.pictures import signed_to_rgb
from fashion_core.computed import store
from fashion_core.computed.projection import Projection, fit_pca, flatten_images
from fashion_core.computed.reference_features import (
    ENSEMBLE_RUN_IDS,
    REFERENCE_SEED,
    ReferenceFeatures,
    nearest_neighbours,
    shipped_weights_digest,
)
from fashion_core.data import Dataset
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.summary import SHIPPED_RUN_IDS
from fashion_core.vision.preparation import PreparedPicture
from ui import caches, computations, gallery, shell

EXPLANATIONS = ("Nearest garments", "Place on the maps", "What it rests on")
N_NEAREST_SHOWN = 12
SAMPLE_REFERENCE_SIZE = 500  # stand-in garments compared with
N_MAP_POINTS = 1500  # points drawn; more tells nothing more here
N_MAP_NEIGHBOURS = 10  # neighbours whose places on UMAP's map are averaged


def show_explanation(prepared: PreparedPicture) -> None:
    """One of the three looks, chosen by the visitor."""
    look = st.segmented_control(
        "Look closer", EXPLANATIONS, default=EXPLANATIONS[0], required=True, key="closer", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    data = caches.current_dataset()
    if look == EXPLANATIONS[2]:
        _show_occlusion(prepared)
        return
    found = _find_neighbours(prepared, data)
    if look == EXPLANATIONS[0]:
        _show_neighbours(found, data)
    else:
        _show_maps(prepared, found, data)


def _find_neighbours(prepared: PreparedPicture, data: Dataset) -> tuple[np.ndarray, np.ndarray, int]:
    """Places int64 in the published train file of the garments most alike, how alike, float32, and of how many."""
    arrays = _load_reference(data, data.fingerprint, shipped_weights_digest(ENSEMBLE_RUN_IDS[0]))
    network = caches.cached_recognizer().classifiers[0]
    assert isinstance(network, TorchClassifier)
    numbers, similarity = nearest_neighbours(
        network.extract_features(prepared.views)[0], arrays["features"], N_NEAREST_SHOWN
    )
    return arrays["places"][numbers], similarity, len(arrays["places"])


# shipped for Fashion-MNIST; for the stand-in so few that it takes a moment, so without a box to watch it in: a fragment
# in the page's fragment confuses the browser when strokes follow quickly
@st.cache_resource(max_entries=2, show_spinner="Looking at training garments to compare with")
def _load_reference(_data: Dataset, fingerprint: str, weights: str) -> dict[str, np.ndarray]:
    wanted = ReferenceFeatures(weights, n=SAMPLE_REFERENCE_SIZE) if _data.is_sample_data else ReferenceFeatures(weights)
    return store.load_or_compute(wanted, _data, lambda share, doing: None)


def _show_neighbours(found: tuple[np.ndarray, np.ndarray, int], data: Dataset) -> None:
    places, similarity, n = found
    images, labels = data.published_train_arrays
    counts = np.bincount(labels[places], minlength=len(CLASS_NAMES))
    most = int(counts.argmax())
    shell.show_finding(f"{counts[most]} of the {len(places)} nearest training garments are {CLASS_NAMES[most]}.")
    captions = [f"{SHORT_CLASS_NAMES[labels[i]]} {s:.2f}" for i, s in zip(places, similarity, strict=True)]
    gallery.image_gallery(images[places], captions)
    shell.show_provenance(
        f"{data.title}, nearest of {n:,} train images, seed {REFERENCE_SEED}",
        f"cosine similarity of what the last layer of {ENSEMBLE_RUN_IDS[0]} sees",
    )


def _show_maps(prepared: PreparedPicture, found: tuple[np.ndarray, np.ndarray, int], data: Dataset) -> None:
    from fashion_core.charts import maps

    labels = data.published_test_arrays[1]
    shown = np.random.default_rng(0).permutation(len(labels))[:N_MAP_POINTS]
    nearest_places = found[0][:N_MAP_NEIGHBOURS]
    columns = st.columns(2)
    for column, method in zip(columns, ("pca", "umap"), strict=True):
        with column:
            everything = computations.cached_result(Projection(method, "all"), data.fingerprint)  # type: ignore[arg-type]
            if everything is None:
                st.caption(f"{method.upper()} of all pictures is not computed yet. The page Clusters computes it.")
                continue
            points = everything["points"].astype(np.float32)
            if method == "pca":
                place, how = _fit_pca(data, data.fingerprint).transform(flatten_images(prepared.views)).mean(axis=0), ""
            else:
                place, how = points[nearest_places].mean(axis=0), f"put among its {N_MAP_NEIGHBOURS} nearest garments"
            test = points[-len(labels) :][shown]
            st.plotly_chart(
                maps.map_with_marked_point(test, labels[shown], place, method.upper()),
                key=f"place-{method}",
                config={"displayModeBar": False},
                alt=f"{method.upper()} of test garments by class, and the place of yours",
            )
            shell.show_provenance(f"{method.upper()}, {data.title}, {len(shown):,} of the test images", how)


@st.cache_resource(max_entries=2, show_spinner="Fitting PCA")
def _fit_pca(_data: Dataset, fingerprint: str) -> Any:
    return fit_pca(_data.split("train").images)


def _show_occlusion(prepared: PreparedPicture) -> None:
    image = prepared.image
    runs = [
        caches.run_store().get(run_id) for run_id in dict.fromkeys((ENSEMBLE_RUN_IDS[0], *reversed(SHIPPED_RUN_IDS)))
    ]
    pictures, words = [np.repeat(image[..., None], 3, axis=-1)], ["28 × 28"]
    changes: list[tuple[int, str]] = []
    for run in runs:
        classifier = caches.cached_classifier(run)
        answer = int(classifier.predict_proba(image[None])[0].argmax())
        loss, under = network_summary.occlusion_map(classifier, image, answer)
        most = max(float(np.abs(loss).max()), 1e-6)
        pictures.append(signed_to_rgb(loss / most * 128))
        words.append(f"{run.title}: {SHORT_CLASS_NAMES[answer]}")
        changes.append((int((under.argmax(axis=1) != answer).sum()), run.title))
    times, title = max(changes)
    shell.show_finding(
        f"A hidden square changes the answer of {title} most often: {times} times of {len(under)}."
        if times
        else "No hidden square changes any model's answer."
    )
    gallery.image_gallery(np.stack(pictures), words)
    shell.show_provenance(
        "orange: hiding it makes the model less sure, blue: surer; a square of 6 pixels, every 2 pixels"
    )
