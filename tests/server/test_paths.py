"""Paths that would lead out of the contents root, on every route that takes one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "SECRET_0815"

ROUTES = {
    "check": lambda path: ("POST", "check", {"path": path}),
    "suggest": lambda path: ("POST", "suggest", {"path": path}),
    "export": lambda path: ("POST", "export", {"path": path}),
    "folder": lambda path: ("POST", "export", {"path": "own.ipynb", "folder": path}),
    "verify": lambda path: ("POST", "verify", {"path": path}),
    "execute": lambda path: ("POST", "executions", {"path": path}),
    "list": lambda path: ("GET", "executions", None, path),
}
EVIL = [
    "../outside/secret.ipynb",
    "/../outside/secret.ipynb",
    "sub/../../outside/secret.ipynb",
    "sub/./..//../outside/secret.ipynb",
    "link.ipynb",
    "linked/secret.ipynb",
    "linked",
    ".hidden/secret.ipynb",
    "..",
    "a\x00b.ipynb",
    "\ud800.ipynb",
    f"{'x' * 4000}.ipynb",
]


@pytest.mark.parametrize("route", ROUTES)
async def test_no_path_leads_out(
    ask: Any, write: Callable[..., Path], jp_root_dir: Path, route: str
) -> None:
    outside = jp_root_dir.parent / "outside"
    outside.mkdir()
    secret = write("own.ipynb", f"{SECRET} = 1", "1").rename(outside / "secret.ipynb")
    write("own.ipynb", "x = 1")
    write("sub/own.ipynb", "x = 1")
    write(".hidden/secret.ipynb", f"{SECRET} = 1")
    (jp_root_dir / "link.ipynb").symlink_to(secret)
    (jp_root_dir / "linked").symlink_to(outside)

    for path in EVIL:
        verb, place, body, *query = ROUTES[route](path)
        status, answer = await ask(verb, place, body, **({"path": query[0].encode("utf-8", "replace")} if query else {}))  # fmt: skip

        if route == "list" and status == 200:  # a name that is only odd is a name of nothing
            assert answer["executions"] == []
        else:
            assert status in {400, 404}, (path, answer)
        assert SECRET not in json.dumps(answer)
    assert [one.name for one in outside.iterdir()] == ["secret.ipynb"]


@pytest.fixture
def outside(write: Callable[..., Path], jp_root_dir: Path) -> Callable[[str], list[Path]]:
    """Tell what is in a folder outside of the root, to which a link is made at first."""
    place = jp_root_dir.parent / "outside"
    place.mkdir()
    write("own.ipynb", "x = 1")

    def look(link: str = "") -> list[Path]:
        if link:
            (jp_root_dir / link).symlink_to(place)
        return list(place.iterdir())

    return look


@pytest.mark.parametrize(
    ("link", "route"),
    [
        pytest.param("own", "export", id="default_folder"),
        pytest.param("zflow_executions", "executions", id="executions"),
    ],
)
async def test_links_that_lie_ready_are_not_followed(
    ask: Any, outside: Callable[..., list[Path]], link: str, route: str
) -> None:
    outside(link)

    status, answer = await ask("POST", route, {"path": "own.ipynb"})

    assert (status, "leads out" in answer["message"]) == (400, True)
    assert outside() == []


@pytest.mark.parametrize("folder", ["/", ".", "sub", "sub/../sub"])
async def test_an_export_does_not_take_a_folder_that_holds_the_notebook(
    ask: Any, write: Callable[..., Path], folder: str
) -> None:
    notebook = write("sub/own.ipynb", "x = 1")

    status, answer = await ask("POST", "export", {"path": "sub/own.ipynb", "folder": folder})

    assert (status, "folder of its own" in answer["message"]) == (400, True)
    assert list(notebook.parent.iterdir()) == [notebook]


async def test_a_body_that_is_too_large_is_refused(
    ask: Any, jp_serverapp: Any, write: Callable[..., Path]
) -> None:
    extension = jp_serverapp.extension_manager.extension_apps["jupyter_zflow"].pop()
    extension.settings["zflow"].limits = _tiny(extension.settings["zflow"].limits)

    status, answer = await ask("POST", "check", {"notebook": {"cells": ["x" * 2000]}})

    assert (status, "1000 are allowed" in answer["message"]) == (413, True)


def _tiny(limits: Any) -> Any:
    from dataclasses import replace

    return replace(limits, body_bytes=1000)
