"""Ambient state, captured in one process and restored in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.artifacts.conftest import Stages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    """Return an execution without stages."""
    return Stages(tmp_path)


CASES = {
    "random": (
        "random", "import random\nrandom.seed(0); random.random()",
        "import random; print(round(random.random(), 6))", "0.757954"),
    "numpy.random": (
        "numpy.random", "import numpy as np\nnp.random.seed(0); np.random.rand()",
        "import numpy as np; print(round(np.random.rand(), 6))", "0.715189"),
    "numpy.random with another generator": (
        "numpy.random", "import numpy as np\nnp.random.set_bit_generator(np.random.Philox(1))",
        "import numpy as np; print(np.random.rand() == np.random.RandomState(np.random.Philox(1)).rand())", "True"),
    "numpy.random, never imported": ("numpy.random", "", "import sys; print('numpy' in sys.modules)", "False"),
    "os.environ": (
        "os.environ", "import os\nos.environ['A'] = 'x'; del os.environ['HOME']",
        "import os; print(os.environ['A'], 'HOME' in os.environ, 'PATH' in os.environ)", "x False True"),
    "cwd": (
        "cwd", "import os\nos.makedirs('sub/deep'); os.chdir('sub/deep')",
        "import os; print(os.getcwd().endswith('/sub/deep'), os.getcwd() != home)", "True True"),
    "cwd outside": ("cwd", "import os\nos.chdir('/usr')", "import os; print(os.getcwd())", "/usr"),
    "sys.path": (
        "sys.path", "import sys\nsys.path.insert(0, '/first'); sys.path.append('/last')",
        "import sys; print(sys.path[0], sys.path[-1], len(set(sys.path)) == len(sys.path))",
        "/first /last True"),
    "sys.path, removed": (
        "sys.path", "import sys\nsys.path.remove(gone := sys.path[-1])",
        "import sys; print(any(p.endswith('site-packages') for p in sys.path))", "False"),
    "warnings": (
        "warnings", "import warnings\nwarnings.filterwarnings('error', 'bad.*', UserWarning)",
        "import warnings\ntry: warnings.warn('bad thing')\nexcept UserWarning as w: print(w)", "bad thing"),
    "logging levels": (
        "logging", "import logging\nlogging.getLogger('a').setLevel(5); logging.getLogger('b').disabled = True",
        "import logging; print(logging.getLogger('a').level, logging.getLogger('b').disabled, logging.getLogger('c').level)",
        "5 True 0"),
    "logging handlers": (
        "logging", "import logging, sys\nlogging.basicConfig(stream=sys.stdout, level=10, format='%(levelname)s-%(message)s')",
        "import logging; logging.debug('hello')", "DEBUG-hello"),
    "logging to a file": (
        "logging", "import logging\nlogging.getLogger().addHandler(logging.FileHandler('run.log'))",
        "import logging; logging.warning('w'); print(open('run.log').read().strip())", "w"),
    "logging disabled": (
        "logging", "import logging\nlogging.disable(logging.ERROR)",
        "import logging; print(logging.root.manager.disable)", "40"),
    "pandas.options": (
        "pandas.options", "import pandas as pd\npd.set_option('display.max_rows', 7)",
        "import pandas as pd; print(pd.get_option('display.max_rows'), pd.get_option('display.max_columns') != 7)", "7 True"),
    "numpy.options": (
        "numpy.options", "import numpy as np\nnp.set_printoptions(precision=2); np.seterr(divide='raise')",
        "import numpy as np; print(np.array([0.123456]), np.geterr()['divide'])", "[0.12] raise"),
    "matplotlib": (
        "matplotlib", "import matplotlib as mpl\nmpl.rcParams['lines.linewidth'] = 9",
        "import matplotlib as mpl; print(mpl.rcParams['lines.linewidth'])", "9.0"),
    "decimal": ("decimal", "import decimal\ndecimal.getcontext().prec = 3",
                "import decimal; print(decimal.Decimal(1) / 3)", "0.333"),
    "locale": ("locale", "import locale\nlocale.setlocale(locale.LC_ALL, 'C.UTF-8')",
               "import locale; print(locale.setlocale(locale.LC_CTYPE))", "C.UTF-8"),
    "module attribute": ("module:math.tau2", "import math\nmath.tau2 = 12", "import math; print(math.tau2)", "12"),
    "module attribute, a function": (
        "module:math.twice", "import math\nk = 2\nmath.twice = lambda v: v * k", "import math; k = 3; print(math.twice(4))", "12"),
    "class attribute of a library": (
        "module:json.JSONEncoder.item_separator", "import json\njson.JSONEncoder.item_separator = '; '",
        "import json; print(json.JSONEncoder.item_separator)", ";"),
    "module attribute, removed": (
        "module:math.tau", "import math\ndel math.tau", "import math; print(hasattr(math, 'tau'))", "False"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_state_arrives(name: str, stages: Stages) -> None:
    kind, producer, consumer, printed = CASES[name]

    made = stages.run("s1", f"{producer}\nsave(states=[{kind!r}])")
    read = stages.run(
        "s2", f"import os; home = os.getcwd()\nload(states={{'s1': [{kind!r}]}})\n{consumer}"
    )

    assert (made.error, read.error) == ("", "")
    assert read.out.strip() == printed


def test_states_of_several_stages_in_order(stages: Stages) -> None:
    for name, value in (("s1", "1"), ("s2", "2")):
        stages.run(name, f"import os\nos.environ['A'] = {value!r}\nsave(states=['os.environ'])")
    read = stages.run(
        "s3",
        "load(states={'s1': ['os.environ'], 's2': ['os.environ']})\nimport os; print(os.environ['A'])",
    )

    assert read.out.strip() == "2"


def test_state_and_variable_share_their_objects(stages: Stages) -> None:
    stages.run("s1", "import math\nmath.box = box = []\nsave(['box'], states=['module:math.box'])")
    read = stages.run(
        "s2",
        "load({'s1': ['box']}, states={'s1': ['module:math.box']})\n"
        "import math; box.append(1); print(math.box)",
    )

    assert read.out.strip() == "[1]"


def test_handler_that_cannot_be_carried_is_refused(stages: Stages) -> None:
    ended = stages.run(
        "s1",
        "import logging\nclass H(logging.Handler): pass\n"
        "logging.getLogger('a').addHandler(H())\nsave(states=['logging'])",
    )

    assert "the handler __main__.H of logger 'a' cannot be carried" in ended.error
    assert "Configure logging in a setup cell." in ended.error
