"""In the sidebar of a dashboard for others: what you may do and have, deleting it all, and unlocking."""

import pandas as pd
import streamlit as st

from fashion_core.jobs.visitor_folders import delete_visitor_folder, list_visitor_folders, note_visit
from fashion_core.storage.access import measure_used_amounts
from fashion_core.storage.visitors import Amounts, Visitor, acting_as, current_visitor
from fashion_core.wording.hosting import (
    OWNER_NOTICE,
    PRESENTATION_NOTICE,
    describe_amounts,
    describe_keeping,
    describe_main_amounts,
)
from ui import hosting, visitors
from ui.errors import show_errors

TOKEN_KEY, REFUSED_KEY = "owner-token", "owner-refused"  # session keys; the second: whether the last token was wrong
AMOUNTS_SECONDS = 5.0  # for which what a visitor has is not measured again


def show_visitor_box() -> None:
    """Nothing in local mode."""
    if hosting.find_mode() == "local":
        return
    with st.sidebar:
        visitor = current_visitor()
        if visitors.is_owner():
            _show_owner(visitor)
            return
        if visitor.quota is not None:
            note_visit()
            _show_own_things(visitor, visitor.quota)
            return
        st.caption(PRESENTATION_NOTICE)
        if visitors.owner_token():
            with st.popover("Owner", icon=":material/key:"):
                _show_unlock_form()


def _show_own_things(visitor: Visitor, quota: Amounts) -> None:
    used = _used_amounts(visitor.name)
    with st.popover("Your things", icon=":material/person:"):
        st.markdown(describe_amounts(used, quota))
        st.caption(describe_keeping(hosting.days_kept()))
        if st.button("Delete everything", icon=":material/delete:", key="visitor-delete"):
            _confirm_delete(visitor.name)
        if visitors.owner_token():
            with st.expander("Owner", icon=":material/key:"):
                _show_unlock_form()
    st.caption(describe_main_amounts(used, quota))


@st.cache_data(ttl=AMOUNTS_SECONDS, max_entries=200, show_spinner=False)
def _used_amounts(name: str) -> Amounts:
    with acting_as(Visitor(name)):
        return measure_used_amounts()


@st.dialog("Delete everything?")
def _confirm_delete(name: str) -> None:
    whose = f"of visitor {name[:6]}" if visitors.is_owner() else "that you made"
    st.markdown(f"All runs, data sets, pictures, garments and results {whose} are deleted for good.")
    if not st.button("Delete them", type="primary", key="visitor-delete-confirmed"):
        return
    with show_errors():
        delete_visitor_folder(name)
        _used_amounts.clear()
        if not visitors.is_owner():
            st.session_state.clear()  # with the pictures and reports that this session holds
        st.session_state.pop(visitors.OPENED_VISITOR_KEY, None)
        st.rerun()


def _show_unlock_form() -> None:
    with st.form("owner", border=False):
        st.text_input("The owner's token", type="password", max_chars=200, key=TOKEN_KEY)
        st.form_submit_button("Unlock", on_click=_unlock)  # a rerun of the page can't cut off a callback
        if st.session_state.get(REFUSED_KEY):
            st.error("This is not the token.")


def _unlock() -> None:
    st.session_state[REFUSED_KEY] = not visitors.unlock(st.session_state[TOKEN_KEY])


def _show_owner(visitor: Visitor) -> None:
    st.caption(OWNER_NOTICE)
    folders = list_visitor_folders()
    if visitor.name:
        st.caption(f"You see what visitor {visitor.name[:6]} made.")
        if st.button("Back to yours", key="visitor-close"):
            del st.session_state[visitors.OPENED_VISITOR_KEY]
            st.rerun()
    if folders:
        with st.popover(f"Visitors ({len(folders)})", icon=":material/group:"):
            rows = [{"Visitor": f.name[:6], "Last visit": pd.Timestamp(f.last_visit, unit="s")} for f in folders]
            amounts = [_used_amounts(f.name) for f in folders]
            st.dataframe(
                pd.DataFrame([row | vars(amount) for row, amount in zip(rows, amounts, strict=True)]), hide_index=True
            )
            names = [folder.name for folder in folders]  # their order changes, so the box needs a key
            name = st.selectbox("Visitor", names, format_func=lambda name: name[:6], key="visitor-chosen")
            with st.container(horizontal=True):
                if st.button("See their things", key="visitor-open"):
                    st.session_state[visitors.OPENED_VISITOR_KEY] = name
                    st.rerun()
                if st.button("Delete", key="visitor-delete-other"):
                    _confirm_delete(name)
