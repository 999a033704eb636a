"""ministack, and SageMaker beside it.

What ministack's Step Functions does not know is answered here: objects in its own S3, and jobs of
the SageMaker whose address is in ``SAGEMAKER_URL``, waited for as ``.sync`` does. Started as a
program of its own, so it imports nothing of the tests.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any

from ministack.app import main
from ministack.services import stepfunctions


def _client(service: str, url: str) -> Any:
    import boto3

    return boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id="some",
        aws_secret_access_key="some",
    )


def put_object(_resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
    body = arguments["Body"]
    content = body if isinstance(body, str) else json.dumps(body)
    _s3().put_object(**{**arguments, "Body": content.encode()})
    return {}


def get_object(_resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"Body": _s3().get_object(**arguments)["Body"].read().decode()}
    except _s3().exceptions.NoSuchKey as error:
        raise stepfunctions._ExecutionError("S3.NoSuchKeyException", str(error)) from None


def job(resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
    kind = re.findall(r"create(Processing|Training)Job\.sync", resource)[0]
    verb, named = kind.lower(), {f"{kind}JobName": arguments[f"{kind}JobName"]}
    sagemaker = _client("sagemaker", os.environ["SAGEMAKER_URL"])
    getattr(sagemaker, f"create_{verb}_job")(**arguments)
    while True:
        told = getattr(sagemaker, f"describe_{verb}_job")(**named)
        told.pop("ResponseMetadata")
        match told[f"{kind}JobStatus"]:
            case "Completed":
                return json.loads(json.dumps(told, default=str))
            case "InProgress":
                time.sleep(0.05)
            case status:
                cause = told.get("FailureReason", status)
                raise stepfunctions._ExecutionError("States.TaskFailed", cause)


def add_event(execution: Any, kind: str, details: Any = None) -> Any:
    """Record what ministack does not: which job a task has started."""
    if kind == "TaskSucceeded" and "sagemaker" in details["taskSucceededEventDetails"]["resource"]:
        submitted = {"taskSubmittedEventDetails": details["taskSucceededEventDetails"]}
        _add_event(execution, "TaskSubmitted", submitted)
    return _add_event(execution, kind, details)


def _s3() -> Any:
    return _client("s3", f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}")


stepfunctions._SERVICE_DISPATCH = {
    "arn:aws:states:::aws-sdk:s3:putObject": put_object,
    "arn:aws:states:::aws-sdk:s3:getObject": get_object,
    "arn:aws:states:::sagemaker:create": job,
    **stepfunctions._SERVICE_DISPATCH,
}
_add_event, stepfunctions._add_event = stepfunctions._add_event, add_event
sys.exit(main())
