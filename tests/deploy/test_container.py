"""The contract with SageMaker: the template's own commands, in processes with a real /opt/ml."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.actions.prepare import prepare
from jupyter_zflow.bundle import read_bundle
from jupyter_zflow.bundle.entry import run_stage
from jupyter_zflow.deploy.account import Account
from jupyter_zflow.deploy.bundles import Shelf, upload
from jupyter_zflow.export.bundle import build_bundle, write_files
from jupyter_zflow.notebook.document import read

from . import container
from .emulator import BUCKET, REGION, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .sagemaker import Job, SageMaker

pytestmark = [
    pytest.mark.aws,
    pytest.mark.skipif(bool(container.refusal()), reason=container.refusal() or "none"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

PREPARE = """\
if rate > 4:
    raise ValueError('too much')
rows = [rate]"""
ENDLESS = """\
import time
with open('/opt/ml/checkpoints/state', 'a') as state:
    state.write('x')
print('begun', flush=True)
total = len(open("/opt/ml/checkpoints/state").read()) + 0 * len(rows)
while total < 2:
    time.sleep(0.05)"""


class Deployed:
    """A pipeline whose bundle lies in the bucket."""

    def __init__(self, notebook: Path, aws: Emulator) -> None:
        prepared = prepare(read(notebook))
        folder = notebook.parent / "folder"
        write_files(build_bundle(prepared.document, prepared.analysis).files, folder)
        bundle = read_bundle(folder)
        upload(Account(REGION, None, aws.url), bundle, Shelf(BUCKET, "totals"))
        assert prepared.definition is not None
        self.definition = prepared.definition
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

    def begin(self, execution: str, **parameters: Any) -> None:
        """Write what the state machine's first state writes."""
        facts = {"execution": execution, "pipeline": "totals", "parameters": parameters}
        key = f"totals/executions/{execution}/execution.json"
        self.aws.client.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(facts).encode())

    def create(
        self, client: Any, jobs: SageMaker, state: str, *, execution: str, attempt: int = 0
    ) -> Job:
        """Start the job that a state of the definition would start."""
        task = json.loads(self.definition)["States"][state]
        text = json.dumps(task["Arguments"])
        for placeholder, value in self.values.items():
            text = text.replace(f"${{{placeholder}}}", value)
        request: dict[str, Any] = json.loads(text)
        kind = "Processing" if "Processing" in task["Resource"] else "Training"
        program = request.get("AppSpecification") or request["AlgorithmSpecification"]
        place = f"s3://{BUCKET}/totals/executions/{execution}"
        program["ContainerArguments"][5:] = [place, "--attempt", str(attempt)]
        name = request[f"{kind}JobName"] = f"{execution}-{state}-{attempt}"
        if kind == "Training":
            request["OutputDataConfig"]["S3OutputPath"] = f"{place}/{state}/job"
            request["CheckpointConfig"] = {"S3Uri": f"{place}/{state}/checkpoints"}
            request["HyperParameters"] = {"unused": "1"}
        getattr(client, f"create_{kind.lower()}_job")(**request)
        return jobs.job(kind, name)

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


def test_what_a_job_leaves_when_it_fails_is_stopped_and_goes_on(
    deployed: Callable[..., Deployed], service: tuple[SageMaker, Any]
) -> None:
    jobs, client = service
    pipeline = deployed({1: PREPARE, 2: ENDLESS})
    pipeline.begin("bad", rate=99.0)
    pipeline.begin("spot")

    broken = pipeline.create(client, jobs, "prepare", execution="bad")
    whole = pipeline.create(client, jobs, "prepare", execution="spot")
    assert broken.ended.wait(60)
    assert whole.ended.wait(60)
    stopped = pipeline.create(client, jobs, "train", execution="spot")
    while "begun" not in stopped.log and not stopped.ended.is_set():
        stopped.ended.wait(0.05)
    client.stop_training_job(TrainingJobName=stopped.name)
    assert stopped.ended.wait(60)
    resumed = pipeline.create(client, jobs, "train", execution="spot", attempt=1)
    assert resumed.ended.wait(60)

    assert (broken.status, broken.reason) == ("Failed", "prepare: ValueError: too much")
    told = pipeline.read("bad", "prepare/result.json")
    assert (told["status"], told["error"]["cell"], told["error"]["line"]) == ("FAILED", 1, 2)
    assert pipeline.read("bad", "prepare/notebook.ipynb")["cells"]
    assert (stopped.status, stopped.reason) == (
        "Stopped",
        "train: Stopped: the stage was stopped by SIGTERM",
    )
    assert resumed.status == "Completed", resumed.log
    assert pipeline.read("spot", "train/result.json")["outputs"] == {"total": 2}


def test_a_bundle_is_fetched_where_nobody_brings_it(
    deployed: Callable[..., Deployed], aws: Emulator, tmp_path: Path
) -> None:
    pipeline = deployed()
    pipeline.begin("fetched", rate=2.0)
    place = f"s3://{BUCKET}/totals"
    program = [sys.executable, run_stage.__file__, "--stage", "prepare", "--attempt", "0"]
    where = ["--execution", f"{place}/executions/fetched", "--bundle"]

    good, bad = (
        subprocess.run(
            [*program, *where, f"{place}/bundles/{version}/"],
            env={**os.environ, **aws.environment, "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        for version in (pipeline.values["BundleVersion"], "nowhere")
    )

    assert good.returncode == 0, good.stderr
    assert pipeline.read("fetched", "prepare/result.json")["outputs"] == {"rows": [2.0, 4.0, 6.0]}
    assert (bad.returncode, "there is no bundle at" in bad.stderr) == (2, True)
