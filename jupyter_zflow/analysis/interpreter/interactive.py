"""What magics and shell commands do: the last layer of the interpreter, and its entry point."""

from __future__ import annotations

import ast
import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.code import bound_names
from jupyter_zflow.analysis.heap import NONE, Ref
from jupyter_zflow.analysis.interpreter.libraries import WORK, TooHardError
from jupyter_zflow.analysis.interpreter.statements import Statements
from jupyter_zflow.analysis.observed import NOTHING, Observed
from jupyter_zflow.analysis.record import normal
from jupyter_zflow.analysis.transform import CellMagic, parse, parse_fragment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.analysis.interpreter.arguments import Arguments
    from jupyter_zflow.analysis.modules import LocalModules
    from jupyter_zflow.analysis.record import CellRecord

_SHOWS_MACHINE: Final = re.compile(
    r"(ls|ll|dir|pwd|date|whoami|hostname|id|uname|uptime|arch|nproc|lscpu|free|df|du|nvidia-smi|which"
    r"|printenv|ps|(python3? -m )?pip3? (list|freeze|show|check)|conda (list|info|env list))"
    r"\b[^|;&<>`$(){}\n]*|[\w.-]+ (--version|-V)\s*"
)
"""Commands that change nothing and whose output tells about the machine."""
_SHELL_CELLS: Final = frozenset("bash sh script system sx ! perl ruby".split())
_RENDERED_CELLS: Final = frozenset("html HTML markdown javascript js latex svg SVG".split())
_CODE_LINES: Final = frozenset("time timeit prun memit".split())
_STATE_LINES: Final = {"env": "os.environ", "set_env": "os.environ", "cd": "cwd"}
_REPEATED_LINES: Final = frozenset("config matplotlib pylab precision load_ext reload_ext".split())
"""What every later stage says again, as it does imports."""

_QUIET_LINES: Final = frozenset(
    "pdb xmode colors autoreload automagic pprint alias_magic doctest_mode gui".split()
)
_LOOKING_LINES: Final = frozenset(
    "pinfo pinfo2 psource pdoc pdef pfile pwd lsmagic magic quickref history hist".split()
)
_NAMESPACE_LINES: Final = frozenset("who whos who_ls".split())
_SHELL_NAME: Final = re.compile(r"\{([^{}]+)\}|\$(\w+)")


