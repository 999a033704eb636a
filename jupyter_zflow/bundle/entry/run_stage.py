"""The entry point of a container: from any Python 3.10 to a running stage.

``python3 <bundle>/lib/run_stage.py --bundle DIR --execution URI --stage NAME --attempt N`` sees
that the stage's packages are there and hands over to the runtime beside it. Only the standard
library is used until then, so that any image with Python is good enough.

What is pinned in ``requirements/<stage>.txt`` is what the notebook ran with, so other versions
are replaced: in a folder of its own, never in the image. ``ZFLOW_REQUIREMENTS`` may ask for less:

========== ==================================================================
value      means
========== ==================================================================
pinned     install what is missing or has another version (the default)
missing    install what is missing; tell which versions differ
installed  install nothing; fail when something is missing
========== ==================================================================

A bundle in S3 is fetched first, on machines where no service brings it.

Wheels in ``<bundle>/wheels``, or in the folder that ``ZFLOW_WHEELS`` names, are used in place of
an index; pip's own variables, such as ``PIP_INDEX_URL``, hold as well.
"""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
import tempfile
from importlib import import_module, invalidate_caches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

OLDEST = (3, 10)
MODES = ("pinned", "missing", "installed")
OUTPUT = Path("/opt/ml/output")
_OURS = "jupyter-zflow"
_SHOWN = 1024
"""Characters of a failure that SageMaker shows."""
_STATUS = 2


class NotReadyError(Exception):
    """The machine cannot run the stage."""


def main(arguments: list[str]) -> int:
    """Run the stage and return the exit status."""
    try:
        _check_python()
        bundle, stage = _fetched(_given(arguments, "--bundle")), _given(arguments, "--stage")
        library = bundle / "lib"
        needed = _read(library / "requirements.txt")
        pinned = _read(bundle / "requirements" / f"{stage}.txt")
        prepare(needed, pinned, wheels=_wheels(bundle))
    except NotReadyError as error:
        return _fail(str(error))
    sys.path[:] = [str(library), *(path for path in sys.path if path != str(library))]
    run = import_module("jupyter_zflow.runtime.__main__").main
    place = arguments.index("--bundle") + 1
    status: int = run([*arguments[:place], str(bundle), *arguments[place + 1 :]])
    return status


def _check_python() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise NotReadyError(f"the image has Python {found}; 3.10 or newer is needed.")


def prepare(needed: list[str], pinned: list[str], *, wheels: Path | None) -> None:
    """See that all requirements are met, as far as the environment asks for it."""
    mode = os.environ.get("ZFLOW_REQUIREMENTS", MODES[0])
    if mode not in MODES:
        raise NotReadyError(f"ZFLOW_REQUIREMENTS is {mode!r}; allowed are {', '.join(MODES)}.")
    absent = [line for line in (*needed, *pinned) if _installed(line) is None]
    other = [line for line in pinned if _installed(line) not in (None, _version(line))]
    if mode != "pinned":
        for line in other:
            print(f"run_stage: {line} was pinned, {_installed(line)} is installed", flush=True)
    if mode == "installed" and absent:
        raise NotReadyError(
            f"the image has no {', '.join(map(_name, absent))}, and ZFLOW_REQUIREMENTS=installed "
            "says that nothing may be installed. Use another image, or ZFLOW_REQUIREMENTS=missing."
        )
    wanted = [*absent, *other] if mode == "pinned" else absent
    if wanted and mode != "installed":
        _install(wanted, wheels=wheels)


def _install(lines: list[str], *, wheels: Path | None) -> None:
    """Install beside the image's own packages, and let this process and its kernel see them."""
    import venv

    print(f"run_stage: installing {', '.join(lines)}", flush=True)
    place = tempfile.mkdtemp(prefix="zflow-packages-")
    # A virtual environment sees what is installed, so pip adds only what is not.
    venv.EnvBuilder(system_site_packages=True, with_pip=False).create(place)
    own = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = Path(place, "lib", own, "site-packages")
    here = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (packages / "zflow.pth").write_text("\n".join(here), encoding="utf-8")
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    pip = [str(Path(place, "bin", "python")), "-m", "pip", "install", "--no-input", "--quiet"]
    done = subprocess.run(
        [*pip, "--disable-pip-version-check", "--no-warn-script-location", *source, *lines],
        check=False,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    sys.stderr.write(done.stderr)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotReadyError(
            f"{(said or ['pip failed, see the log'])[-1]} ({own}). Wanted: {', '.join(lines)}. "
            "Without a network, put wheels into the folder 'wheels' of the pipeline, or use an "
            "image that has the packages and ZFLOW_REQUIREMENTS=missing."
        )
    site.addsitedir(str(packages))
    sys.path[:] = [str(packages), *(path for path in sys.path if path != str(packages))]
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(packages), before]))
    invalidate_caches()


def _fetched(bundle: str) -> Path:
    """Return the bundle's folder; from S3, where nobody else has brought it, it is fetched."""
    if not bundle.startswith("s3://"):
        return Path(bundle).resolve()
    try:
        client = import_module("boto3").client("s3")
    except ImportError:
        raise NotReadyError(f"the bundle is {bundle}, and there is no boto3 to fetch it.") from None
    bucket, _, prefix = bundle[len("s3://") :].partition("/")
    prefix = f"{prefix.rstrip('/')}/"
    place = Path(tempfile.mkdtemp(prefix="zflow-bundle-"))
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                target = place / item["Key"][len(prefix) :]
                target.parent.mkdir(parents=True, exist_ok=True)
                client.download_file(bucket, item["Key"], str(target))
    except Exception as error:  # noqa: BLE001  whatever S3 says, it is the reason
        raise NotReadyError(f"{bundle} cannot be fetched: {error}") from None
    if not (place / "lib").is_dir():
        raise NotReadyError(f"there is no bundle at {bundle}. Deploy the pipeline again.")
    return place


def _given(arguments: list[str], option: str) -> str:
    for word, value in zip(arguments, arguments[1:]):  # noqa: B905, RUF007  Python 3.9 answers, too
        if word == option:
            return value
    raise NotReadyError(f"the job's arguments have no {option}: {' '.join(arguments)!r}.")


def _read(path: Path) -> list[str]:
    """Return the requirements of a file; a stage may have none."""
    if not path.is_file():
        return []
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and _name(line) != _OURS]


def _wheels(bundle: Path) -> Path | None:
    named = os.environ.get("ZFLOW_WHEELS")
    if named and not Path(named).is_dir():
        raise NotReadyError(f"ZFLOW_WHEELS is {named!r}, which is not a folder.")
    place = Path(named) if named else bundle / "wheels"
    return place if place.is_dir() else None


def _name(line: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]


def _version(line: str) -> str | None:
    """Return the version that a line pins; ``None`` when it pins none."""
    found = line.partition(";")[0].partition("==")[2].strip()
    return found or None


def _installed(line: str) -> str | None:
    """Return the installed version; a local part such as ``+cu121`` is no difference."""
    try:
        return version(_name(line)).partition("+")[0]
    except PackageNotFoundError:
        return None


def _fail(message: str) -> int:
    """Tell the log and SageMaker why the stage did not start."""
    print(f"run_stage: {message}", file=sys.stderr, flush=True)
    if OUTPUT.parent.is_dir():
        OUTPUT.mkdir(parents=True, exist_ok=True)
        for name in ("failure", "message"):
            (OUTPUT / name).write_text(message[:_SHOWN], encoding="utf-8")
    return _STATUS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
