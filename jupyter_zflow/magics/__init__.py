"""The same contract in the author's kernel: ``%%stage``, ``%pipeline`` and ``%zflow``.

The magics run cells as if they were not there; what they say is read from the saved notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load(shell: InteractiveShell) -> None:
    """Register the magics in a shell."""
    from jupyter_zflow.magics.magics import ZflowMagics

    shell.register_magics(ZflowMagics)
