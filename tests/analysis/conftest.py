"""How many examples the property tests of the analysis try."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("thorough", deadline=None, print_blob=True)
