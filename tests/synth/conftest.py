"""Small pipelines, one for each thing that a template can hold."""

from __future__ import annotations

import pytest

from jupyter_zflow.model.compute import DatabricksCompute, SageMakerCompute, SlurmCompute
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Pause, Refusal, Retry, Stage, TransformData
from jupyter_zflow.model.surroundings import Trigger

GPU = SageMakerCompute(instance_type="ml.g5.xlarge")

EXAMPLES: dict[str, Pipeline] = {
    "processing": Pipeline(
        name="Size advice",
        description="Which size to recommend; costs ${5} a day",
        parameters=(
            Parameter(name="rounds", default=200),
            Parameter(name="brands", default=["own", "other"]),
            Parameter(name="sample", default=None),
            Parameter(name="greeting", default="{% hello %}"),
        ),
        stages=(
            Stage(name="prepare", environment={"MODE": "${fast}", "LIKE": "{% 1 %}"}),
            Stage(
                name="report & plot",
                after=("prepare",),
                compute=SageMakerCompute(
                    instance_type="ml.m5.4xlarge",
                    instance_count=2,
                    volume_size_gb=100,
                    image="123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/report:3",
                ),
                timeout=3600,
                description="A table and a plot",
                parameters={"rounds": 10},
            ),
        ),
        tags={"team": "sizing", "cost-centre": "4711"},
    ),
    "training": Pipeline(
        name="training",
        stages=(
            Stage(
                name="spot",
                kind="training",
                compute=GPU.model_copy(update={"spot": True, "max_wait": 7200}),
                timeout=3600,
                retry=Retry(max_attempts=3, interval=60, max_delay=600),
            ),
            Stage(
                name="warm",
                kind="training",
                metrics=("auc",),
                metric_definitions={"loss": "loss: ([0-9.]+)"},
                compute=GPU.model_copy(
                    update={
                        "input_mode": "FastFile",
                        "keep_alive": 600,
                        "image": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/fit:1",
                    }
                ),
                retry=Retry(errors=("SageMaker.ResourceLimitExceededException",), backoff=1.5),
            ),
        ),
    ),
    "transform": Pipeline(
        name="transform",
        stages=(
            Stage(name="fit", kind="training"),
            Stage(
                name="score",
                kind="transform",
                after=("fit",),
                environment={"MODE": "fast"},
                transform=TransformData(input="fit/records/new.csv"),
            ),
            Stage(
                name="score other",
                kind="transform",
                after=("fit",),
                transform=TransformData(
                    input="s3://${Bucket}/incoming",
                    output="s3://elsewhere/scores/",
                    content_type="application/json",
                    split_type="None",
                    assemble_with="None",
                    strategy="SingleRecord",
                    max_payload_mb=6,
                ),
            ),
        ),
    ),
    "databricks": Pipeline(
        name="databricks",
        stages=(
            Stage(
                name="etl",
                kind="databricks",
                compute=DatabricksCompute(),
                notebook="stages/etl.ipynb",
                environment={"MODE": "fast"},
                timeout=7200,
                retry=Retry(max_attempts=1),
            ),
            Stage(
                name="shared",
                kind="databricks",
                compute=DatabricksCompute(existing_cluster_id="1111-222222-abc"),
                notebook="stages/shared.ipynb",
                after=("etl",),
                timeout=3600,
            ),
            Stage(
                name="theirs",
                kind="databricks",
                compute=DatabricksCompute(job_id=42),
                after=("etl",),
            ),
        ),
    ),
    "slurm": Pipeline(
        name="slurm",
        stages=(
            Stage(
                name="fit",
                kind="slurm",
                compute=SlurmCompute(queue="gpu", gpus=2, cpus=8, memory="32G", time="2h"),
                environment={"MODE": "fast"},
            ),
            Stage(
                name="again",
                kind="slurm",
                compute=SlurmCompute(queue="gpu", time="1-12:00:00"),
                after=("fit",),
                timeout=200,
            ),
        ),
    ),
    "graph": Pipeline(
        name="graph",
        stages=(
            Stage(name="load"),
            Stage(name="model a", after=("load",)),
            Stage(name="model b", after=("load",)),
            Stage(name="plot b", after=("model b",)),
            Stage(name="choose", after=("model a", "plot b", "load")),
            Stage(name="alone"),
        ),
        schedule=Schedule(expression="cron(0 6 ? * MON-FRI *)", timezone="Europe/Berlin"),
    ),
    "conditions": Pipeline(
        name="conditions",
        parameters=(
            Parameter(name="threshold", default=0.8),
            Parameter(name="country", default="de"),
        ),
        stages=(
            Stage(name="fit", kind="training", outputs=("auc",), metrics=("loss",), may_fail=True),
            Stage(
                name="deploy",
                after=("fit",),
                when="auc > threshold and loss < 0.5 and country in ['de', 'fr']",
            ),
            Stage(name="alarm", after=("fit",), when="failed(fit) or country == 'xx'"),
            Stage(name="announce", after=("deploy",)),
            Stage(name="report", after=("alarm", "announce"), needs=()),
            Stage(
                name="cool down",
                kind="wait",
                pause=Pause(seconds=60),
                after=("report",),
                when="skipped(deploy)",
            ),
            Stage(
                name="give up",
                kind="fail",
                refusal=Refusal(error="Model.TooBad", cause="No model was good enough"),
                after=("cool down",),
                when="skipped(deploy) and country != 'xx'",
                needs=(),
            ),
        ),
    ),
    "surroundings": Pipeline(
        name="surroundings",
        parameters=(Parameter(name="key", default="none"), Parameter(name="n", default=1)),
        stages=(
            Stage(name="prepare"),
            Stage(name="fit", kind="training", after=("prepare",)),
            Stage(name="score", kind="transform", after=("fit",)),
        ),
        schedule=Schedule(expression="rate(1 day)", timezone="Asia/Tokyo", parameters={"n": 2}),
        tags={"team": "sizing"},
        timeout=86_400,
        triggers=(
            Trigger(
                bucket="${Incoming}", prefix="orders/", parameters={"key": "$.detail.object.key"}
            ),
            Trigger(pattern={"source": ["shop.orders"], "detail": {"state": ["closed"]}}),
        ),
        on_failure="arn:aws:sns:eu-central-1:123456789012:failures",
        alarm_topic="${AlarmTopic}",
        tracing=True,
        log_days=90,
        kms_key="${KmsKey}",
        subnets=("${SubnetA}", "subnet-0123456789abcdef0"),
        security_groups=("sg-0123456789abcdef0",),
        encrypt_traffic=True,
        permissions_boundary="arn:aws:iam::${AWS::AccountId}:policy/boundary",
        role_path="/pipelines/",
    ),
    "loop": Pipeline(
        name="loop",
        parameters=(
            Parameter(name="region", default="de"),
            Parameter(name="regions", default=["de", "fr"]),
            Parameter(name="fold", default=0),
        ),
        stages=(
            Stage(name="load", outputs=("folds",)),
            Stage(name="fit", after=("load",), for_each="region in regions"),
            Stage(
                name="validate",
                kind="training",
                compute=GPU.model_copy(update={"spot": True}),
                after=("load",),
                for_each="fold in load.folds",
                max_concurrency=4,
                tolerated_failures=1,
                retry=(
                    Retry(errors=("States.Timeout",), max_attempts=1),
                    Retry(max_attempts=3, jitter=True),
                ),
            ),
            Stage(
                name="crunch",
                kind="slurm",
                compute=SlurmCompute(queue="gpu", time="1h"),
                after=("fit", "validate"),
                for_each="region in regions",
                heartbeat=120,
            ),
        ),
    ),
}


@pytest.fixture(params=EXAMPLES.values(), ids=EXAMPLES.keys())
def example(request: pytest.FixtureRequest) -> Pipeline:
    return request.param


@pytest.fixture(scope="session")
def examples() -> dict[str, Pipeline]:
    return EXAMPLES
