"""What belongs to its process, and how to say so.

pickle would store some of these as something else; others it refuses in words that only help who
knows how pickle works.
"""

from __future__ import annotations

import re

FALSE_FRIENDS = {
    ("weakref", "ProxyType"): "a weak reference does not keep what it points to",
    ("weakref", "CallableProxyType"): "a weak reference does not keep what it points to",
    ("weakref", "ReferenceType"): "a weak reference does not keep what it points to",
    ("weakref", "KeyedRef"): "a weak reference does not keep what it points to",
    ("weakref", "WeakMethod"): "a weak reference does not keep what it points to",
    ("weakref", "finalize"): "a finalizer waits for the end of an object of this process",
    ("multiprocessing.shared_memory", "SharedMemory"): "shared memory ends with its process",
    ("_thread", "_local"): "thread-local values belong to their thread",
    ("_contextvars", "ContextVar"): "a context variable belongs to its process",
    ("ipykernel.iostream", "OutStream"): "the kernel's own output stream belongs to its process",
    ("threading", "Thread"): "a thread belongs to its process",
    ("subprocess", "Popen"): "a child process belongs to the process that started it",
    ("_queue", "SimpleQueue"): "a queue between threads belongs to its process",
    ("concurrent.futures._base", "Future"): "a future belongs to its process; store its result",
    ("tempfile", "_TemporaryFileWrapper"): "an open file belongs to its process",
    ("sqlite3", "Row"): "a row points into its connection; store dict(row) or tuple(row)",
    ("builtins", "traceback"): "a traceback holds running code; store its text",
    ("builtins", "frame"): "a frame is running code",
    ("_csv", "reader"): "a reader reads what is open in its process; make a list of it",
    ("_csv", "writer"): "a writer writes to what is open in its process",
    ("mmap", "mmap"): "a mapped file belongs to its process",
    ("posix", "ScandirIterator"): "a folder that is being listed belongs to its process",
    ("posix", "DirEntry"): "an entry of a folder belongs to its process; store its path",
    ("_hashlib", "HASH"): "a running hash lives in a library; store its digest",
    ("numpy", "flatiter"): "an iterator over an array cannot be stored; make one where it is used",
    ("numpy", "nditer"): "an iterator over an array cannot be stored; make one where it is used",
}
"""Type -> why its values cannot cross."""

_HELD = {
    "_thread.lock": "a lock",
    "_thread.RLock": "a lock",
    "_io.TextIOWrapper": "an open file",
    "PixelAccess": "access to the pixels of an image",
    "_ctypes.CField": "a class that describes memory (ctypes.Structure)",
    "sqlite3.Connection": "a database connection",
    "sqlite3.Cursor": "a database cursor",
    "_ssl._SSLContext": "an SSL context",
    "SSLContext": "an SSL context",
    "generator": "a running generator",
    "module": "a module",
}
_CANNOT = re.compile(r"cannot pickle '?([\w.]+)'? object")
_MULTIPROCESSING = "should only be shared between processes through inheritance"


def why(kind: type) -> str | None:
    """Return why values of a type cannot cross, or nothing."""
    for parent in kind.__mro__:
        reason = FALSE_FRIENDS.get((parent.__module__, parent.__name__))
        if reason is not None:
            return reason
    return None


def reworded(text: str) -> str:
    """Return what pickle said in words that help."""
    found = _CANNOT.search(text)
    if found is not None:
        thing = found[1]
        return f"it is or holds {_HELD.get(thing, f'a {thing}')}, which belongs to its process"
    if _MULTIPROCESSING in text:
        return "memory that a process shares with its children belongs to it"
    if "non-trivial __cinit__" in text or "cannot be converted to a Python object" in text:
        return "its library gives no way to store it"
    return text
