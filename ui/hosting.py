"""Who may do what: the mode of this server, chosen once in its environment, and the visitor who asks."""

import ipaddress
import os
from typing import Any, Literal, cast, get_args

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from fashion_core.errors import ConfigError
from fashion_core.storage import visitors
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import USER, Visitor

Mode = Literal["local", "classroom", "presentation"]
MODE_VARIABLE = "FASHION_MODE"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
VISITOR_OF_PRESENTATION = Visitor(may_change=False)


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
    address = str(st.get_option("server.address") or "")
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address in LOOPBACK_NAMES


def find_visitor() -> Visitor:
    """Who asks: in local mode the user of this computer, in the others somebody who may change nothing."""
    return USER if find_mode() == "local" else VISITOR_OF_PRESENTATION


def may_change() -> bool:
    """Whether the visitor may start, change or delete anything; what does so is shown only then."""
    return visitors.current_visitor().may_change


def change_button(label: str, **options: Any) -> bool:
    """``st.button`` for what starts, changes or deletes something; not there where the visitor may not."""
    return may_change() and st.button(label, **options)


def describe_start() -> str:
    """The lines to print when the server starts: the mode, why, and where things are stored. Raises ``ConfigError``."""
    mode = find_mode()
    lines = [f"  Mode: {mode}"]
    if not os.environ.get(MODE_VARIABLE, "").strip() and mode == "presentation":
        lines[0] += f", in which nothing can be started or changed, as other computers reach it. Set {MODE_VARIABLE}."
    return "\n".join([*lines, f"  Stored in: {user_data_folder()}"])


def http_middleware() -> list[Middleware]:
    """What every request passes before Streamlit sees it.

    A website that gives its own name the address of this computer could otherwise use the dashboard in its visitors'
    browsers (DNS rebinding). ``server.allowedHosts`` names the hosts of a dashboard for others.
    """
    hosts = st.get_option("server.allowedHosts") or (LOOPBACK_NAMES if find_mode() == "local" else ["*"])
    return [Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)]


visitors.set_visitor_source(find_visitor)
