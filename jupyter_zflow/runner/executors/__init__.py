"""What a Task's ``Resource`` means on this machine: a table of patterns.

A stage runs as a process with the same runtime, bundle and arguments as in the cloud, whatever
backend its author chose; what surrounds it (queues, job descriptions, HTTP) is answered here.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.runner.executors import activity, databricks, s3, sagemaker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from jupyter_zflow.model.value import Json
    from jupyter_zflow.runner.executors.bench import Bench
    from jupyter_zflow.runner.interpreter import TaskCall

    Executor = Callable[[TaskCall, Bench], Awaitable[Json]]

EXECUTORS: Mapping[str, Executor] = {
    "arn:aws:states:::aws-sdk:s3:putObject": s3.put_object,
    "arn:aws:states:::aws-sdk:s3:getObject": s3.get_object,
    "arn:aws:states:::sagemaker:createProcessingJob.sync": sagemaker.processing,
    "arn:aws:states:::sagemaker:createTrainingJob.sync": sagemaker.training,
    "arn:aws:states:::sagemaker:createModel": sagemaker.model,
    "arn:aws:states:::sagemaker:createTransformJob.sync": sagemaker.transform,
    "arn:aws:states:::http:invoke": databricks.invoke,
    "${*Activity}": activity.work,
    "arn:*:activity:*": activity.work,
}
"""Pattern of ``Resource`` -> what does the work."""


def executor(resource: str) -> Executor:
    """Return the executor for a resource.

    Raises
    ------
    DefinitionError
        The resource means nothing here.
    """
    for pattern, found in EXECUTORS.items():
        if resource == pattern or fnmatchcase(resource, pattern.replace("[", "[[]")):
            return found
    allowed = ", ".join(EXECUTORS)
    raise DefinitionError(f"the resource {resource!r} cannot run here; known are {allowed}.")
