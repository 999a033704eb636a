"""A Jupyter server with the extension, and nobody let in without a token."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its fixtures, for this folder alone
from pytest_jupyter.pytest_tornasync import *  # noqa: F403


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_zflow": True},
            "allow_unauthenticated_access": False,
            "terminals_enabled": False,
        }
    }
