"""The contract with SageMaker: the template's own commands, in processes with a real /opt/ml."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.actions.export import export
from jupyter_zflow.actions.template import the_machine
from jupyter_zflow.bundle import read_bundle
from jupyter_zflow.deploy.account import Account
from jupyter_zflow.deploy.bundles import Shelf, upload
from jupyter_zflow.runner.failures import StateFailedError

from . import container, machine
from .emulator import BUCKET, REGION, Emulator
from .sagemaker import SageMaker, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.aws,
    pytest.mark.skipif(bool(container.refusal()), reason=container.refusal() or "none"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

ENDLESS = """\
import os, time
print('begun', flush=True)
open('/opt/ml/checkpoints/state', 'a').write('x')
total = len(open("/opt/ml/checkpoints/state").read()) + 0 * len(rows)
while total < 2:
    time.sleep(0.05)"""


@pytest.fixture
def service(tmp_path: Path, aws: Emulator) -> Iterator[tuple[SageMaker, Any]]:
    import boto3

    with serving(tmp_path / "jobs", aws) as (made, url):
        client = boto3.client(
            "sagemaker",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="some",
            aws_secret_access_key="some",
        )
        yield made, client


class Deployed:
    """A pipeline whose bundle lies in the bucket."""

    def __init__(self, notebook: Path, aws: Emulator) -> None:
        folder = export(notebook).folder
        bundle = read_bundle(folder)
        upload(Account(REGION, None, aws.url), bundle, Shelf(BUCKET, "totals"))
        self.definition = the_machine(folder / "template.yaml").definition
        self.aws = aws
        roles = re.findall(r"\$\{(\w+Role\.Arn)\}", self.definition)
        self.values = {
            "Bucket": BUCKET,
            "BundleVersion": bundle.version,
            "DistributionAccount": "545423591354",
            "AWS::Region": REGION,
            "AWS::URLSuffix": "amazonaws.com",
            **{role: f"arn:aws:iam::000000000000:role/{role[:-4]}" for role in roles},
        }

    def execute(self, sagemaker: Any, *, name: str, **parameters: Any) -> Any:
        return machine.execute(
            self.definition,
            self.values,
            parameters,
            name=name,
            s3=self.aws.client,
            sagemaker=sagemaker,
        )

    def read(self, name: str, path: str) -> Any:
        key = f"totals/executions/{name}/{path}"
        return json.loads(self.aws.client.get_object(Bucket=BUCKET, Key=key)["Body"].read())


@pytest.fixture
def deployed(
    notebook: Callable[..., Path], aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Deployed]:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return lambda changed=None: Deployed(notebook(changed), aws)


def test_the_deployed_machine_runs_stages_in_containers(
    deployed: Callable[..., Deployed], service: tuple[SageMaker, Any]
) -> None:
    jobs, client = service
    pipeline = deployed()

    pipeline.execute(client, name="good", rate=2.0)

    prepare, train, report = jobs.jobs.values()
    assert [(job.kind, job.status) for job in (prepare, train, report)] == [
        ("Processing", "Completed"),
        ("Training", "Completed"),
        ("Processing", "Completed"),
    ]
    result = pipeline.read("good", "train/result.json")
    assert (result["outputs"], result["metrics"]) == ({"total": 13.0}, {"total": 13.0})
    assert "zflow_metric total=13.0\n" in train.log
    assert "runtime from /opt/ml/input/data/bundle/lib/jupyter_zflow/__init__.py\n" in train.log
    assert "the total is 13.0\n" in report.log
    assert pipeline.read("good", "report/notebook.ipynb")["cells"]
    assert f"totals/executions/good/train/job/{train.name}/output/model.tar.gz" in (
        pipeline.aws.keys("totals/executions/good/train/job/")
    )


def test_a_cell_that_fails_is_told_to_service_and_state_machine(
    deployed: Callable[..., Deployed], service: tuple[SageMaker, Any]
) -> None:
    jobs, client = service
    pipeline = deployed({1: "import helper\nrows = 1 / 0"})

    with pytest.raises(StateFailedError) as failure:
        pipeline.execute(client, name="bad")

    (job,) = jobs.jobs.values()
    assert failure.value.cause == "prepare: ZeroDivisionError: division by zero"
    assert (job.root / "ml" / "output" / "message").read_text() == failure.value.cause
    result = pipeline.read("bad", "prepare/result.json")
    assert (result["status"], result["error"]["cell"], result["error"]["line"]) == ("FAILED", 1, 2)
    assert pipeline.read("bad", "prepare/notebook.ipynb")["cells"]


def test_a_stopped_job_keeps_its_notebook_and_its_checkpoint(
    deployed: Callable[..., Deployed], service: tuple[SageMaker, Any]
) -> None:
    jobs, client = service
    pipeline = deployed({2: ENDLESS})
    pipeline.aws.client.put_object(
        Bucket=BUCKET,
        Key="totals/executions/spot/execution.json",
        Body=b'{"execution": "spot", "pipeline": "totals", "parameters": {}}',
    )
    for state in ("prepare", "train"):
        request = _request(pipeline, state, name=f"{state}-0")
        getattr(client, f"create_{request.pop('kind')}_job")(**request)
        job = list(jobs.jobs.values())[-1]
        while state == "train" and "begun" not in job.log and not job.ended.is_set():
            job.ended.wait(0.05)
        if state == "train":
            client.stop_training_job(TrainingJobName="train-0")
        assert job.ended.wait(60)
    again = _request(pipeline, "train", name="train-1")
    getattr(client, f"create_{again.pop('kind')}_job")(**again)
    assert jobs.job("Training", "train-1").ended.wait(60)

    stopped, resumed = jobs.job("Training", "train-0"), jobs.job("Training", "train-1")
    assert (stopped.status, stopped.reason) == (
        "Stopped",
        "train: Stopped: the stage was stopped by SIGTERM",
    )
    assert resumed.status == "Completed", resumed.log
    assert pipeline.read("spot", "train/result.json")["outputs"] == {"total": 2}


def _request(pipeline: Deployed, state: str, *, name: str) -> dict[str, Any]:
    """Return the request that the state would make, for an execution `spot`."""
    task = json.loads(pipeline.definition)["States"][state]
    text = json.dumps(task["Arguments"])
    for placeholder, value in pipeline.values.items():
        text = text.replace(f"${{{placeholder}}}", value)
    request: dict[str, Any] = json.loads(text)
    kind = "Processing" if "Processing" in task["Resource"] else "Training"
    program = request.get("AppSpecification") or request["AlgorithmSpecification"]
    place = f"s3://{BUCKET}/totals/executions/spot"
    program["ContainerArguments"][5:] = [place, "--attempt", name[-1]]
    request[f"{kind}JobName"] = name
    if kind == "Training":
        request["OutputDataConfig"]["S3OutputPath"] = f"{place}/{state}/job"
        request["CheckpointConfig"] = {"S3Uri": f"{place}/{state}/checkpoints"}
        request["HyperParameters"] = {"unused": "1"}
    return {"kind": kind.lower(), **request}
