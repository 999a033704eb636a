"""Built-ins that reach beyond their arguments: ``eval``, ``exec``, ``globals``, ``super``..."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.heap import Ref, join
from jupyter_zflow.analysis.interpreter.expressions import Expressions
from jupyter_zflow.analysis.transform import parse_fragment

if TYPE_CHECKING:
    from jupyter_zflow.analysis.interpreter.arguments import Arguments


class Special(Expressions):
    """Evaluates calls of built-ins of their own kind."""

    def super_method(self, name: str, arguments: Arguments, line: int) -> Ref:
        """Call a method of ``super()``."""
        me = next(iter(self.frame.names.values()), Ref()) if self.frame is not None else Ref()
        results = []
        for site in sorted(me.roots):
            owner = self.heap.code.get(self.instance_of.get(site, site))
            for base in owner.bases if owner is not None else ():
                for root in sorted(base.roots):
                    method = self.member(root, name)
                    if method is not None:
                        results.append(self._call_member(method, me, arguments, line))
        if not results:
            # A method of a library's class: it may change the object that it is called on.
            self.change(me.roots, line)
        self.keep(me, arguments.all())
        return join(*results) if results else Ref(self.heap.reach(me.roots))

    def namespace(self, node: ast.Call, name: str) -> Ref:
        """Take ``globals()`` and the like to use every name."""
        if self.frame is not None and name in {"locals", "vars"}:
            return self.container("dict", self.frame.names.values())
        looks = name == "dir" or self.only_looks
        self.any_name(node.lineno, f"{name}()", writes=not looks)
        if name == "dir":
            return Ref(frozenset({self.heap.new()}), "list")
        if not looks:
            self.forget_meanings()
        made = self.heap.new(kind="dict")
        self.heap.link([made], self.every_root())
        self.mark(made, "the notebook's own namespace")
        return Ref(frozenset({made}), "dict")

    def call_eval(self, node: ast.Call) -> Ref:
        """Look into a literal ``eval``; take any other to use every name."""
        arguments = self.arguments(node)
        text = arguments.positional[0].text if arguments.positional else None
        tree = None if text is None else parse_fragment(text, line=node.lineno)
        if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
            return self.evaluate(tree.body[0].value)
        self._dynamic(node, "eval()")
        return Ref(self.every_root() | {self.heap.new()})

    def call_exec(self, node: ast.Call) -> Ref:
        """Look into a literal ``exec``; take any other to use and bind every name."""
        arguments = self.arguments(node)
        text = arguments.positional[0].text if arguments.positional else None
        tree = None if text is None else parse_fragment(text, line=node.lineno)
        if tree is not None and len(node.args) == 1 and self.frame is None:
            self.execute(tree.body)
        else:
            self._dynamic(node, "exec()")
        return Ref(type="None", const=None)

    def _dynamic(self, node: ast.Call, what: str) -> None:
        self.any_name(node.lineno, what, writes=True)
        self.forget_meanings()
        self.find(
            "ZF208",
            "warning",
            f"{what} runs text that only exists at run time, so this "
            "stage keeps the notebook's order and carries every variable.",
            line=node.lineno,
            remedy="Write the code out, or keep it in one stage.",
        )

    def call_id(self, node: ast.Call) -> Ref:
        """Note that identities are asked for; the number means nothing to another process."""
        for ref in self.arguments(node).positional:
            self.test_identity(ref.roots)
        return Ref(type="bound:a memory address")

    def call_get_ipython(self, _: ast.Call) -> Ref:
        """Return the shell, whose methods are looked into."""
        return Ref(type="IPython")

    def call_input(self, node: ast.Call) -> Ref:
        """Refuse: nobody answers in a pipeline."""
        self.find(
            "ZF213",
            "error",
            "input() waits for somebody to type, and nobody does in a pipeline.",
            line=node.lineno,
            remedy="Make the value a parameter.",
        )
        return Ref(type="str")

    def call_setattr(self, node: ast.Call) -> Ref:
        """Set an attribute by name."""
        arguments = self.arguments(node)
        if len(arguments.positional) >= 3:  # noqa: PLR2004  object, name, value
            target, name, value = arguments.positional[:3]
            self.store_attribute(target, name.text, value, node.lineno)
        return Ref(type="None", const=None)

    def call_delattr(self, node: ast.Call) -> Ref:
        """Delete an attribute by name."""
        arguments = self.arguments(node)
        if arguments.positional:
            self.change(arguments.positional[0].roots, node.lineno)
        return Ref(type="None", const=None)

    def call___import__(self, node: ast.Call) -> Ref:
        """Import by name."""
        arguments = self.arguments(node)
        name = arguments.positional[0].text if arguments.positional else None
        if name is None:
            return Ref(frozenset({self.heap.new()}))
        if name != "__main__":
            self.record.packages.add(name.partition(".")[0])
        return Ref(type="module", const=name.partition(".")[0])

    def call_vars(self, node: ast.Call) -> Ref:
        """Return the names of an object or module."""
        if not node.args:
            return self.namespace(node, "vars")
        target = self.evaluate(node.args[0])
        if target.path is not None:
            return Ref(type="object", const=f"{target.path}.__dict__")
        return self.attribute(target, "__dict__", node.lineno)
