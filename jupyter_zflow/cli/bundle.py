"""``jupyter zflow bundle``."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_zflow.cli.options import FOLDER, JSON, print_json


@click.command(short_help="Pack what travels to the stages' machines.")
@FOLDER
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write a folder, or an archive FILE.zip.",
)
@JSON
def bundle(folder: Path, *, output: Path | None, as_json: bool) -> int:
    """Pack stages, files, requirements and our runtime of FOLDER, and print the version.

    Without --output nothing is written: the version and what is wrong are shown.
    """
    from jupyter_zflow.bundle import read_bundle, write_bundle
    from jupyter_zflow.errors import RefusedError

    found = read_bundle(folder)
    if found.findings:
        raise RefusedError(found.findings)
    written = None if output is None else write_bundle(found, output)
    if as_json:
        print_json(
            {
                "version": found.version,
                "files": {path: file.sha256 for path, file in found.files.items()},
                "bytes": found.size,
                "output": None if written is None else str(written),
                "findings": [],
            }
        )
    else:
        place = "" if written is None else f" in {written}"
        click.echo(f"{found.version}: {len(found.files)} files, {found.size:,} bytes{place}")
    return 0
