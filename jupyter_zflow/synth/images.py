"""The containers that stages run in unless their author names another.

SageMaker pulls from private registries of its own region only, so the image's account depends on
the region: the template carries the table below as a mapping.
"""

from __future__ import annotations

from jupyter_zflow.registry import instance

VERSION = "4.4.1"
"""SageMaker Distribution with Python 3.12, papermill and ipykernel."""

MAPPING = "SageMakerDistribution"
ACCOUNT = "DistributionAccount"
"""The placeholder in the definition that the mapping fills."""

ACCOUNTS = {
    "af-south-1": "238384257742",
    "ap-east-1": "523751269255",
    "ap-northeast-1": "010972774902",
    "ap-northeast-2": "064688005998",
    "ap-northeast-3": "564864627153",
    "ap-south-1": "245090515133",
    "ap-southeast-1": "022667117163",
    "ap-southeast-2": "648430277019",
    "ap-southeast-3": "370607712162",
    "ca-central-1": "481561238223",
    "eu-central-1": "545423591354",
    "eu-north-1": "175620155138",
    "eu-south-1": "810671768855",
    "eu-west-1": "819792524951",
    "eu-west-2": "021081402939",
    "eu-west-3": "856416204555",
    "me-central-1": "358593528301",
    "me-south-1": "523774347010",
    "sa-east-1": "567556641782",
    "us-east-1": "885854791233",
    "us-east-2": "137914896644",
    "us-west-1": "053634841547",
    "us-west-2": "542918446943",
}
"""Region -> account of AWS that publishes the image."""


def default_image(instance_type: str) -> str:
    """Return the image for the instance: with CUDA when it has GPUs."""
    processor = "gpu" if instance(instance_type).gpus else "cpu"
    registry = f"${{{ACCOUNT}}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}"
    return f"{registry}/sagemaker-distribution-prod:{VERSION}-{processor}"
