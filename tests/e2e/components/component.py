"""A component alone on an empty page, without a dashboard: what pointer and keys do, and what is sent."""

import runpy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.conftest import PROJECT
from ui import serving

ADDRESS = "http://components.test/"
EMPTY_PAGE = """<!DOCTYPE html><html lang="en"><title>Component</title><style>:root {
  --st-font: sans-serif; --st-primary-color: #2a6fbb; --st-text-color: #0e1116; --st-background-color: #fff;
  --st-secondary-background-color: #f0f2f6; --st-border-color: #d5dbe2; --st-base-radius: 4px; }</style><body>"""
SHOW_JS = """async ({ html, css, js, data }) => {
  if (!window.show) {
    document.body.innerHTML = `<style>${css}</style>${html}`;
    const script = await import(URL.createObjectURL(new Blob([js], { type: "text/javascript" })));
    window.sent = [];
    const send = (name, value) => window.sent.push([name, structuredClone(value)]);
    const parts = { parentElement: document.body, setStateValue: send, setTriggerValue: send };
    window.show = (data) => script.default({ data, ...parts });
  }
  window.show(data);
}"""


class Component:
    """The component in ``ui/components/NAME``: ``call`` draws it on the page as its Python function does."""

    def __init__(self, name: str, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
        self._page, self._definition = page, dict[str, str]()
        monkeypatch.setattr("streamlit.components.v2.component", self._define)
        self._module = runpy.run_path(str(PROJECT / "ui" / "components" / name / "__init__.py"))
        files = TestClient(Starlette(routes=serving.http_routes()))

        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(ADDRESS)
            route.fulfill(
                body=files.get(f"/{path}").content if path.startswith("arrays") else EMPTY_PAGE.encode(),
                content_type="application/octet-stream" if path.startswith("arrays") else "text/html",
            )

        page.route(f"{ADDRESS}**", answer)
        page.goto(ADDRESS)

    def _define(self, name: str, **definition: str) -> Callable[..., Any]:
        self._definition = definition
        return self._show

    def _show(self, *, key: str, data: dict[str, Any], **callbacks: Callable[[], None]) -> Any:
        self._page.evaluate(SHOW_JS, self._definition | {"data": data})
        return SimpleNamespace(unsupported=False)

    def call(self, function: str, *args: Any, **options: Any) -> None:
        self._module[function](*args, key="component", **options)

    def sent(self) -> list[tuple[str, Any]]:
        """Names and values, as the browser sent them."""
        return [(name, value) for name, value in self._page.evaluate("window.sent")]

    def sent_values(self, name: str) -> list[Any]:
        return [value for sent, value in self.sent() if sent == name]


def browser_keeps(element: Locator, key: str, modifier: str) -> bool:
    """Whether the browser may do what it does with ``key`` and ``modifier`` (``ctrlKey``, ...)."""
    return bool(
        element.evaluate(
            """(element, [key, modifier]) => element.dispatchEvent(
                 new KeyboardEvent("keydown", { key, [modifier]: true, bubbles: true, cancelable: true }))""",
            [key, modifier],
        )
    )


MODIFIERS = ("ctrlKey", "metaKey", "altKey")


def centre_of(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
