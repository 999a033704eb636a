"""How the name that a person types becomes the names that machines accept.

A stage is called what its author called it. Three other spellings are derived:

========== ============================== =============================================
spelling   used for                       rule
========== ============================== =============================================
state      ASL state, notebook file       the name itself, odd characters as ``-``
slug       job names, S3 keys, roles      ASCII letters, digits and single ``-``
identifier Python variables in the script the slug with ``_``, never a keyword
========== ============================== =============================================

Two stages whose slugs are equal collide, whatever their other spellings.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache

STATE_NAME_LIMIT = 80
"""Longest state name (Amazon States Language)."""


def state_name(name: str) -> str:
    """Return the ASL state name, which is also the stem of the stage's notebook."""
    return re.sub(r"[^\w .-]+", "-", name.strip())[:STATE_NAME_LIMIT].strip(" .") or "stage"


@lru_cache(maxsize=4096)
def slug(name: str) -> str:
    """Return the name in ASCII letters, digits and single hyphens; it may be empty."""
    # Imported here because stages map names to states where only their own packages exist.
    from slugify import slugify

    return str(slugify(name))


def identifier(name: str) -> str:
    """Return a Python identifier for the name."""
    word = slug(name).replace("-", "_") or "stage"
    if word[0].isdigit() or keyword.iskeyword(word):
        word = f"stage_{word}"
    return word
