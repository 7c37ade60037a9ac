"""Example pictures with their predictions: what the page shows before there is a garment."""

import streamlit as st

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.example_pictures import ExamplePicture, load_example_pictures
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.vision.preparation import PreparationOptions, PreparedPicture, prepare_picture
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.recognition import PICTURE_KIND_DESCRIPTIONS
from ui import caches, gallery
from ui.try_it.inputs import InputPicture
from ui.try_it.view import TRY_IT_STATE

EXAMPLES_TAB = "Examples"
EXAMPLE_KEY = "example"
CARD_WIDTH, CARD_HEIGHT, PICTURE_WIDTH, LARGE_PICTURE_WIDTH = 136, 216, 112, 280  # pixels on the screen


def choose_example() -> InputPicture:
    """One of the examples, as you choose."""
    examples = {example.name: example for example in load_example_pictures()}
    first = next(iter(examples))
    default = None if EXAMPLE_KEY in st.session_state else first
    name = st.segmented_control(
        "Example", list(examples), default=default, required=True, key=EXAMPLE_KEY, bind="query-params",
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    example = examples[name or first]
    with st.container(height=LARGE_PICTURE_WIDTH, border=False):
        _show_picture(example, LARGE_PICTURE_WIDTH)
    return InputPicture(example.picture, _prepare(example))


def show_examples() -> None:
    """A card for each example: its picture at once, its prediction when the networks are loaded."""
    st.markdown("Predictions appear as soon as there is a garment. Until then, here are six examples:")
    places = []
    with st.container(horizontal=True):
        for example in load_example_pictures():
            with st.container(
                width=CARD_WIDTH, height=CARD_HEIGHT, border=False, gap="small", horizontal_alignment="center"
            ):
                _show_picture(example, PICTURE_WIDTH)
                place = st.empty()
                # as high as the prediction that will be there
                place.button(example.name, disabled=True, key=f"waiting-{example.name}", width="stretch")
                places.append((example, place))
    predictions = _predict_examples(caches.recognizer_cache_key())
    for (example, place), prediction in zip(places, predictions, strict=True):
        with place.container(gap="small", horizontal_alignment="center"):
            _show_prediction(example, prediction)


def _show_prediction(example: ExamplePicture, prediction: GarmentPrediction) -> None:
    label = int(prediction.probabilities.argmax())
    text = f"{CLASS_NAMES[label]}, {format_percent(prediction.probabilities[label], 0)}"
    key = f"example-{example.name}"
    if st.button(text, key=key, on_click=_open_example, args=(example.name,), width="stretch"):
        st.rerun()  # the whole page, to change the tab
    if prediction.is_out_of_distribution:
        st.badge("None of the ten?", icon=":material/warning:", color="orange")


def _open_example(name: str) -> None:
    TRY_IT_STATE.update(source=EXAMPLES_TAB)
    st.session_state[EXAMPLE_KEY] = name


def _show_picture(example: ExamplePicture, width: int) -> None:
    picture = gallery.enlarge_pixels(example.picture, max(1, LARGE_PICTURE_WIDTH // len(example.picture)))
    alt = f"{example.name}: {PICTURE_KIND_DESCRIPTIONS[example.kind]}"
    st.image(picture, width=width, alt=alt, output_format="PNG")


@st.cache_resource(max_entries=2, show_spinner=False)
def _predict_examples(recognizer: tuple[float, ...]) -> list[GarmentPrediction]:
    return caches.cached_recognizer().predict_many([_prepare(example) for example in load_example_pictures()])


def _prepare(example: ExamplePicture) -> PreparedPicture:
    return prepare_picture(example.picture, PreparationOptions(example.kind))
