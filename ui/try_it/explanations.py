"""Why the models predict a class: similar training garments, the position on the maps, and the important areas."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from fashion_core.analysis.network_summary import occlusion_map
from fashion_core.charts.pictures import brightness_difference_to_rgb
from fashion_core.computed import store
from fashion_core.computed.image_vectors import flatten_images, recover_pca
from fashion_core.computed.projection import Projection
from fashion_core.computed.reference_features import (
    REFERENCE_SEED,
    ReferenceFeatures,
    cosine_neighbours_of_mean_feature,
    shipped_weights_digest,
)
from fashion_core.data import Dataset
from fashion_core.data.classes import FASHION_CLASSES, SHORT_CLASS_NAMES, ClassList
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs.summary import MAIN_RUN_IDS, RECOGNITION_RUN_IDS
from fashion_core.vision.preparation import PreparedPicture
from fashion_core.wording.recognition import RECOGNIZER_TITLE, describe_nearest_garments, describe_occlusion
from ui import caches, computations, gallery, shell

NEAREST, MAPS, OCCLUSION = EXPLANATIONS = ("Nearest garments", "Position on the maps", "Important areas")
N_NEAREST_SHOWN = 12
SAMPLE_REFERENCE_SIZE = 500  # training garments to compare with, for the sample data
N_MAP_POINTS = 1500
N_PCA_IMAGES = 1500  # from whose points the axes of the PCA are recovered
N_MAP_NEIGHBOURS = 10  # whose positions on the UMAP map are averaged


def show_explanation(prepared: PreparedPicture, all_probabilities: Callable[[], Mapping[str, np.ndarray]]) -> None:
    """One of the three explanations, as you choose. ``all_probabilities`` returns those of the recognizer and the
    poster's models, float32 [10] by title."""
    explanation = st.segmented_control(
        "Explanation", EXPLANATIONS, default=NEAREST, required=True, key="closer", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    if explanation == OCCLUSION:
        _show_occlusion_of_shipped_runs(prepared, all_probabilities())
        return
    from fashion_core.models.trained_network import TrainedNetwork

    data = caches.current_dataset()
    reference = _load_reference(data, data.fingerprint, shipped_weights_digest(RECOGNITION_RUN_IDS[0]))
    network = caches.cached_recognizer().classifiers[0]
    assert isinstance(network, TrainedNetwork)
    features = network.extract_features(prepared.views)
    rows, similarity = cosine_neighbours_of_mean_feature(features, reference["features"], N_NEAREST_SHOWN)
    train_indices = reference["places"][rows]
    if explanation == NEAREST:
        _show_neighbours(train_indices, similarity, len(reference["places"]), data)
    else:
        _show_maps(prepared, train_indices[:N_MAP_NEIGHBOURS], data)


# The features are shipped for Fashion-MNIST, and quick to compute for the sample data. A computation with a progress
# box would be a fragment inside the page's fragment, which fails when strokes follow quickly.
@st.cache_resource(max_entries=2, show_spinner="Computing features of training garments")
def _load_reference(_data: Dataset, fingerprint: str, weights: str) -> dict[str, np.ndarray]:
    n = SAMPLE_REFERENCE_SIZE if _data.is_sample_data else ReferenceFeatures.n
    return store.load_or_compute(ReferenceFeatures(weights, n=n), _data, lambda fraction, message: None)


def _show_neighbours(train_indices: np.ndarray, similarity: np.ndarray, n_reference: int, data: Dataset) -> None:
    images, labels = data.published_train_arrays
    shell.show_finding(describe_nearest_garments(labels[train_indices], FASHION_CLASSES))
    captions = [f"{SHORT_CLASS_NAMES[labels[i]]} {s:.2f}" for i, s in zip(train_indices, similarity, strict=True)]
    gallery.image_gallery(images[train_indices], captions)
    shell.show_provenance(
        f"{data.title}, nearest of {n_reference:,} train images, seed {REFERENCE_SEED}",
        f"cosine similarity of the features in the last layer of {RECOGNITION_RUN_IDS[0]}",
    )


def _show_maps(prepared: PreparedPicture, train_indices: np.ndarray, data: Dataset) -> None:
    from fashion_core.charts import maps

    labels = data.published_labels("test")
    shown = np.random.default_rng(0).permutation(len(labels))[:N_MAP_POINTS]
    for column, method in zip(st.columns(2), ("pca", "umap"), strict=True):
        with column:
            title = method.upper()
            projection = computations.cached_result(Projection(method, "all"), data.fingerprint)  # type: ignore[arg-type]
            if projection is None:
                st.caption(f"{title} of all images is not computed yet. The page Clusters computes it.")
                continue
            points = projection["points"].astype(np.float32)
            if method == "pca":
                to_map = _recover_pca(data, points, data.fingerprint)
                position = to_map(flatten_images(prepared.views)).mean(axis=0)
            else:
                position = points[train_indices].mean(axis=0)
            st.plotly_chart(
                maps.map_with_marked_point(
                    points[-len(labels) :][shown], labels[shown], position, title, FASHION_CLASSES
                ),
                key=f"place-{method}",
                config={"displayModeBar": False},
                alt=f"{title} of test garments by class, and the position of yours",
            )
            shell.show_provenance(
                f"{title}, {data.title}, {len(shown):,} of the test images",
                "" if method == "pca" else f"your garment: mean of its {N_MAP_NEIGHBOURS} nearest train images",
            )


@st.cache_resource(max_entries=2, show_spinner=False)
def _recover_pca(_data: Dataset, _points: np.ndarray, fingerprint: str) -> Callable[[np.ndarray], np.ndarray]:
    images = _data.published_train_arrays[0]
    chosen = np.random.default_rng(0).permutation(len(images))[:N_PCA_IMAGES]
    return recover_pca(flatten_images(images[chosen]), _points[chosen])


def predict_as_only_view(recognizer: Recognizer, prepared: PreparedPicture, images: np.ndarray) -> np.ndarray:
    """Probabilities float32 [n, classes] of ``images`` uint8 [n, 28, 28], each as the only view of the picture."""
    pictures = [replace(prepared, views=view[None]) for view in images]
    return np.stack([p.probabilities for p in recognizer.predict_many(pictures)])


def _show_occlusion_of_shipped_runs(prepared: PreparedPicture, probabilities: Mapping[str, np.ndarray]) -> None:
    models = {RECOGNIZER_TITLE: partial(predict_as_only_view, caches.cached_recognizer(), prepared)}
    for run in map(caches.find_run, MAIN_RUN_IDS):
        if run is not None and run.title in probabilities:  # a damaged run has none
            models[run.title] = partial(predict_as_only_view, Recognizer([caches.cached_classifier(run)]), prepared)
    show_occlusion(prepared, models, probabilities, FASHION_CLASSES)


def show_occlusion(
    prepared: PreparedPicture,
    models: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    probabilities: Mapping[str, np.ndarray],
    classes: ClassList,
) -> None:
    """Which areas matter to each model: ``models`` predict images uint8 [n, 28, 28], by title, and ``probabilities``
    float32 [classes] are what the page shows."""
    image = prepared.image
    pictures, captions = [np.repeat(image[..., None], 3, axis=-1)], ["28 × 28"]
    n_changed: dict[str, int] = {}
    for title, shown in probabilities.items():
        label = int(shown.argmax())
        loss, occluded = occlusion_map(models[title], image, label)
        pictures.append(brightness_difference_to_rgb(loss / max(float(np.abs(loss).max()), 1e-6) * 128))
        captions.append(f"{title}: {classes[label].short_name}")
        n_changed[title] = int((occluded.argmax(axis=1) != models[title](image[None])[0].argmax()).sum())
    title = max(n_changed, key=n_changed.__getitem__)
    shell.show_finding(describe_occlusion(title, n_changed[title], len(occluded)))
    gallery.image_gallery(np.stack(pictures), captions)
    shell.show_provenance(
        "orange: hiding this area lowers the probability of the class below, blue: raises it; a square of 6 pixels, "
        "every 2 pixels",
        f"first of {len(prepared.views)} views" if len(prepared.views) > 1 else "",
    )
