"""The extension as the Jupyter server loads it: settings and the table of routes."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float

from jupyter_zflow.server.routes import ROUTES


class ZflowExtension(ExtensionApp):
    """Turns notebooks into pipelines, for the panel in JupyterLab."""

    name = "jupyter_zflow"
    extension_url = "/zflow"
    load_other_extensions = True

    export_timeout = Float(
        300.0, help="Seconds that one export may take before its process is stopped."
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Hand the extension's settings to its routes."""
        self.settings["zflow_export_timeout"] = self.export_timeout

    def initialize_handlers(self) -> None:
        """Add the routes below ``/zflow/``."""
        self.handlers.extend(ROUTES)
