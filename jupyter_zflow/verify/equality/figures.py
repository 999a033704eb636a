"""Figures by the picture that they draw."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.walk import Difference, NotComparableError

if TYPE_CHECKING:
    from jupyter_zflow.verify.equality.walk import Compare, Walk


def family(value: Any) -> Compare | None:
    """Return how a part of a figure is compared."""
    artist = sys.modules.get("matplotlib.artist")
    if artist is not None and isinstance(value, artist.Artist):
        return _picture
    return None


def _picture(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:  # noqa: ARG001
    pictures = [_drawn(value) for value in (one, other)]
    if pictures[0] == pictures[1]:
        return None
    return Difference(path, f"a picture of {len(pictures[0])} bytes", "another picture")


def _drawn(value: Any) -> bytes:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    figure = value.get_figure() if isinstance(value, Axes) else value
    if not isinstance(figure, Figure):
        raise NotComparableError
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="rgba")
    except Exception:  # noqa: BLE001  a figure of another backend, or with fonts that are missing
        raise NotComparableError from None
    return buffer.getvalue()
