"""``PipelineBuilder``: stages, one after the other unless told otherwise."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from jupyter_zflow.dsl.values import build, check_name
from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Stage
from jupyter_zflow.model.surroundings import LogDays, Surroundings, Trigger
from jupyter_zflow.registry import check_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_zflow.model.value import Json


class PipelineBuilder:
    """Collect the stages of a pipeline.

    Parameters
    ----------
    parameters
        Defaults by name; :meth:`add_parameter` can say more.
    schedule
        ``rate(1 day)``, ``cron(0 6 * * ? *)`` or ``at(2030-12-01T06:00:00)``.
    timezone
        IANA name of the schedule's timezone.
    schedule_parameters
        Parameters of scheduled executions that differ from their defaults.
    tags
        Tags of everything that belongs to the pipeline.
    timeout
        Seconds that an execution may take, all its stages together.
    triggers
        Events that start an execution.
    on_failure
        ARN of the SNS topic that hears of each execution that failed, timed out or was aborted.
    alarm_topic
        ARN of the SNS topic of an alarm, which is on as long as executions fail.
    tracing
        Whether X-Ray traces executions.
    log_days
        How long the log of executions is kept.
    kms_key
        ARN of the key that encrypts disks, job outputs and logs.
    subnets, security_groups
        Where in a VPC SageMaker jobs run; it must reach S3.
    encrypt_traffic
        Whether the instances of one job encrypt what they send each other.
    permissions_boundary
        ARN of the policy that limits every role.
    role_path
        Path of every role and policy.

    ARNs and ids may hold ``${KmsKey}`` or the like, which becomes a parameter of the stack.

    Raises
    ------
    SettingsError
        A value that is not allowed; the message says which are.
    """

    def __init__(
        self,
        name: str,
        *,
        description: str = "",
        parameters: Mapping[str, Json] | None = None,
        schedule: str | None = None,
        timezone: str = "UTC",
        schedule_parameters: Mapping[str, Json] | None = None,
        tags: Mapping[str, str] | None = None,
        timeout: int | None = None,
        triggers: Sequence[Trigger] = (),
        on_failure: str | None = None,
        alarm_topic: str | None = None,
        tracing: bool = False,
        log_days: LogDays = 30,
        kms_key: str | None = None,
        subnets: Sequence[str] = (),
        security_groups: Sequence[str] = (),
        encrypt_traffic: bool = False,
        permissions_boundary: str | None = None,
        role_path: str = "/",
    ) -> None:
        check_name("pipeline", name)
        if schedule is not None:
            check_schedule(schedule, timezone=timezone)
        self.name = name
        self._fields: dict[str, Any] = {
            "description": description,
            "schedule": Schedule(
                expression=schedule,
                timezone=timezone,
                parameters=dict(schedule_parameters or {}),
            )
            if schedule
            else None,
            "tags": dict(tags or {}),
            "timeout": timeout,
            "triggers": tuple(triggers),
            "on_failure": on_failure,
            "alarm_topic": alarm_topic,
            "tracing": tracing,
            "log_days": log_days,
            "kms_key": kms_key,
            "subnets": tuple(subnets),
            "security_groups": tuple(security_groups),
            "encrypt_traffic": encrypt_traffic,
            "permissions_boundary": permissions_boundary,
            "role_path": role_path,
        }
        # What is wrong is told where it is written, not when the stages are there.
        around = {name: self._fields[name] for name in Surroundings.model_fields}
        build(Surroundings, f"Pipeline {name!r}", around)
        self._parameters: dict[str, Parameter] = {}
        self._stages: dict[str, Stage] = {}
        for parameter, default in (parameters or {}).items():
            self.add_parameter(parameter, default)

    def add_parameter(
        self,
        name: str,
        default: Json = None,
        *,
        annotation: str | None = None,
        help: str = "",  # noqa: A002
    ) -> Self:
        """Add a parameter of the pipeline: an execution's input may override its default.

        Parameters
        ----------
        annotation
            The type as Python writes it, such as ``int | None`` or ``Literal["a", "b"]``.
        """
        if name in self._parameters:
            raise SettingsError(f"Pipeline {self.name!r} has two parameters {name!r}.")
        fields = {"name": name, "default": default, "annotation": annotation, "help": help}
        self._parameters[name] = build(Parameter, f"Parameter {name!r}", fields)
        return self

    def add_stage(
        self,
        stage: Stage,
        *,
        after: Stage | str | Iterable[Stage | str] | None = None,
        needs: Stage | str | Iterable[Stage | str] | None = None,
    ) -> Self:
        """Add a stage.

        Parameters
        ----------
        after
            The stages that must have ended, themselves or their names. Left out, it is the
            stage that was added before; ``[]`` lets the stage begin at once.
        needs
            The stages without whose results it is skipped, when one of them was skipped or was
            allowed to fail. Left out, it is those it comes after.
        """
        if not isinstance(stage, Stage):
            raise SettingsError(
                f"add_stage takes a stage, not {stage!r}.",
                remedy="Make one with processing_job, training_job, databricks_job, ...",
            )
        if stage.name in self._stages:
            raise SettingsError(
                f"Pipeline {self.name!r} has two stages {stage.name!r}.",
                remedy="Rename one of them.",
            )
        waits = list(self._stages)[-1:] if after is None else self._all_known(after, stage)
        update: dict[str, Any] = {"after": tuple(dict.fromkeys(waits))}
        if needs is not None:
            update["needs"] = tuple(dict.fromkeys(self._all_known(needs, stage)))
        self._stages[stage.name] = stage.model_copy(update=update)
        return self

    def _all_known(self, others: Stage | str | Iterable[Stage | str], stage: Stage) -> list[str]:
        several = [others] if isinstance(others, Stage | str) else others
        return [self._known(other, stage) for other in several]

    def build(self) -> Pipeline:
        """Return the pipeline as a value."""
        if not self._stages:
            raise SettingsError(
                f"Pipeline {self.name!r} has no stage.", remedy="Add one with add_stage."
            )
        fields = {
            "name": self.name,
            "parameters": tuple(self._parameters.values()),
            "stages": tuple(self._stages.values()),
            **self._fields,
        }
        return build(Pipeline, f"Pipeline {self.name!r}", fields)

    def _known(self, other: Stage | str, stage: Stage) -> str:
        name = other.name if isinstance(other, Stage) else other
        if name not in self._stages:
            near = get_close_matches(str(name), self._stages, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise SettingsError(
                f"Stage {stage.name!r} comes after {name!r}, which was not added before it.",
                remedy=f"{hint}Added so far: {', '.join(map(repr, self._stages)) or 'none'}.",
            )
        return name
