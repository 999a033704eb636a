"""Secrets that would travel: well-known forms of keys, and files that exist to hold them.

A line that only looks like a secret says so with ``pragma: allowlist secret``, the mark that
``detect-secrets`` and others know.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jupyter_zflow.bundle.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.model.finding import Finding

ALLOWED = "pragma: allowlist secret"
_LARGEST = 8 << 20
"""Bytes; data sets beyond that are not read for keys."""
_NAMES = (
    ".env",
    ".env.*",
    ".netrc",
    ".pgpass",
    ".pypirc",
    ".git-credentials",
    ".databrickscfg",
    "credentials",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "*.kdbx",
    "*.p12",
    "*.pfx",
)
_HARMLESS = (".env.example", ".env.sample", ".env.template")
_FORMS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "an AWS secret access key": (
        r"(?i)aws_?secret_?(?:access_?)?key['\"]?\s*[:=]\s*['\"]?[A-Za-z0-9/+]{40}\b"
    ),
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Databricks token": r"\bdapi[0-9a-f]{32}\b",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "a Hugging Face token": r"\bhf_[A-Za-z]{34}\b",
    "an OpenAI or Anthropic key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
}
_FORMS_OF_CODE = {
    "a password in an address": r"\b[a-z][a-z0-9+.-]{2,}://[^\s/:@'\"\\{}]+:[^\s/@'\"\\{}$<>]{3,}@[^\s'\"]",
}
_CODE = (".cfg", ".ini", ".ipynb", ".json", ".py", ".sh", ".sql", ".toml", ".txt", ".yaml", ".yml")
"""Data may hold such addresses in plenty, code should not."""
_PATTERNS = {what: re.compile(form.encode()) for what, form in _FORMS.items()}
_CODE_PATTERNS = {
    **_PATTERNS,
    **{what: re.compile(form.encode()) for what, form in _FORMS_OF_CODE.items()},
}
_EXCLUDE = "Keep it out: read it from Secrets Manager or a source when the stage runs. "


def leaks(path: str, content: bytes) -> Iterator[Finding]:
    """Yield what is wrong with a file that would travel."""
    name = PurePosixPath(path).name
    if name not in _HARMLESS and any(fnmatchcase(name, form) for form in _NAMES):
        yield finding(
            "ZF502",
            f"{path!r} is a kind of file that holds secrets.",
            remedy=f"{_EXCLUDE}Leave the file out with a line in .zflowignore.",
        )
        return
    if len(content) > _LARGEST:
        return
    for what, place in _found(path, content):
        yield finding(
            "ZF501",
            f"{path!r}, {place}: this looks like {what}.",
            remedy=f"{_EXCLUDE}Where it is none, end the line with '# {ALLOWED}'.",
        )


def _found(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield what each suspicious line looks like, and where it is."""
    patterns = _CODE_PATTERNS if path.endswith(_CODE) else _PATTERNS
    for what, pattern in patterns.items():
        for match in pattern.finditer(content):
            start = content.rfind(b"\n", 0, match.start()) + 1
            end = content.find(b"\n", match.end())
            line = content[start : end if end >= 0 else len(content)]
            if ALLOWED.encode() not in line:
                yield what, _place(path, content, match.start())
                break


def _place(path: str, content: bytes, position: int) -> str:
    number = content.count(b"\n", 0, position) + 1
    if not path.endswith(".ipynb"):
        return f"line {number}"
    cell = _cell(content, number)
    return f"line {number}" if cell is None else f"cell {cell + 1}"


def _cell(content: bytes, number: int) -> int | None:
    """Return the author's cell that a line of a stage notebook's file belongs to."""
    line = content.split(b"\n")[number - 1].strip().rstrip(b",")
    try:
        text = json.loads(line)
        cells = json.loads(content)["cells"]
    except (ValueError, KeyError, TypeError):
        return None
    for cell in cells:
        if isinstance(text, str) and text in cell.get("source", ()):
            found = cell.get("metadata", {}).get("zflow", {}).get("cell")
            return found if isinstance(found, int) else None
    return None
