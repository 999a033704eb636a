"""Lines that a type checker must accept, and lines marked ``# wrong`` that it must not."""

from __future__ import annotations

from jupyter_zflow.dsl import (
    PipelineBuilder,
    Retry,
    StackBuilder,
    batch_transform_job,
    databricks_job,
    fail,
    processing_job,
    slurm_job,
    training_job,
    wait,
)

load = processing_job("load", instance_type="ml.m5.large", environment={"A": "b"})
fit = training_job("fit", instance_type="ml.p5.48xlarge", retry=Retry(max_attempts=1))
score = batch_transform_job("score", instance_type="ml.m5.xlarge")
etl = databricks_job("etl", cluster={"num_workers": 1})
big = slurm_job("big", queue="gpu", gpus=4)
pause = wait("pause", seconds=60, when="auc > 0.8")
stop = fail("stop", when="failed(fit)", error="Model.TooBad")
many = training_job(
    "many",
    for_each="region in regions",
    max_concurrency=4,
    may_fail=True,
    outputs=["auc"],
    metrics=("loss",),
    metric_definitions={"auc": "auc=([0-9.]+)"},
    input_mode="FastFile",
    retry=[Retry(max_attempts=1, errors=("States.Timeout",)), Retry(jitter=True)],
)
pipeline = PipelineBuilder("p").add_stage(load).add_stage(fit, after=[load, "load"])
pipeline.add_stage(stop, after=[fit], needs=[load])
StackBuilder("s").add_pipeline(pipeline).generate(output_location="template.yaml")

processing_job("load", instance_type="ml.m5.larg")  # wrong
processing_job("load", instance_type="ml.p5.48xlarge")  # wrong
batch_transform_job("score", instance_type="ml.t3.medium")  # wrong
processing_job("load", "ml.m5.large")  # wrong
processing_job("load", spot=True)  # wrong
processing_job("load", environment={"A": 1})  # wrong
training_job("fit", retry=3)  # wrong
training_job("fit", timeout="1h")  # wrong
slurm_job("big")  # wrong
slurm_job("big", queue="gpu", instance_type="ml.m5.large")  # wrong
databricks_job("etl", existing_cluster=1)  # wrong
slurm_job("big", queue="gpu", heartbeat="1m")  # wrong
processing_job("load", heartbeat=60)  # wrong
processing_job("load", when=True)  # wrong
processing_job("load", for_each=["a"])  # wrong
processing_job("load", may_fail="yes")  # wrong
processing_job("load", outputs=[1])  # wrong
processing_job("load", retry=[3])  # wrong
processing_job("load", metric_definitions={})  # wrong
batch_transform_job("score", for_each="a in b")  # wrong
training_job("fit", input_mode="Pipe")  # wrong
training_job("fit", metric_definitions=["auc"])  # wrong
Retry(jitter="FULL")  # wrong
Retry(max_attempt=3)  # wrong
wait("pause", 60)  # wrong
wait("pause", seconds="60")  # wrong
fail("stop", retry=Retry())  # wrong
PipelineBuilder("p", schedule=5)  # wrong
PipelineBuilder("p").add_stage("load")  # wrong
PipelineBuilder("p").add_stage(load, needs=1)  # wrong
StackBuilder("s").add_pipeline("p")  # wrong
