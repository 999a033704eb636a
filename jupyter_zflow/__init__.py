"""Turn a notebook into a pipeline: right, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from IPython.core.interactiveshell import InteractiveShell


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the built panel is."""
    return [{"src": "labextension", "dest": "jupyter-zflow"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell the Jupyter server which extension to load."""
    from jupyter_zflow.server.extension import ZflowExtension

    return [{"module": "jupyter_zflow", "app": ZflowExtension}]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: what ``%load_ext jupyter_zflow`` calls."""
    from jupyter_zflow.magics import load

    load(shell)
