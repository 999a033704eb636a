"""Stages that need nothing of each other stay independent: who waits for whom, by notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse, Row

SKLEARN = (
    "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.svm import SVC\nfrom sklearn.metrics import accuracy_score\n"
    "from sklearn.model_selection import train_test_split"
)
SPLIT = (
    "X, y = np.zeros((9, 2)), np.arange(9) % 2\n"
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)"
)

SHAPES: dict[str, tuple[list[Row], dict[str, str]]] = {
    "two models": (
        [
            ("setup", SKLEARN),
            ("data", SPLIT),
            ("one", "a = LogisticRegression(random_state=0).fit(X_train, y_train)"),
            ("two", "b = SVC(random_state=0).fit(X_train, y_train)"),
            ("end", "print(accuracy_score(y_test, a.predict(X_test)), b.score(X_test, y_test))"),
        ],
        {"data": "", "one": "data", "two": "data", "end": "data one two"},
    ),
    "two models without a random state": (
        [
            ("setup", SKLEARN),
            ("data", SPLIT),
            ("one", "a = LogisticRegression()\na.fit(X_train, y_train)\npa = a.predict(X_test)"),
            ("two", "b = SVC()\nb.fit(X_train, y_train)\npb = b.predict(X_test)"),
        ],
        {"data": "", "one": "data", "two": "data"},
    ),
    "two sleeps": (
        [("setup", "import time"), ("one", "time.sleep(1)\na = 1"), ("two", "time.sleep(1)\nb = 1")],
        {"one": "", "two": ""},
    ),
    "two frames of one source": (
        [
            ("setup", "import pandas as pd"),
            ("load", "df = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})"),
            ("one", "means = df.groupby('a').mean()\nprint(means)"),
            ("two", "other = df[df['a'] > 1].copy()\nother['c'] = 1"),
            ("end", "print(means, other)"),
        ],
        {"load": "", "one": "load", "two": "load", "end": "one two"},
    ),
    "two plots": (
        [
            ("setup", "import matplotlib.pyplot as plt\nimport numpy as np"),
            ("data", "x = np.arange(5)"),
            ("one", "fig, ax = plt.subplots()\nax.plot(x)\nplt.show()"),
            ("two", "fig, ax = plt.subplots()\nax.hist(x)\nplt.show()"),
        ],
        {"data": "", "one": "data", "two": "data"},
    ),
    "two files": (
        [
            ("setup", "import json"),
            ("one", "with open('a.json', 'w') as f:\n    json.dump({}, f)"),
            ("two", "with open('b.json', 'w') as f:\n    json.dump({}, f)"),
            ("end", "with open('a.json') as f:\n    print(json.load(f))"),
        ],
        {"one": "", "two": "", "end": "one"},
    ),
    "two calls of one function": (
        [
            ("setup", "def train(depth):\n    return [depth] * 3"),
            ("one", "a = train(1)"),
            ("two", "b = train(2)"),
        ],
        {"one": "", "two": ""},
    ),
    "two objects of one class": (
        [
            ("setup", "class Model:\n    def __init__(self, n): self.n = n\n    def fit(self): self.w = self.n"),
            ("one", "a = Model(1)\na.fit()"),
            ("two", "b = Model(2)\nb.fit()"),
        ],
        {"one": "", "two": ""},
    ),
    "unseeded draws": (
        [("setup", "import numpy as np"), ("one", "a = np.random.rand(3)"), ("two", "b = np.random.rand(3)")],
        {"one": "", "two": ""},
    ),
    "own generators": (
        [
            ("setup", "import numpy as np"),
            ("one", "r = np.random.default_rng(1)\na = r.normal(size=3)"),
            ("two", "q = np.random.default_rng(2)\nb = q.normal(size=3)"),
        ],
        {"one": "", "two": ""},
    ),
    "same names, own values": (
        [("one", "x = [1]\nx.append(2)\nprint(x)"), ("two", "x = [3]\nx.append(4)\nprint(x)")],
        {"one": "", "two": ""},
    ),
    "same loop variable": (
        [("one", "for i in range(3):\n    print(i)"), ("two", "for i in range(4):\n    print(i)")],
        {"one": "", "two": ""},
    ),
    "parameters": (
        [("parameters", "n = 3"), ("one", "a = n + 1"), ("two", "b = n + 2"), ("end", "print(a, b, n)")],
        {"one": "", "two": "", "end": "one two"},
    ),
    "seeded draws keep their order": (
        [
            ("setup", "import random"),
            ("one", "random.seed(1)\na = random.random()"),
            ("two", "b = random.random()"),
            ("three", "c = random.random()"),
        ],
        {"one": "", "two": "one", "three": "two"},
    ),
    "changes of one object keep their order": (
        [("data", "x = []"), ("one", "x.append(1)"), ("two", "x.append(2)"), ("end", "print(x)")],
        {"data": "", "one": "data", "two": "one", "end": "two"},
    ),
    "appends to one file keep their order": (
        [("one", "open('a', 'w').write('1')"), ("two", "open('a', 'a').write('2')"), ("end", "open('a').read()")],
        {"one": "", "two": "one", "end": "one two"},
    ),
    "unknown calls keep their order": (
        [("data", "import nowhere_1\nx = [1]"), ("one", "nowhere_1.use(x)"), ("two", "nowhere_1.use(x)")],
        {"data": "", "one": "data", "two": "one"},
    ),
    "only what the author says": (
        [("one", "a = 1"), ("two after:one", "b = 2")],
        {"one": "", "two": "one"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_who_waits_for_whom(analysed: Analyse, name: str) -> None:
    rows, expected = SHAPES[name]

    analysis = analysed(*rows)

    assert not analysis.errors
    assert {stage.name: set(stage.after) for stage in analysis.stages} == {
        stage: set(before.split()) for stage, before in expected.items()
    }
