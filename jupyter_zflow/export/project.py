"""All files of a pipeline folder but the template, which is made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.export.readme import readme
from jupyter_zflow.export.script import script
from jupyter_zflow.export.selftest import SELFTEST

if TYPE_CHECKING:
    from jupyter_zflow.export.bundle import Bundle, Content
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.pipeline import Pipeline

SCRIPT = "pipeline.py"
TEMPLATE = "template.yaml"

_CDK = """\
{
  "app": "python pipeline.py"
}
"""
_IGNORED = """\
__pycache__/
cdk.out/
zflow_executions/
"""


def project_files(
    pipeline: Pipeline, analysis: Analysis, bundle: Bundle, *, notebook: str
) -> dict[str, Content]:
    """Return the folder's files by path, in the order in which a reader wants them."""
    return {
        SCRIPT: script(pipeline, notebook=notebook),
        **bundle.files,
        "cdk.json": _CDK,
        "README.md": readme(pipeline, analysis, notebook=notebook),
        "tests/test_pipeline.py": SELFTEST,
        ".gitignore": _IGNORED,
    }
