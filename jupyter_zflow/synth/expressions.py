"""Texts inside the state machine: JSONata, CloudFormation's placeholders, and plain words.

Three languages meet in one string of the definition, so every text that a user wrote goes
through :func:`literal` once. What our expressions use is this and no more, so that the local
interpreter can promise to compute the same:

* variables, ``$states.input``, ``$states.result``, ``$states.context``
* ``&``, ``+ - * /``, comparisons, ``and``, ``or``, ``in``, ``? :``, ``[...]`` with a condition,
  ``:=``, literals
* ``$count``, ``$error``, ``$exists``, ``$hash``, ``$join``, ``$keys``, ``$length``, ``$lookup``,
  ``$merge``, ``$not``, ``$parse``, ``$sort``, ``$string``, ``$substring``, ``$substringAfter``,
  ``$type``
"""

from __future__ import annotations

import json
from typing import Any

INPUT = "{% $states.input %}"


def expression(source: str) -> str:
    """Return a field whose value Step Functions computes."""
    return f"{{% {source} %}}"


def quoted(text: str) -> str:
    """Return the text as a JSONata string."""
    # JSONata knows JSON's escapes but has none for the single quote.
    plain = "'" not in text and json.dumps(text, ensure_ascii=False) == f'"{text}"'
    return f"'{text}'" if plain else json.dumps(text, ensure_ascii=False)


PLACEHOLDERS = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix", "Bucket")
"""What an address, such as an image's, may leave to the deployment."""


def address(text: str) -> str:
    """Return a user's address, in which some placeholders mean what they say."""
    escaped = literal_text(text)
    for name in PLACEHOLDERS:
        escaped = escaped.replace(f"${{!{name}}}", f"${{{name}}}")
    return escaped


def literal(value: Any) -> Any:
    """Return a user's value so that it arrives exactly as written, whatever it looks like."""
    if isinstance(value, dict):
        return {literal_text(key): literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal(item) for item in value]
    return literal_text(value) if isinstance(value, str) else value


def literal_text(text: str) -> str:
    """Return a user's text so that neither JSONata nor CloudFormation sees anything in it."""
    escaped = text.replace("${", "${!")
    stripped = text.strip()
    if stripped.startswith("{%") and stripped.endswith("%}"):
        return expression(quoted(escaped))
    return escaped
