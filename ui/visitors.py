"""The visitor who asks: told by a cookie in a classroom, and unlocked by the owner's token."""

import hashlib
import hmac
import os
import re
import threading
import time

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from fashion_core.errors import ConfigError
from fashion_core.jobs.visitor_folders import delete_expired_visitor_folders
from fashion_core.storage import visitors
from fashion_core.storage.access import quota_from_environment
from fashion_core.storage.visitors import USER, Visitor
from ui import hosting

TOKEN_VARIABLE = "FASHION_OWNER_TOKEN"
MIN_TOKEN_LENGTH = 16
COOKIE_NAME = "fashion_visitor"
COOKIE_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes
OWNER_KEY, OPENED_VISITOR_KEY = "is-owner", "opened-visitor"  # session keys; the second: whose things the owner sees
SECONDS_BETWEEN_DELETIONS = 3600.0
LOOKING_ON = Visitor(may_change=False)


def find_visitor() -> Visitor:
    """Who asks: in local mode the user of this computer. A thread of no session may change nothing, and finds nothing
    of a visitor's in a classroom."""
    mode = hosting.find_mode()
    if mode == "local":
        return USER
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and st.session_state.get(OWNER_KEY):
        return Visitor(str(st.session_state.get(OPENED_VISITOR_KEY, "")))
    if mode == "presentation":
        return LOOKING_ON
    if context is None:
        return Visitor(visitor_name("no session"), may_change=False)
    # who refuses cookies is another visitor in each session
    token = read_cookie() or context.session_id
    return Visitor(visitor_name(token), quota=quota_from_environment())


def read_cookie() -> str:
    """The visitor's secret; "" where the browser has none that this program has made."""
    token = st.context.cookies.get(COOKIE_NAME, "")
    return token if COOKIE_PATTERN.fullmatch(token) else ""


def visitor_name(token: str) -> str:
    """The name of a visitor's folder, from which the token can't be told."""
    return hashlib.sha256(f"visitor {token}".encode()).hexdigest()[:20]


def owner_token() -> str:
    """The owner's token; "" for none. Raises ``ConfigError`` when it is so short that it could be guessed."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token and len(token) < MIN_TOKEN_LENGTH:
        raise ConfigError(f"{TOKEN_VARIABLE} is shorter than {MIN_TOKEN_LENGTH} characters. Choose a longer one.")
    return token


def unlock(token: str) -> bool:
    """Let this session do everything if ``token`` is the owner's; returns whether it is."""
    expected = owner_token()
    st.session_state[OWNER_KEY] = bool(expected) and hmac.compare_digest(token.strip().encode(), expected.encode())
    return bool(st.session_state[OWNER_KEY])


def is_owner() -> bool:
    """Whether this session was unlocked."""
    return bool(st.session_state.get(OWNER_KEY))


def start_deleting_expired_folders() -> None:
    """In a classroom, delete what visitors have made who were not here for the stated time, now and each hour."""
    if hosting.find_mode() != "classroom":
        return

    def delete_each_hour() -> None:
        while True:
            delete_expired_visitor_folders(86_400 * hosting.days_kept())
            time.sleep(SECONDS_BETWEEN_DELETIONS)

    threading.Thread(target=delete_each_hour, daemon=True).start()


visitors.set_visitor_source(find_visitor)
