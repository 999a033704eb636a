"""PyTorch's global generators, of the CPU and of each GPU."""

from __future__ import annotations

import sys
from typing import Any


def capture() -> Any:
    """Return the generators' states; None when PyTorch was never imported."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return None
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return torch.get_rng_state().numpy(), [state.numpy() for state in gpus]


def restore(value: Any) -> None:
    """Continue where the other process stood; a GPU that is not here is left out."""
    if value is None:
        return
    from importlib import import_module

    torch: Any = import_module("torch")
    cpu, gpus = value
    torch.set_rng_state(torch.from_numpy(cpu.copy()))
    for index, state in enumerate(gpus[: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(torch.from_numpy(state.copy()), index)
