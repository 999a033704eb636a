"""The extension as the Jupyter server loads it: settings, services and the table of routes."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.extension.application import ExtensionApp
from traitlets import Dict, Enum, Float, Int, List, TraitError, Unicode, validate

from jupyter_zflow.server.contents import contents_path
from jupyter_zflow.server.routes import ROUTES
from jupyter_zflow.server.services import FEATURES, KEY, Defaults, Limits, Services

_PARTITION = {"name", "gpus", "cpus", "memory", "time", "description"}


class ZflowExtension(ExtensionApp):
    """Turns notebooks into pipelines, for the panel in JupyterLab."""

    name = "jupyter_zflow"
    extension_url = "/zflow"
    load_other_extensions = True

    allowed_instance_types = List(
        Unicode(),
        help="Instance types that stages may ask for, with * for any text; empty allows all.",
    ).tag(config=True)
    allowed_images = List(
        Unicode(),
        help="Container images that stages may ask for, with * for any text; empty allows all.",
    ).tag(config=True)
    hpc_partitions = List(
        Dict(),
        help="Partitions that stages may ask for: name, and for the picker gpus, cpus, memory, "
        "time, description. Empty allows all.",
    ).tag(config=True)
    default_role = Unicode(help="ARN of the role that the panel proposes for deployments.").tag(
        config=True
    )
    default_bucket = Unicode(help="Bucket that the panel proposes for deployments.").tag(
        config=True
    )
    vpc_subnets = List(Unicode(), help="Subnets that the panel proposes for deployments.").tag(
        config=True
    )
    vpc_security_groups = List(
        Unicode(), help="Security groups that the panel proposes for deployments."
    ).tag(config=True)
    hidden_features = List(
        Enum(FEATURES),
        help=f"Features that are switched off, of {', '.join(FEATURES)}. Their routes answer 403.",
    ).tag(config=True)
    execution_root = Unicode(
        help="Folder that keeps all executions; empty keeps them beside each notebook."
    ).tag(config=True)
    max_executions = Int(
        4, min=1, help="Executions that may run at the same time, and as many other jobs."
    ).tag(config=True)
    max_body_mb = Float(32.0, min=0.001, help="Megabytes that the body of a request may have.").tag(
        config=True
    )
    check_timeout = Float(30.0, min=0.1, help="Seconds that one analysis may take.").tag(
        config=True
    )
    export_timeout = Float(
        300.0, min=0.1, help="Seconds that one export may take before its process is stopped."
    ).tag(config=True)
    verify_timeout = Float(
        24 * 3600.0, min=0.1, help="Seconds that one verification may take."
    ).tag(config=True)
    preview_timeout = Float(
        30.0, min=0.1, help="Seconds that the preview of an artifact may take."
    ).tag(config=True)

    @validate("hpc_partitions")
    def _known_keys(self, proposal: dict[str, list[dict[str, object]]]) -> list[dict[str, object]]:
        for entry in proposal["value"]:
            unknown = sorted(entry.keys() - _PARTITION)
            if unknown or not isinstance(entry.get("name"), str):
                allowed = ", ".join(sorted(_PARTITION))
                raise TraitError(f"hpc_partitions: {entry!r} needs a name, and may have {allowed}.")
        return proposal["value"]

    def initialize_settings(self) -> None:
        """Make what the routes share."""
        from jupyter_zflow.actions.policy import Policy
        from jupyter_zflow.server import events

        assert self.serverapp is not None
        logger = self.serverapp.event_logger
        assert logger is not None
        contents = self.serverapp.contents_manager
        root = getattr(contents, "root_dir", "")
        events.register(logger)
        self.settings[KEY] = Services(
            root=Path(root).resolve() if root else None,
            home=Path(self.execution_root).resolve() if self.execution_root else None,
            policy=Policy(
                instance_types=tuple(self.allowed_instance_types),
                images=tuple(self.allowed_images),
                partitions=tuple(entry["name"] for entry in self.hpc_partitions),
            ),
            partitions=tuple(self.hpc_partitions),
            hidden=frozenset(self.hidden_features),
            limits=Limits(
                check_seconds=self.check_timeout,
                export_seconds=self.export_timeout,
                verify_seconds=self.verify_timeout,
                preview_seconds=self.preview_timeout,
                body_bytes=int(self.max_body_mb * 1e6),
                executions=self.max_executions,
            ),
            defaults=Defaults(
                role=self.default_role,
                bucket=self.default_bucket,
                subnets=tuple(self.vpc_subnets),
                security_groups=tuple(self.vpc_security_groups),
            ),
            logger=logger,
            shown_path=lambda file: contents_path(contents, file),
        )

    def initialize_handlers(self) -> None:
        """Add the routes below ``/zflow/``."""
        self.handlers.extend(ROUTES)

    async def stop_extension(self) -> None:
        """End every process that the extension started."""
        services = self.settings.get(KEY)
        if services is not None:
            await services.close()
