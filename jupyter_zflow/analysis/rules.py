"""The findings of the analysis: code, usual severity and what the code stands for."""

from __future__ import annotations

from jupyter_zflow.notebook.rules import Rule

RULES: dict[str, Rule] = {
    "ZF201": Rule("error", "a name that nothing binds; a warning where it may never be used"),
    "ZF202": Rule("error", "a name that is only bound further down"),
    "ZF203": Rule("error", "a value that cannot leave its process"),
    "ZF204": Rule("error", "a stage would need two versions of one thing"),
    "ZF205": Rule("error", "stages that wait for each other in a circle"),
    "ZF206": Rule("error", "what IPython remembers of another stage's cell"),
    "ZF207": Rule("error", "a cell that is not valid Python"),
    "ZF208": Rule("warning", "text that is run as code"),
    "ZF209": Rule("warning", "a magic that nobody knows"),
    "ZF210": Rule("info", "an order that only caution demands"),
    "ZF211": Rule("warning", "cells that were last run out of order"),
    "ZF212": Rule("error", "a file that cannot travel; a warning where it is absolute or large"),
    "ZF213": Rule("error", "a cell that waits for somebody to type"),
    "ZF214": Rule("error", "a parameters cell that does more than set values"),
    "ZF215": Rule("error", "a name that only a skipped cell binds"),
    "ZF218": Rule("info", "a setup cell that runs once, in a stage of its own"),
    "ZF219": Rule("error", "a relative import"),
    "ZF220": Rule("error", "a star import whose names cannot be known"),
    "ZF221": Rule("info", "a cell that installs packages"),
    "ZF222": Rule("error", "a stage named `setup` beside a setup cell that must run once"),
    "ZF223": Rule("error", "a setting of the process that cannot be carried"),
    "ZF224": Rule("info", "a cell that is too hard to follow"),
    "ZF228": Rule("error", "a value that a run saw fail to leave its process; a warning if unsure"),
    "ZF229": Rule("warning", "a value of more than a gigabyte between stages"),
    "ZF227": Rule("info", "what an observed run showed and a stage checks when it runs"),
    "ZF226": Rule("error", "a set that two stages walk"),
    "ZF230": Rule("error", "a condition or a loop that means nothing here"),
    "ZF231": Rule("warning", "a command whose output shows the machine"),
    "ZF232": Rule("warning", "a table of a library that cannot be used"),
    "ZF225": Rule("error", "a listing of the notebook's own folder"),
}
