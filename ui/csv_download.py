"""A button that downloads a table as CSV."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from fashion_core.recognition.results_table import frame_to_csv


def csv_button(
    make_frame: Callable[[], pd.DataFrame], file_name: str, label: str = "Table as CSV", key: str | None = None
) -> None:
    """``make_frame`` is called when you click; the index of the frame is left out."""
    st.download_button(
        label,
        lambda: frame_to_csv(make_frame()),
        file_name,
        "text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
    )
