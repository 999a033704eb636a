"""Matplotlib, seaborn and the like: they draw what they are given and change only figures.

Figures that pyplot keeps as "the current one" do not outlive a cell: Jupyter shows and closes
them when the cell ends.
"""

from __future__ import annotations

from dataclasses import replace

from jupyter_zflow.analysis.knowledge.table import Effect, Library, TypeTable, each

_DRAWN = Effect("matplotlib", shares=False)
_STYLE = Effect("scalar", shares=False, state="matplotlib", light=True)
_SAVED = Effect("scalar", shares=False, writes=(0, "fname"))
_ON_AXES = Effect("matplotlib", changes=("self",))

LIBRARY = Library(
    "matplotlib",
    functions={
        **each("rc rcdefaults rc_file use", _STYLE, below="matplotlib"),
        **each(
            "rc rcdefaults style.use switch_backend ion ioff set_cmap",
            _STYLE,
            below="matplotlib.pyplot",
        ),
        "matplotlib.style.use": _STYLE,
        "matplotlib.rcParams.update": _STYLE,
        "matplotlib.pyplot.rcParams.update": _STYLE,
        "matplotlib_inline.backend_inline.set_matplotlib_formats": _STYLE,
        "matplotlib.pyplot.savefig": _SAVED,
        "matplotlib.pyplot.imread": Effect("numpy", shares=False, reads=(0,)),
        "matplotlib.pyplot.imsave": _SAVED,
        "matplotlib.pyplot.subplots": Effect("matplotlib.pair", shares=False),
        **each(
            "set set_style set_theme set_context set_palette reset_defaults reset_orig despine "
            "set_color_codes",
            _STYLE,
            below="seaborn",
        ),
        # They shift points at random, so that all can be seen.
        **each("stripplot catplot", replace(_DRAWN, draws="numpy.random"), below="seaborn"),
        **each(
            "regplot lmplot",
            replace(_DRAWN, draws="numpy.random", when=("x_jitter", "y_jitter")),
            below="seaborn",
        ),
        "seaborn.load_dataset": Effect("pandas", shares=False),
    },
    prefixes={
        "matplotlib.": _DRAWN,
        "seaborn.": _DRAWN,
        "mpl_toolkits.": _DRAWN,
        "plotly.": Effect(""),
        "altair.": Effect(""),
    },
    types={
        "matplotlib": TypeTable(
            default=_ON_AXES,
            methods={
                **each("savefig", _SAVED),
                **each(
                    "add_artist add_patch add_line add_collection add_axes add_table "
                    "add_container add_image",
                    replace(_ON_AXES, keeps=True),
                ),
            },
            item="matplotlib",
            element="matplotlib",
        ),
        "matplotlib.pair": TypeTable(item="matplotlib", element="matplotlib"),
        "matplotlib.accessor": TypeTable(default=_DRAWN),
    },
    states={
        "matplotlib.rcParams": "matplotlib",
        "matplotlib.pyplot.rcParams": "matplotlib",
    },
)
