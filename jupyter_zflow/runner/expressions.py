"""JSONata in the state machine: ``{% ... %}`` in any string of a template.

Step Functions differs from plain JSONata in three ways that are kept here: an expression without
a result fails, ``$eval`` does not exist, and there are the functions ``$partition``, ``$range``,
``$hash``, ``$random``, ``$uuid`` and ``$parse``.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner.failures import QUERY, StateFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.model.value import Json

_ALGORITHMS = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}


def fill(template: Any, names: Mapping[str, Json], *, where: str) -> Any:
    """Return a template with every expression replaced by its value.

    Parameters
    ----------
    names
        The variables, ``states`` among them.
    where
        Which field of which state, for the error message.
    """
    if isinstance(template, str):
        text = template.strip()
        if text.startswith("{%") and text.endswith("%}"):
            return evaluate(text[2:-2].strip(), names, where=where)
        return template
    if isinstance(template, list):
        return [fill(item, names, where=where) for item in template]
    if isinstance(template, dict):
        return {key: fill(item, names, where=where) for key, item in template.items()}
    return template


def evaluate(source: str, names: Mapping[str, Json], *, where: str) -> Any:
    """Return the value of an expression.

    Raises
    ------
    StateFailedError
        The expression is wrong, or it has no value.
    """
    import jsonata
    from jsonata.jexception import JException
    from jsonata.utils import Utils

    try:
        expression = jsonata.Jsonata(source)
        expression.set_validate_input(False)
        expression.set_output_convert_nulls(False)
        for name, function in _FUNCTIONS.items():
            expression.register_lambda(name, function)
        value = expression.evaluate(
            None,
            {name: Utils.NULL_VALUE if held is None else held for name, held in names.items()},
        )
    except (JException, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        raise StateFailedError(QUERY, f"{where}: {source}: {error}") from None
    if value is None:
        raise StateFailedError(QUERY, f"{where}: {source} has no value")
    return _plain(value, where=f"{where}: {source}")


def _plain(value: Any, *, where: str) -> Any:
    """Return a result as plain JSON."""
    if value is None or type(value).__name__ == "NullValue" or _is_null(value):
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {str(key): _plain(item, where=where) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(item, where=where) for item in value]
    raise StateFailedError(QUERY, f"{where} is a function, not a value")


def _is_null(value: Any) -> bool:
    from jsonata.utils import Utils

    return value is Utils.NULL_VALUE


def _partition(items: Any, size: Any) -> Any:
    if int(size) < 1:
        message = f"$partition needs a positive size, not {size!r}"
        raise ValueError(message)
    return [list(items[start : start + int(size)]) for start in range(0, len(items), int(size))]


def _range(start: Any, stop: Any, step: Any) -> Any:
    if step == 0:
        message = "$range needs a step other than 0"
        raise ValueError(message)
    return list(range(int(start), int(stop) + (1 if step > 0 else -1), int(step)))


def _hash(data: Any, algorithm: str) -> str:
    if algorithm not in _ALGORITHMS:
        message = f"$hash knows {', '.join(sorted(_ALGORITHMS))}, not {algorithm!r}"
        raise ValueError(message)
    text = data if isinstance(data, str) else json.dumps(data)
    return hashlib.new(algorithm.replace("-", "").lower(), text.encode()).hexdigest()


def _random(seed: Any = None) -> float:
    return random.Random(seed).random()  # noqa: S311  not for secrets


def _uuid() -> str:
    return str(uuid.uuid4())


def _parse(text: str) -> Any:
    return json.loads(text)


def _no_eval(*_: Any) -> Any:
    message = "Step Functions has no $eval"
    raise ValueError(message)


_FUNCTIONS = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": _uuid,
    "parse": _parse,
    "eval": _no_eval,
}
