"""A visitor without a browser: one session of the dashboard over its websocket, with the widgets of each page."""

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
OF_ONE_SESSION = re.compile(rb'"(session|version)": "[0-9a-f]+"')  # what components need to tell sessions apart
MAIN_AREA = 0  # the first number of an element's path; the sidebar's is 1
MAX_MESSAGE_BYTES = 1 << 27


@dataclass(frozen=True)
class Step:
    """Open the page ``target``, or set its widget called ``target`` to ``option``."""

    target: str
    option: str | None = None


@dataclass(frozen=True)
class Widget:
    """A select box or a row of buttons, as the page shows it."""

    id: str
    options: tuple[str, ...]
    is_group: bool
    fragment_id: str
    query_key: str


class Visitor:
    """One session; use it as ``async with Visitor(url)``."""

    def __init__(self, url: str) -> None:
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._connection = websockets.connect(
            address, subprotocols=[websockets.Subprotocol("streamlit")], origin=websockets.Origin(url),
            max_size=MAX_MESSAGE_BYTES, ping_interval=None,
        )  # fmt: skip
        self._pages: dict[str, str] = {}  # script hash by name
        self._page = ""
        self._query: dict[str, list[str]] = {}  # as in a browser's address
        self._states: dict[str, WidgetState] = {}
        self._elements: dict[tuple[int, ...], Delta] = {}
        self._messages: dict[str, ForwardMsg] = {}  # those that the server may refer to later
        self._intervals: dict[str, float] = {}  # seconds between reruns, of each fragment that asks for some

    async def __aenter__(self) -> "Visitor":
        self._socket = await self._connection
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._socket.close()

    async def take(self, step: Step) -> None:
        """Do what ``step`` says, and wait until the page has been built."""
        fragment_id = ""
        if step.option is None:
            self._page = step.target
            self._states, self._elements, self._query, self._intervals = {}, {}, {}, {}
        else:
            widget = self.widgets()[step.target]
            fragment_id = widget.fragment_id
            state = WidgetState(id=widget.id)
            if widget.is_group:
                state.string_array_value.data.append(step.option)
            else:
                state.string_value = step.option
            self._states[widget.id] = state
            if widget.query_key:
                self._query[widget.query_key] = [step.option]
        await self._rerun(fragment_id)

    async def rest(self, seconds: float) -> None:
        """Do only what a browser does by itself: rerun fragments that ask for it, as those that watch a run do."""
        end = time.monotonic() + seconds
        due = {fragment_id: time.monotonic() + interval for fragment_id, interval in self._intervals.items()}
        while due and min(due.values()) < end:
            fragment_id = min(due, key=due.__getitem__)
            await asyncio.sleep(due[fragment_id] - time.monotonic())
            await self._rerun(fragment_id, is_auto_rerun=True)
            due[fragment_id] = time.monotonic() + self._intervals.get(fragment_id, seconds)
        await asyncio.sleep(end - time.monotonic())

    async def _rerun(self, fragment_id: str, *, is_auto_rerun: bool = False) -> None:
        """Rerun a fragment, or the page if ``fragment_id`` is empty, and wait until it has been built."""
        message = ClientState(
            page_script_hash=self._pages.get(self._page, ""), page_name=self._page, fragment_id=fragment_id,
            query_string=urlencode(self._query, doseq=True), is_auto_rerun=is_auto_rerun,
        )  # fmt: skip
        message.widget_states.widgets.extend(self._states.values())
        await self._socket.send(BackMsg(rerun_script=message).SerializeToString())
        await self._receive()

    def widgets(self) -> dict[str, Widget]:
        """Those of the page's main area that can be set to one of several options, by label."""
        found = {}
        for path, delta in self._elements.items():
            kind = delta.new_element.WhichOneof("type")
            if path[0] != MAIN_AREA or kind not in ("selectbox", "button_group"):
                continue
            proto = getattr(delta.new_element, kind)
            is_group = kind == "button_group"
            options = tuple(option.content for option in proto.options) if is_group else tuple(proto.options)
            if options and not (proto.form_id or proto.disabled):
                found[proto.label] = Widget(proto.id, options, is_group, delta.fragment_id, proto.query_param_key)
        return found

    def has_exception(self) -> bool:
        """Whether the page shows a traceback."""
        return any(delta.new_element.WhichOneof("type") == "exception" for delta in self._elements.values())

    def answer(self) -> dict[tuple[int, ...], str]:
        """What the page's main area shows: the kind and a hash of each element, by its place.

        Without the buttons for downloads: each session has addresses of its own.
        """
        kinds = {path: delta.new_element.WhichOneof("type") for path, delta in self._elements.items()}
        return {
            path: f"{kind} {hash_of(self._elements[path])}"
            for path, kind in kinds.items()
            if path[0] == MAIN_AREA and kind not in (None, "download_button")
        }

    async def _receive(self) -> None:
        shown: set[tuple[int, ...]] = set()
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            if message.WhichOneof("type") == "ref_hash":
                known = self._messages[message.ref_hash]
                message, metadata = ForwardMsg.FromString(known.SerializeToString()), message.metadata
                message.metadata.CopyFrom(metadata)
            elif message.hash:
                self._messages[message.hash] = message
            match message.WhichOneof("type"):
                case "navigation":
                    self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
                case "page_info_changed":
                    self._query = parse_qs(message.page_info_changed.query_string)
                case "delta":
                    path = tuple(message.metadata.delta_path)
                    self._elements[path] = message.delta
                    shown.add(path)
                case "auto_rerun":
                    self._intervals[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                case "script_finished" if message.script_finished in FINISHED:
                    if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                        self._elements = {path: self._elements[path] for path in shown}
                    return
                case "script_finished":
                    shown.clear()


def hash_of(delta: Delta) -> str:
    """Equal for elements that show the same."""
    content = OF_ONE_SESSION.sub(b"", delta.SerializeToString(deterministic=True))
    return hashlib.sha256(content).hexdigest()[:12]
