"""The page Train as tests open it, and the user's runs."""

import dataclasses

from streamlit.testing.v1 import AppTest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from tests.conftest import PROJECT
from ui.train.view import NEW_RUN

MARKUP = "<b>x</b> **y** [z](/a) ../../etc :red[w]"


def page(tab: str = NEW_RUN, **state: object) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / "train.py"), default_timeout=120)
    if tab != NEW_RUN:
        test.query_params["tab"] = tab
    for key, value in state.items():
        test.session_state[key.replace("_", "-")] = value
    return test


def ended(state: str = "cancelled", **changes: object) -> RunEntry:
    config = TrainConfig("mlp", 3, batch_size=77, learning_rate=0.003)
    record = dataclasses.replace(new_run_record(config, SampleDataset()), state=state, **changes)  # type: ignore[arg-type]
    return RunStore().create_run(record)


def texts(test: AppTest) -> str:
    shown = [element.value for element in [*test.markdown, *test.caption]]
    return "\n".join([*shown, *(bar.proto.text for bar in test.get("progress"))]).replace("\\", "")


def pressed(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def mine() -> list[RunRecord]:
    return [entry.record for entry in RunStore().entries() if entry.origin == "mine" and entry.record]
