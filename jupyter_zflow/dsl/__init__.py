"""The language of ``pipeline.py``: stages, pipelines, stacks.

A script says which stages there are and what they run on; ``generate`` turns it into a template.
Everything but a stage's name is given by keyword and typed, so an editor knows what is allowed
before anything runs::

    from jupyter_zflow.dsl import PipelineBuilder, StackBuilder, processing_job, training_job

    pipeline = (
        PipelineBuilder("returns")
        .add_stage(processing_job("prepare"))
        .add_stage(training_job("fit", instance_type="ml.g5.xlarge"))
    )
    StackBuilder("returns").add_pipeline(pipeline).generate()
"""

from __future__ import annotations

from jupyter_zflow.dsl.control import fail, wait
from jupyter_zflow.dsl.instance_types import (
    ProcessingInstanceType,
    TrainingInstanceType,
    TransformInstanceType,
)
from jupyter_zflow.dsl.pipeline import PipelineBuilder
from jupyter_zflow.dsl.script import report_errors_briefly
from jupyter_zflow.dsl.stack import StackBuilder
from jupyter_zflow.dsl.stages import (
    batch_transform_job,
    databricks_job,
    local_job,
    processing_job,
    slurm_job,
    training_job,
)
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.stage import Retry, Stage, TransformData
from jupyter_zflow.model.surroundings import Trigger

__all__ = [
    "Parameter",
    "PipelineBuilder",
    "ProcessingInstanceType",
    "Retry",
    "StackBuilder",
    "Stage",
    "TrainingInstanceType",
    "TransformData",
    "TransformInstanceType",
    "Trigger",
    "batch_transform_job",
    "databricks_job",
    "fail",
    "local_job",
    "processing_job",
    "slurm_job",
    "training_job",
    "wait",
]

report_errors_briefly()
