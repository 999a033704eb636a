"""``python -m jupyter_zflow``: the command line."""

from __future__ import annotations

from jupyter_zflow.cli import main

if __name__ == "__main__":
    main()
