"""A container as SageMaker makes one, but for the image: a private ``/opt/ml``, one program, a log.

The process gets a mount namespace of its own, in which ``/opt`` holds what it holds here and
besides a fresh ``ml``; nothing of that is seen outside. Sources: "How Amazon SageMaker Processing
Configures Your Processing Container" and "How Amazon SageMaker Provides Training Information" in
the developer guide.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRIVATE = """
set -e
mount --make-rprivate /
mkdir -p "$1/opt"
mount --rbind /opt "$1/opt"
mount -t tmpfs tmpfs /opt
for entry in "$1"/opt/*; do
    [ -d "$entry" ] || continue
    name=$(basename "$entry")
    [ "$name" = ml ] && continue
    mkdir "/opt/$name"
    mount --rbind "$entry" "/opt/$name"
done
mkdir /opt/ml
mount --bind "$1/ml" /opt/ml
shift
exec "$@"
"""


@functools.cache
def refusal() -> str:
    """Return why no private ``/opt/ml`` can be had here; empty when it can."""
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "ml").mkdir()
        try:
            done = subprocess.run(
                _command(Path(scratch), ["true"]), capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            return "there is no unshare here"
    return "" if done.returncode == 0 else f"no mount namespace: {done.stderr.strip()}"


def _command(root: Path, program: Sequence[str]) -> list[str]:
    namespace = ["--mount"] if os.geteuid() == 0 else ["--mount", "--user", "--map-root-user"]
    return ["unshare", *namespace, "sh", "-c", _PRIVATE, "sh", str(root), *program]


class Container:
    """A process that finds ``<root>/ml`` at ``/opt/ml``."""

    def __init__(self, root: Path, program: Sequence[str], environment: Mapping[str, str]) -> None:
        self.root = root
        self.ml.mkdir(parents=True, exist_ok=True)
        (root / "home").mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            _command(root, program),
            # As in a container, nothing of the host's environment is there.
            env={
                "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin",
                "HOME": str(root / "home"),
                "LANG": "C.UTF-8",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def ml(self) -> Path:
        """What the process sees as ``/opt/ml``."""
        return self.root / "ml"

    @property
    def log(self) -> str:
        """What was printed so far."""
        return "".join(self._lines)

    def stop(self) -> None:
        """Ask the process to end, as SageMaker does when a job is stopped."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for the end and return the exit status."""
        try:
            status = self._process.wait(timeout=120)
        finally:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._reader.join()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line.decode(errors="replace"))
