"""``python -m jupyter_zflow.runtime``: run one stage of an execution."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.errors import ZflowError
from jupyter_zflow.runtime.stage import Order, run

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse(arguments: Sequence[str]) -> Order:
    """Read the arguments that the state machine gives to a job."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_zflow.runtime", description=__doc__)
    parser.add_argument("--bundle", required=True, type=Path, help="folder of the pipeline")
    parser.add_argument("--execution", required=True, help="URI of the execution")
    parser.add_argument("--stage", required=True, help="state name of the stage")
    parser.add_argument("--attempt", type=int, default=0, help="how often it was retried")
    parser.add_argument("--item", type=int, help="which item of a stage that runs for each one")
    parser.add_argument("--serve", help="HOST:PORT where the stage answers requests when it ran")
    given = parser.parse_args(arguments)
    return Order(given.bundle, given.execution, given.stage, given.attempt, given.item, given.serve)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a stage; return the exit status."""
    try:
        return run(parse(sys.argv[1:] if arguments is None else arguments))
    except ZflowError as error:
        print(error, file=sys.stderr)
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
