"""``environments.yaml``: where a pipeline is deployed to, one entry for each environment.

::

    test:
      region: eu-central-1
      parameters: {Bucket: team-test, ScheduleState: DISABLED}
    live:
      stack: sizing
      region: eu-central-1
      profile: live
      parameters: {Bucket: team-live}

Nothing secret has a place in it: credentials come from where boto3 looks for them.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from jupyter_zflow.errors import SettingsError, UsageError
from jupyter_zflow.model.value import Value

if TYPE_CHECKING:
    from pathlib import Path

FILE = "environments.yaml"


class Environment(Value):
    """Where to, and with which settings."""

    stack: str | None = None
    """Name of the stack; default: the pipeline's, followed by ``-`` and the environment's."""
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    parameters: dict[str, str] = {}
    """Parameters of the stack."""
    tags: dict[str, str] = {}


def read_environment(folder: Path, name: str) -> Environment:
    """Return an environment of a pipeline folder.

    Raises
    ------
    UsageError
        When there is no such environment.
    SettingsError
        When a setting is unknown or has a wrong value.
    """
    path = folder / FILE
    known = _read(path)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(
            f"{path} has no environment {name!r}.{hint}",
            remedy=f"Known are {', '.join(map(str, known)) or 'none'}.",
        )
    try:
        return Environment.model_validate(known[name] or {})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{path}, {name}: {place} is {first['input']!r}: {first['msg']}.",
            remedy=f"Settings are {', '.join(Environment.model_fields)}; values are texts.",
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"There is no {path}.",
            remedy="Write one, or leave --environment out and give --parameter NAME=VALUE.",
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {' '.join(str(error).split())}.") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path} should map names of environments to settings.")
    return content
