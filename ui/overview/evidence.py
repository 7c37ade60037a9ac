"""How far the accuracy of the improved CNN can be trusted, and how others' figures were measured."""

import streamlit as st

from fashion_core.computed.accuracy_evidence import IMPROVED_CNN_RUN_ID, load_accuracy_evidence
from fashion_core.data.published_networks import PUBLISHED_NETWORKS
from fashion_core.wording.accuracy_evidence import describe_accuracy_evidence, list_published_networks
from fashion_core.wording.runs import format_run_source
from ui import caches, shell
from ui.errors import show_errors

EXPANDER_KEY = "overview-evidence"


def show_accuracy_evidence() -> None:
    """An expander, whose content is computed when it is opened."""
    expander = st.expander("How sure is the improved CNN's accuracy?", key=EXPANDER_KEY, on_change="rerun")
    if not expander.open:
        return
    with expander, show_errors():
        store = caches.run_store()
        evidence = load_accuracy_evidence(store)
        st.markdown("\n".join(f"- {each}" for each in describe_accuracy_evidence(evidence)))
        header, *rows = list_published_networks(evidence, PUBLISHED_NETWORKS)
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)))
        st.caption(
            "Accuracy in percent. In August 2017, duplicates in the data set were replaced. *Best on test*: the "
            "highest of all epochs on the test images."
        )
        shell.show_provenance(format_run_source(store.get(IMPROVED_CNN_RUN_ID)))
