"""Who may do what: the mode of this server, chosen once in its environment, and the visitor who asks."""

import os
from typing import Any, Literal, cast, get_args

import streamlit as st

from fashion_core.api.tokens import is_loopback
from fashion_core.errors import ConfigError
from fashion_core.storage import visitors
from fashion_core.storage.access import quota_from_environment
from fashion_core.storage.folder import shared_data_folder

Mode = Literal["local", "classroom", "presentation"]
MODE_VARIABLE = "FASHION_MODE"
DAYS_VARIABLE, DEFAULT_DAYS_KEPT = "FASHION_KEEP_DAYS", 14


def find_mode() -> Mode:
    """The mode in ``FASHION_MODE``; without one, local where only this computer reaches the server, else presentation.

    Raises ``ConfigError`` when it is no mode, or local although other computers reach the server.
    """
    setting = os.environ.get(MODE_VARIABLE, "").strip()
    if setting and setting not in get_args(Mode):
        raise ConfigError(f"{MODE_VARIABLE} is {setting!r}; set it to {', '.join(get_args(Mode))}.")
    if setting == "local" and not listens_on_loopback():
        address = st.get_option("server.address") or "every address"
        raise ConfigError(
            f"{MODE_VARIABLE} is local, but the server listens on {address}, where other computers reach it. Set it to "
            "classroom or presentation, or server.address to 127.0.0.1."
        )
    if setting:
        return cast(Mode, setting)
    return "local" if listens_on_loopback() else "presentation"


def listens_on_loopback() -> bool:
    """Whether only this computer reaches the server; without an address, it listens on all."""
    return is_loopback(str(st.get_option("server.address") or ""))


def may_change(*, shared: bool = False) -> bool:
    """Whether the visitor may start, change or delete anything; what does so is shown only then.

    ``shared``: what all visitors see.
    """
    visitor = visitors.current_visitor()
    return visitor.may_change and not (shared and visitor.name)


def change_button(label: str, *, shared: bool = False, **options: Any) -> bool:
    """``st.button`` for what starts, changes or deletes something; not there where the visitor may not."""
    return may_change(shared=shared) and st.button(label, **options)


def describe_start() -> str:
    """The lines to print when the server starts: the mode, why, and where things are stored. Raises ``ConfigError``."""
    mode = find_mode()
    quota, days = quota_from_environment(), days_kept()
    lines = [f"  Mode: {mode}"]
    if not os.environ.get(MODE_VARIABLE, "").strip() and mode == "presentation":
        lines[0] += f", in which nothing can be started or changed, as other computers reach it. Set {MODE_VARIABLE}."
    if mode == "classroom":
        lines.append(
            f"  Each visitor: {quota.runs:,.0f} runs, {quota.minutes:,.0f} minutes of training, {quota.pictures:,.0f} "
            f"pictures, {quota.megabytes:,.0f} MB, kept for {days} days after the last visit"
        )
    return "\n".join([*lines, f"  Stored in: {shared_data_folder()}"])


def days_kept() -> int:
    """For how many days what a classroom's visitors make is kept after their last visit: ``FASHION_KEEP_DAYS``.

    Raises ``ConfigError`` when it is no number from 1 to 3650.
    """
    text = os.environ.get(DAYS_VARIABLE, str(DEFAULT_DAYS_KEPT)).strip()
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise ConfigError(f"{DAYS_VARIABLE} is {text!r}; set it to a whole number from 1 to 3650.")
    return int(text)
