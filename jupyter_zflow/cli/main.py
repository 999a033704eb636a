"""One place that turns what happens into an exit status, a sentence and a JSON document.

====== =======================================================
status meaning
====== =======================================================
0      done
1      a stage failed
2      refused: findings of severity error, or wrong usage
70     a mistake of ours
130    interrupted
====== =======================================================
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from jupyter_zflow.cli.group import VerbGroup
from jupyter_zflow.errors import RefusedError, ZflowError

if TYPE_CHECKING:
    from collections.abc import Sequence

TRACEBACK = "ZFLOW_TRACEBACK"
OURS = 70
INTERRUPTED = 130


@click.group(
    cls=VerbGroup,
    verbs={
        "check": "jupyter_zflow.cli.check:check",
        "export": "jupyter_zflow.cli.export:export",
        "run": "jupyter_zflow.cli.run:run",
        "verify": "jupyter_zflow.cli.verify:verify",
        "synth": "jupyter_zflow.cli.synth:synth",
        "diff": "jupyter_zflow.cli.diff:diff",
        "bundle": "jupyter_zflow.cli.bundle:bundle",
        "deploy": "jupyter_zflow.cli.deploy:deploy",
        "start": "jupyter_zflow.cli.start:start",
        "stop": "jupyter_zflow.cli.start:stop",
        "status": "jupyter_zflow.cli.executions:status",
        "executions": "jupyter_zflow.cli.executions:executions",
        "logs": "jupyter_zflow.cli.executions:logs",
        "suggest": "jupyter_zflow.cli.suggest:suggest",
        "convert": "jupyter_zflow.cli.convert:convert",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="jupyter-zflow", prog_name="jupyter zflow")
def zflow() -> None:
    """Turn a notebook into an AWS Step Functions pipeline: right, or refused."""


def run(words: Sequence[str]) -> int:
    """Run one command and return the exit status."""
    as_json = "--json" in words
    try:
        status = zflow.main(args=list(words), prog_name="jupyter zflow", standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        return _wrong_usage(error, as_json=as_json)
    except ZflowError as error:
        return _refused(error, as_json=as_json)
    except BrokenPipeError:
        # The reader went away, as `| head` does; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        return _ours(error, as_json=as_json)
    return status if isinstance(status, int) else 0


def _wrong_usage(error: click.ClickException, *, as_json: bool) -> int:
    error.show(sys.stderr)
    if as_json:
        _print_error("UsageError", error.format_message(), "", ())
    return 2


def _refused(error: ZflowError, *, as_json: bool) -> int:
    findings = error.findings if isinstance(error, RefusedError) else ()
    if findings:
        from jupyter_zflow.cli.tables import print_findings

        print_findings(findings)
    else:
        click.echo(f"{click.style('Error:', fg='red')} {error}", err=True)
    if as_json:
        _print_error(type(error).__name__, error.message, error.remedy, findings)
    return error.exit_status


def _ours(error: Exception, *, as_json: bool) -> int:
    message = f"{type(error).__name__}: {error}"
    remedy = f"This is a mistake of jupyter-zflow. Set {TRACEBACK}=1 to see where, and report it."
    click.echo(f"{click.style('Error:', fg='red')} {message}\n{remedy}", err=True)
    if as_json:
        _print_error("InternalError", message, remedy, ())
    return OURS


def _print_error(reason: str, message: str, remedy: str, findings: Sequence[Any]) -> None:
    content = {
        "message": message,
        "remedy": remedy,
        "reason": reason,
        "findings": [finding.model_dump() for finding in findings],
    }
    click.echo(json.dumps(content, ensure_ascii=False))
