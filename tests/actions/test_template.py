from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.actions.template import read_machines, the_machine
from jupyter_zflow.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = """\
Resources:
  Role: {{Type: "AWS::IAM::Role"}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      {definition}
"""


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ("DefinitionString: {'Fn::Sub': '{}'}", "{}"),
        ("DefinitionString: !Sub '{}'", "{}"),
        ("DefinitionString: !Sub ['{}', {A: !Ref Role}]", "{}"),
        ("DefinitionString: '{}'", "{}"),
        ("Definition: {StartAt: A}", '{\n  "StartAt": "A"\n}'),
    ],
)
def test_definitions(tmp_path: Path, definition: str, text: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(MACHINE.format(definition=definition))

    (machine,) = read_machines(path)

    assert (machine.name, machine.definition) == ("Machine", text)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("a: [", DefinitionError),
        ("[]", DefinitionError),
        ("Resources: 3", DefinitionError),
        (MACHINE.format(definition="DefinitionString: [1]"), DefinitionError),
        ("Resources: {}", UsageError),
    ],
)
def test_what_is_no_template(tmp_path: Path, content: str, error: type[Exception]) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(content)

    with pytest.raises(error, match=r"t\.yaml"):
        the_machine(path)
