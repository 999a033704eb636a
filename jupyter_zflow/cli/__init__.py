"""``jupyter zflow VERB``: a thin front of the actions.

Only the verb that is asked for is imported, so ``--help`` and mistakes answer at once.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit with its status."""
    import sys

    from jupyter_zflow.cli.main import run

    sys.exit(run(sys.argv[1:]))
