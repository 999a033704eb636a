"""Lines that a type checker must accept, and lines marked ``# wrong`` that it must not."""

from __future__ import annotations

from jupyter_zflow.dsl import (
    PipelineBuilder,
    Retry,
    StackBuilder,
    batch_transform_job,
    databricks_job,
    processing_job,
    slurm_job,
    training_job,
)

load = processing_job("load", instance_type="ml.m5.large", environment={"A": "b"})
fit = training_job("fit", instance_type="ml.p5.48xlarge", retry=Retry(max_attempts=1))
score = batch_transform_job("score", instance_type="ml.m5.xlarge")
etl = databricks_job("etl", cluster={"num_workers": 1})
big = slurm_job("big", queue="gpu", gpus=4)
pipeline = PipelineBuilder("p").add_stage(load).add_stage(fit, after=[load, "load"])
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
PipelineBuilder("p", schedule=5)  # wrong
PipelineBuilder("p").add_stage("load")  # wrong
StackBuilder("s").add_pipeline("p")  # wrong
