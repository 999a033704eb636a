"""The magics as IPython knows them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from jupyter_zflow.errors import UsageError, ZflowError
from jupyter_zflow.magics import complete
from jupyter_zflow.magics.transform import install
from jupyter_zflow.notebook.magics import parse_pipeline, parse_stage

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@magics_class
class ZflowMagics(Magics):
    """``%%stage``, ``%pipeline`` and ``%zflow``."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        install(shell)
        complete.install(shell)

    @no_var_expand
    @cell_magic
    def stage(self, line: str, cell: str) -> Any:
        """Put the cell into a stage of the pipeline, and run it as usual.

        ::

            %%stage NAME [--kind training] [--compute ml.g5.xlarge] [--after A,B]
                    [--retry N] [--timeout SECONDS] [--when EXPRESSION]
        """
        # A cell that is typed never comes here: its first line is taken off before it is
        # compiled (see transform.py). This is for calls from code.
        _checked(parse_stage, line)
        return self._run(cell)

    @no_var_expand
    @line_magic
    def pipeline(self, line: str) -> None:
        """Name the pipeline and say when it starts.

        ::

            %pipeline NAME [--description TEXT] [--schedule 'rate(1 day)'] [--timezone ZONE]
        """
        _checked(parse_pipeline, line)

    @no_var_expand
    @line_magic
    def zflow(self, line: str) -> None:
        """Check, draw, export, run or verify the saved notebook, or observe its cells.

        ::

            %zflow check [--explain A B]
            %zflow graph
            %zflow export [-o FOLDER] [--force]
            %zflow run [-p NAME=VALUE]... [--from STAGE | --only STAGE] [-o FOLDER]
            %zflow verify [-p NAME=VALUE]... [--tolerance X] [--html FILE] [--observe]
            %zflow observe [on|off]
            %zflow status

        Each takes ``--notebook PATH`` where the kernel does not know which notebook it runs.
        """
        from jupyter_zflow.magics.verbs import run_verb

        try:
            run_verb(line, shell=self.shell)
        except ZflowError as error:
            raise IPythonUsageError(str(error)) from None

    def _run(self, source: str) -> Any:
        """Execute source in the user's namespace and return the value of its last expression."""
        source = self.shell.transform_cell(source)  # type: ignore[no-untyped-call]
        tree = ast.parse(source)
        last = None
        if tree.body and isinstance(final := tree.body[-1], ast.Expr):
            last = ast.Expression(final.value)
            tree.body.pop()
        namespace = self.shell.user_ns
        exec(compile(tree, "<stage>", "exec"), namespace)  # noqa: S102  (the author's own cell)
        if last is None:
            return None
        return eval(compile(last, "<stage>", "eval"), namespace)  # noqa: S307


def _checked(parse: Any, line: str) -> None:
    try:
        parse(line)
    except UsageError as error:
        raise IPythonUsageError(str(error)) from None
