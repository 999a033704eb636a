"""A Jupyter server with the extension, and nobody let in without a token."""

from __future__ import annotations

from typing import Any

import pytest

pytest_plugins = ["pytest_jupyter.jupyter_server"]


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_zflow": True},
            "allow_unauthenticated_access": False,
            "terminals_enabled": False,
        }
    }
