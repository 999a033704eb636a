"""pandas and polars."""

from __future__ import annotations

from jupyter_zflow.analysis.knowledge.table import (
    FRESH,
    SCALAR,
    Effect,
    Library,
    TypeTable,
    each,
    returning,
)

_FRAME = Effect("pandas", shares=False)
_VIEW = Effect("pandas", inplace=True)
_COPY = Effect("pandas", copies=True, inplace=True)
_READ = Effect("pandas", shares=False, reads=(0, "io", "path", "filepath_or_buffer"))
_WRITE = Effect("scalar", shares=False, writes=(0, "path_or_buf", "path", "excel_writer", "buf"))
_OPTION = Effect("scalar", shares=False, state="pandas.options", light=True)
_POLARS = Effect("polars", shares=False)

_AGGREGATES = (
    "sum mean std var min max median mode count nunique sem skew kurt quantile idxmin idxmax "
    "describe corr cov value_counts isna isnull notna notnull duplicated memory_usage prod"
)

LIBRARY = Library(
    "pandas",
    functions={
        **each("DataFrame Series Index MultiIndex Categorical", _VIEW, below="pandas"),
        **each(
            "date_range period_range timedelta_range bdate_range get_dummies cut qcut crosstab "
            "pivot_table merge merge_asof melt factorize isna isnull notna notnull wide_to_long",
            _FRAME,
            below="pandas",
        ),
        **each("concat to_datetime to_numeric to_timedelta", _COPY, below="pandas"),
        **each(
            "read_csv read_table read_fwf read_excel read_json read_html read_xml read_parquet "
            "read_feather read_orc read_hdf read_pickle read_stata read_sas read_spss",
            _READ,
            below="pandas",
        ),
        **each(
            "read_sql read_sql_query read_sql_table", Effect("pandas", changes=(1,)), below="pandas"
        ),
        **each(
            "ExcelWriter HDFStore", Effect("", writes=(0,), bound="an open file"), below="pandas"
        ),
        **each("set_option reset_option options.display", _OPTION, below="pandas"),
        "pandas.plotting.register_matplotlib_converters": _OPTION,
        **each("get_option Timestamp Timedelta Period Interval", SCALAR, below="pandas"),
        **each(
            "Timestamp.now Timestamp.today Timestamp.utcnow",
            Effect("scalar", shares=False, clock=True),
            below="pandas",
        ),
        "pandas.plotting.bootstrap_plot": Effect("matplotlib", draws="random"),
        "polars.set_random_seed": Effect("scalar", shares=False, state="polars.random"),
        "pandas.option_context": FRESH,
        **each(
            "read_csv read_parquet read_json read_ndjson read_ipc read_avro read_excel scan_csv "
            "scan_parquet scan_ipc scan_ndjson",
            Effect("polars", shares=False, reads=(0, "source")),
            below="polars",
        ),
    },
    prefixes={
        "pandas.": _VIEW,
        "polars.": _POLARS,
        "polars.Config.": Effect("scalar", shares=False, state="polars.options", light=True),
    },
    types={
        "pandas": TypeTable(
            default=_VIEW,
            methods={
                # What a cell holds may be a list, a dict or a set of its own.
                **each(
                    "append extend remove clear sort setdefault discard popitem appendleft",
                    Effect("", changes=("deep",), keeps=True),
                ),
                **each(_AGGREGATES, _FRAME),
                **each(
                    "copy merge join groupby agg aggregate pivot pivot_table melt astype "
                    "sort_values sort_index drop dropna drop_duplicates fillna rename replace "
                    "reset_index set_index interpolate clip round rank assign get_dummies "
                    "explode stack unstack melt shift diff pct_change cumsum cumprod rolling "
                    "expanding resample ewm nlargest nsmallest isin between where mask add sub "
                    "mul div query eval",
                    _COPY,
                ),
                **each(
                    "to_csv to_parquet to_excel to_json to_feather to_pickle to_hdf to_html "
                    "to_latex to_stata to_orc to_markdown to_string to_xml",
                    _WRITE,
                ),
                "to_sql": Effect("scalar", changes=(1,)),
                "sample": Effect(
                    "pandas", shares=False, draws="numpy.random", unless="random_state"
                ),
                **each("insert update pop", Effect("pandas", changes=("self",), keeps=True)),
                **each("to_dict", returning(FRESH, "dict")),
                **each("tolist to_list", returning(FRESH, "list")),
                **each("to_numpy", Effect("numpy")),
                **each("item info equals", SCALAR),
                **each("apply map applymap transform filter", Effect("pandas", copies=True)),
                "pipe": Effect(""),
                **each("itertuples iterrows items", Effect("list")),
                **each("plot hist boxplot", Effect("matplotlib")),
            },
            attributes={
                **dict.fromkeys("shape ndim size empty name dtype is_unique".split(), "scalar"),
                "values": "numpy",
                "plot": "matplotlib.accessor",
                **dict.fromkeys(
                    "loc iloc at iat T str dt cat index columns dtypes style array".split(),
                    "pandas",
                ),
            },
            item="pandas",
            element="scalar",
            arithmetic="pandas",
        ),
        "polars": TypeTable(
            default=_POLARS,
            methods={
                **each(
                    "write_csv write_parquet write_json write_ndjson write_ipc write_avro "
                    "write_excel sink_parquet sink_csv sink_ipc sink_ndjson",
                    Effect("scalar", writes=(0,)),
                ),
                **each("sample shuffle", Effect("polars", shares=False, clock=True)),
                **each("to_list", returning(FRESH, "list")),
                **each("item", SCALAR),
                **each(
                    "extend insert_column replace_column append scatter set_at_idx drop_in_place",
                    Effect("polars", changes=("self",)),
                ),
            },
            item="polars",
            element="scalar",
            arithmetic="polars",
        ),
    },
    states={"pandas.options": "pandas.options"},
    constants=frozenset("pandas.NA pandas.NaT".split()),
)
