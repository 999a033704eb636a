"""SageMaker as far as our state machines use it: an HTTP service whose jobs are real processes.

Requests are checked against botocore's model of the service, so a wrong field is refused as AWS
refuses it. A job gets its inputs from S3, runs its entry point in a private ``/opt/ml``, and its
outputs go back to S3.
"""

from __future__ import annotations

import contextlib
import json
import re
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from .container import Container

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ACCOUNT = "000000000000"


class Job:
    """One Processing or Training job."""

    def __init__(self, kind: str, request: dict[str, Any], root: Path, aws: Any) -> None:
        self.kind, self.request, self.root, self._aws = kind, request, root, aws
        self.name: str = request[f"{kind}JobName"]
        self.status = "InProgress"
        self.reason = ""
        self.metrics: dict[str, float] = {}
        self.container: Container | None = None
        self.stopping = False
        self.ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def log(self) -> str:
        return self.container.log if self.container else ""

    def stop(self) -> None:
        self.stopping = True
        if self.container is not None:
            self.container.stop()

    def describe(self) -> dict[str, Any]:
        known = {key: self.request[key] for key in ("RoleArn", "StoppingCondition")}
        slug = self.kind.lower()
        told: dict[str, Any] = {
            f"{self.kind}JobName": self.name,
            f"{self.kind}JobArn": f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:{slug}-job/{self.name}",
            f"{self.kind}JobStatus": self.status,
            **known,
        }
        if self.reason:
            told["FailureReason"] = self.reason
            if self.kind == "Processing":
                told["ExitMessage"] = self.reason
        if self.metrics:
            told["FinalMetricDataList"] = [
                {"MetricName": name, "Value": value, "Timestamp": 0}
                for name, value in self.metrics.items()
            ]
        return told

    def _run(self) -> None:
        try:
            status = (self._training if self.kind == "Training" else self._processing)()
            self._judge(status)
        except Exception as error:  # noqa: BLE001  a job always ends
            self.status, self.reason = "Failed", f"ClientError: {error}"
        finally:
            self._keep_log()
            self.ended.set()

    def _keep_log(self) -> None:
        """Send the lines to CloudWatch, where SageMaker's logs are."""
        logs, group = self._aws.of("logs"), f"/aws/sagemaker/{self.kind}Jobs"
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
        stream = f"{self.name}/algo-1-1"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in self.log.splitlines() if line]
        if events:
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def _judge(self, status: int) -> None:
        output = self.root / "ml" / "output"
        told = output / ("failure" if self.kind == "Training" else "message")
        self.reason = told.read_text()[:1024] if told.exists() else ""
        if self.stopping:
            self.status = "Stopped"
        elif status == 0:
            self.status = "Completed"
        else:
            self.status = "Failed"
            self.reason = self.reason or f"AlgorithmError: exit code {status}"
        for definition in self.request.get("AlgorithmSpecification", {}).get(
            "MetricDefinitions", ()
        ):
            for found in re.findall(definition["Regex"], self.log):
                self.metrics[definition["Name"]] = float(found)

    def _processing(self) -> int:
        ml = self.root / "ml"
        for given in self.request.get("ProcessingInputs", ()):
            source = given["S3Input"]
            self._download(source["S3Uri"], self._inside(source["LocalPath"]))
        self._write(ml / "config" / "processingjobconfig.json", self.request)
        self._write(
            ml / "config" / "resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"]}
        )
        specification = self.request["AppSpecification"]
        return self._start(
            [*specification["ContainerEntrypoint"], *specification["ContainerArguments"]],
            {"PROCESSING_JOB_NAME": self.name},
        )

    def _training(self) -> int:
        ml = self.root / "ml"
        for given in self.request["InputDataConfig"]:
            place = ml / "input" / "data" / given["ChannelName"]
            self._download(given["DataSource"]["S3DataSource"]["S3Uri"], place)
        config = ml / "input" / "config"
        self._write(config / "hyperparameters.json", self.request.get("HyperParameters", {}))
        channels = {
            given["ChannelName"]: {
                "TrainingInputMode": "File",
                "S3DistributionType": "FullyReplicated",
            }
            for given in self.request["InputDataConfig"]
        }
        self._write(config / "inputdataconfig.json", channels)
        self._write(config / "resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"]})
        for name in ("model", "output/data", "checkpoints"):
            (ml / name).mkdir(parents=True, exist_ok=True)
        kept = self.request.get("CheckpointConfig", {}).get("S3Uri")
        if kept:
            self._download(kept, ml / "checkpoints")
        specification = self.request["AlgorithmSpecification"]
        try:
            return self._start(
                [*specification["ContainerEntrypoint"], *specification["ContainerArguments"]],
                {"TRAINING_JOB_NAME": self.name},
            )
        finally:
            if kept:
                self._upload(ml / "checkpoints", kept)
            self._pack(ml / "model", self.request["OutputDataConfig"]["S3OutputPath"])

    def _start(self, program: list[str], variables: dict[str, str]) -> int:
        environment = {**self._aws.environment, **variables, **self.request.get("Environment", {})}
        self.container = Container(self.root, program, environment)
        if self.stopping:
            self.container.stop()
        return self.container.wait()

    def _inside(self, path: str) -> Path:
        assert path.startswith("/opt/ml/")
        return self.root / "ml" / path.removeprefix("/opt/ml/")

    def _download(self, uri: str, place: Path) -> None:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        place.mkdir(parents=True, exist_ok=True)
        pages = self._aws.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                target = place / item["Key"].removeprefix(prefix).lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                self._aws.client.download_file(bucket, item["Key"], str(target))

    def _upload(self, place: Path, uri: str) -> None:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        for path in place.rglob("*"):
            if path.is_file():
                key = f"{prefix.rstrip('/')}/{path.relative_to(place).as_posix()}"
                self._aws.client.upload_file(str(path), bucket, key)

    def _pack(self, place: Path, uri: str) -> None:
        archive = self.root / "model.tar.gz"
        with tarfile.open(archive, "w:gz") as made:
            made.add(place, ".")
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        key = f"{prefix.rstrip('/')}/{self.name}/output/model.tar.gz"
        self._aws.client.upload_file(str(archive), bucket, key)

    @staticmethod
    def _write(path: Path, content: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


class SageMaker:
    """All jobs, by kind and name."""

    def __init__(self, folder: Path) -> None:
        from botocore.session import Session

        self.jobs: dict[tuple[str, str], Job] = {}
        self.aws: Any = None
        """The emulator with S3 and CloudWatch; it starts after this service."""
        self._folder = folder
        self._model = Session().get_service_model("sagemaker")

    def job(self, kind: str, name: str) -> Job:
        return self.jobs[kind, name]

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request; a ``ValueError`` is what AWS calls a ValidationException."""
        self._check(operation, request)
        match re.fullmatch(r"(Create|Describe|Stop)(Processing|Training)Job", operation):
            case None:
                raise ValueError(f"{operation} is not known here")
            case found:
                verb, kind = found.groups()
        name = request[f"{kind}JobName"]
        if verb == "Create":
            if (kind, name) in self.jobs:
                raise ValueError(f"a job {name} exists already")
            root = self._folder / f"{kind}-{name}"
            job = self.jobs[kind, name] = Job(kind, request, root, self.aws)
            return {f"{kind}JobArn": job.describe()[f"{kind}JobArn"]}
        if (kind, name) not in self.jobs:
            raise ValueError(f"there is no job {name}")
        job = self.jobs[kind, name]
        if verb == "Stop":
            job.stop()
            return {}
        return job.describe()

    def _check(self, operation: str, request: dict[str, Any]) -> None:
        from botocore.validate import ParamValidator

        if operation not in self._model.operation_names:
            raise ValueError(f"{operation} does not exist")
        shape = self._model.operation_model(operation).input_shape
        report = ParamValidator().validate(request, shape)
        if report.has_errors():
            raise ValueError(report.generate_report())


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[SageMaker, str]]:
    """Yield the service and its address."""
    service = SageMaker(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service.answer))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        for job in service.jobs.values():
            if not job.ended.is_set():
                job.stop()
            job.ended.wait(30)
        server.shutdown()
        server.server_close()


def _handler(
    answer: Callable[[str, dict[str, Any]], dict[str, Any]],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """AWS's JSON protocol 1.1."""

        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                status, content = 200, answer(operation, request)
            except ValueError as error:
                status = 400
                content = {"__type": "ValidationException", "message": str(error)}
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    return Handler
