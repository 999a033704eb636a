"""What all tests share: nothing yet but the server's plug-in."""

from __future__ import annotations