class Interpreter(Statements):
    """Reads a notebook cell by cell."""

    def __init__(
        self,
        *,
        modules: LocalModules,
        last_change: Mapping[int, int] | None = None,
        last_wild: int = -1,
        observed: Observed = NOTHING,
    ) -> None:
        super().__init__(
            last_change=last_change or {},
            last_wild=last_wild,
            is_local_file=modules.exists,
            is_missing=modules.is_missing,
            keeps_state=modules.keeps_state,
            is_local_module=lambda name: bool(modules.files_of(name)),
        )
        self.modules = modules
        self.observed = observed

    def run(self, index: int, text: str) -> CellRecord:
        """Read one cell and return its record."""
        self.begin(index)
        self.seen = self.observed.of(text)
        self.followed, self.results = 0, {}
        self.work_limit = self.heap.work + (WORK >> min(self.fears, 5))
        parsed = parse(text)
        if parsed.error:
            self.find(
                "ZF207",
                "error",
                f"The cell is not valid Python: {parsed.error}.",
                line=parsed.error_line,
                remedy="Correct the cell, or tag it `skip`.",
            )
        try:
            if parsed.code_magic is not None:
                self._code_magic(parsed.code_magic)
            if parsed.magic is not None:
                self._cell_magic(parsed.magic)
            self.execute(parsed.tree.body)
            self.settle()
        except (RecursionError, TooHardError):
            self._fear(parsed.tree)
        body = parsed.tree.body
        self.record.shows_value = bool(body) and isinstance(body[-1], ast.Expr)
        self.finish()
        return self.record

    def _fear(self, tree: ast.Module) -> None:
        """Take a cell that is too hard to follow to use, bind and change anything."""
        self.frame, self.weak, self.forgiving, self.depth, self.active = None, 0, 0, 0, ()
        self.calm = True
        self.any_name(1, "more calls than can be followed", writes=True)
        self.find(
            "ZF224",
            "info",
            "This cell's calls are too many to follow, so its stage keeps "
            "the notebook's order and carries every variable.",
            line=None,
        )
        self.fears += 1
        anything = self.blur()
        for name, line in bound_names(tree).items():
            self.bind(name, anything, line, weak=True)

    # -- cell magics ---------------------------------------------------------------------------

    def _code_magic(self, magic: CellMagic) -> None:
        if magic.name == "capture":
            name = magic.arguments.split()[0] if magic.arguments else ""
            if name.isidentifier():
                self.bind(name, Ref(frozenset({self.heap.new()})), magic.line)
            self.heavy(magic.line, "%%capture")
        elif magic.name in {"time", "timeit", "prun"}:
            self.heavy(magic.line, f"%%{magic.name}")

    def _cell_magic(self, magic: CellMagic) -> None:
        if magic.name in _SHELL_CELLS:
            self.shell(f"{magic.arguments}\n{magic.body}", magic.line, expands=False)
            words = _words(magic.arguments)
            for flag, name in pairwise(words):
                if flag in {"--out", "--err", "--proc"}:
                    self.bind(name, Ref(type="str"), magic.line)
        elif magic.name in {"writefile", "file"}:
            words = [word for word in _words(magic.arguments) if word not in {"-a", "--append"}]
            self._expanded(magic.arguments, magic.line)
            appends = len(words) != len(_words(magic.arguments))
            self.heavy(magic.line, f"%%{magic.name}")
            if words:
                path = re.sub(r"\{[^{}]*\}|\$\w+", "*", words[-1].strip("'\""))
                self.write_file(path, magic.line, replaces=not appends)
        elif magic.name not in _RENDERED_CELLS:
            self.find(
                "ZF209",
                "warning",
                f"Nobody knows what %%{magic.name} reads and binds, so "
                "its stage keeps the notebook's order and carries every variable.",
                line=magic.line,
                remedy="Keep what depends on it in the same stage.",
            )
            self.any_name(magic.line, f"%%{magic.name}", writes=True)

    # -- get_ipython() ---------------------------------------------------------------------------

    def interactive(self, name: str, arguments: Arguments, node: ast.Call) -> Ref:
        """Evaluate a method of ``get_ipython()``."""
        texts = [ref.text for ref in arguments.positional]
        line = node.lineno
        if name.startswith("register_"):
            self.write_state("IPython.magics", line)
            return NONE
        first = texts[0] if texts else None
        if first is None:
            self.any_name(line, f"get_ipython().{name}()", writes=True)
            return Ref(frozenset({self.heap.new()}))
        if name in {"system", "getoutput", "system_raw", "getoutput_raw"}:
            self.shell(first, line, shown=name.startswith("system"))
            return Ref(frozenset({self.heap.new()}), "list")
        if name == "run_line_magic":
            return self.line_magic(first, texts[1] or "" if len(texts) > 1 else "", line)
        if name == "run_cell_magic" and len(texts) == 3:  # noqa: PLR2004  magic, arguments, body
            inner = parse(f"%%{first} {texts[1] or ''}\n{texts[2] or ''}")
            if inner.magic is not None:
                self._cell_magic(inner.magic)
            self.execute(inner.tree.body)
            return NONE
        if name in {"set_next_input", "show_usage"}:
            return NONE
        self.any_name(line, f"get_ipython().{name}()", writes=True)
        return Ref(frozenset({self.heap.new()}))

    def line_magic(self, name: str, text: str, line: int) -> Ref:
        """Note what ``%name text`` does."""
        if name in _CODE_LINES:
            tree = parse_fragment(re.sub(r"^(-\w+\s*\d*\s+)+", "", text), line=line)
            if tree is not None:
                self.execute(tree.body)
            self.heavy(line, f"%{name}")
            return Ref()
        self._expanded(text, line)
        if name in _REPEATED_LINES:
            self.record.own_imports[f"%{name} {text}".strip()] = line
            if name.endswith("load_ext"):
                self.record.packages.add(text.strip().partition(".")[0])
        elif name in _STATE_LINES:
            self._state_line(name, text.strip(), line)
        elif name in _NAMESPACE_LINES:
            self.any_name(line, f"%{name}", writes=False)
        elif name in {"pip", "conda", "mamba", "uv", "ls", "ll"}:
            self.shell(f"{name} {text}", line, shown=True)
        elif name in {"cat", "mkdir", "cp", "mv", "rm", "sx", "system", "sc"}:
            self.shell(f"{name} {text}", line)
        elif name == "run":
            self._run_script(text, line)
        elif name not in _LOOKING_LINES | _QUIET_LINES:
            self.find(
                "ZF209",
                "warning",
                f"Nobody knows what %{name} does, so its stage keeps "
                "the notebook's order and carries every variable.",
                line=line,
                remedy="Keep what depends on it in the same stage.",
            )
            self.any_name(line, f"%{name}", writes=True)
        return Ref(frozenset({self.heap.new()})) if name in {"sx", "who_ls"} else Ref(type="str")

    def _state_line(self, name: str, text: str, line: int) -> None:
        if name == "cd":
            self.read_file(text.removeprefix("-q").strip() or None, line)
        if name == "cd" or "=" in text or " " in text:
            self.write_state(_STATE_LINES[name], line)

    def _run_script(self, text: str, line: int) -> None:
        words = _words(text)
        script = next((word for word in words if word.endswith((".py", ".ipy"))), None)
        source = self.modules.source(script) if script is not None else None
        self.heavy(line, "%run")
        if script is None or source is None or script.endswith(".ipy"):
            self.any_name(line, "%run", writes=True)
            return
        self.read_file(script, line)
        tree = parse_fragment(source, line=1)
        if tree is None:
            self.any_name(line, "%run", writes=True)
            return
        for node in ast.walk(tree):
            if hasattr(node, "lineno"):
                node.lineno = line
        self.execute(tree.body)

    def shell(self, command: str, line: int, *, expands: bool = True, shown: bool = False) -> None:
        """Note a shell command: it may read and write any file.

        Parameters
        ----------
        shown
            Whether the notebook only shows what the command prints.
        """
        if expands:
            self._expanded(command, line)
        stripped = command.strip()
        if shown and _SHOWS_MACHINE.fullmatch(stripped):
            self._shows_machine(stripped, line)
            return
        if re.match(r"(python3? -m )?(pip3?|conda|mamba|uv)\b", stripped):
            self._installs(stripped, line)
            return
        self.heavy(line, f"!{stripped.splitlines()[0] if stripped else ''}"[:40])
        for word in _words(stripped):
            if self.is_local_file(word):
                self.read_file(word, line)
        if re.fullmatch(
            r"(echo|date|pwd|whoami|hostname|nvidia-smi|uname|which|printf)\b[^>|;&]*", stripped
        ):
            return
        if re.fullmatch(r"(ls|ll|dir|tree)(\s+-\w+)*", stripped):
            self.read_file(".", line)
            return
        self.read_file(None, line)
        self.write_file(None, line)

    def _shows_machine(self, command: str, line: int) -> None:
        for word in _words(command)[1:]:
            if self.is_local_file(word) and normal(word) != ".":
                self.read_file(word, line)
        self.find(
            "ZF231",
            "warning",
            f"`{command}` shows the machine that it runs on, not what the notebook computes; a "
            "stage shows its own.",
            line=line,
            remedy="Tag the cell `skip` if nobody needs to see it.",
        )

    def _installs(self, command: str, line: int) -> None:
        self.find(
            "ZF221",
            "info",
            f"`{command.lstrip('!%')}` changes the environment of the "
            "machine it runs on; the stages get theirs from requirements/.",
            line=line,
            remedy="Tag the cell `skip` once the packages are installed.",
        )

    def _expanded(self, text: str, line: int) -> None:
        """Note the variables that IPython puts into the text of a magic or a command."""
        for expression, name in _SHELL_NAME.findall(text):
            if name:
                if name in self.env:
                    self.read(name, line)
                continue
            tree = parse_fragment(expression.partition("!")[0], line=line)
            if tree is not None:
                self.forgiving += 1
                self.execute(tree.body)
                self.forgiving -= 1


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
