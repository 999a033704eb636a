"""NumPy and SciPy."""

from __future__ import annotations

from jupyter_zflow.analysis.knowledge.table import (
    FRESH,
    LIGHT,
    PURE,
    SCALAR,
    Effect,
    Library,
    TypeTable,
    each,
    returning,
)

_ARRAY = Effect("numpy", shares=False)
_VIEW = Effect("numpy")
_DRAW = Effect("numpy", shares=False, draws="numpy.random")
_SETS = Effect("scalar", state="numpy.options", light=True)
_SEED = Effect("scalar", shares=False, state="numpy.random", light=True)

DRAWING = frozenset(
    "rvs resample bootstrap permutation_test monte_carlo_test goodness_of_fit random_correlation "
    "ortho_group special_ortho_group unitary_group random_table".split()
)
"""What draws in ``scipy.stats``, whatever the distribution it is called on."""

SEARCHING = frozenset(
    "differential_evolution basinhopping dual_annealing quadratic_assignment kmeans kmeans2 random "
    "rand random_array svds dunnett".split()
)
"""What draws elsewhere in ``scipy``."""

SEARCHES = Effect(draws="numpy.random", unless="random_state")
DRAWS = Effect("numpy", shares=False, draws="numpy.random", unless="random_state")

_REDUCTIONS = (
    "sum mean std var min max prod median all any argmin argmax ptp average count_nonzero "
    "nanmean nanstd nansum nanmin nanmax nanmedian percentile quantile nanpercentile trace"
)
_NEW = (
    "zeros ones empty full eye identity arange linspace logspace geomspace meshgrid zeros_like "
    "ones_like empty_like full_like copy concatenate stack vstack hstack dstack "
    "column_stack tile repeat where unique sort argsort cumsum cumprod dot matmul inner "
    "outer cross kron tensordot clip abs absolute exp log log2 log10 log1p expm1 sqrt "
    "square power sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh floor ceil round around "
    "rint sign maximum minimum add subtract multiply divide true_divide floor_divide mod isnan "
    "isinf isfinite isclose logical_and logical_or logical_not bincount "
    "digitize searchsorted interp polyfit polyval gradient convolve correlate corrcoef cov "
    "nonzero argwhere flatnonzero in1d isin intersect1d union1d setdiff1d triu tril vander "
    "random_sample fromiter append insert delete pad select piecewise nan_to_num"
)

_UNARY = (
    "abs absolute exp exp2 expm1 log log2 log10 log1p sqrt cbrt square sin cos tan arcsin arccos "
    "arctan sinh cosh tanh floor ceil trunc rint sign negative reciprocal isnan isinf isfinite "
    "logical_not invert conj conjugate degrees radians deg2rad rad2deg fabs"
)
_BINARY = (
    "add subtract multiply divide true_divide floor_divide mod remainder fmod power float_power "
    "maximum minimum fmax fmin arctan2 hypot logaddexp logaddexp2 logical_and logical_or "
    "logical_xor bitwise_and bitwise_or bitwise_xor left_shift right_shift greater greater_equal "
    "less less_equal equal not_equal gcd lcm copysign heaviside"
)


def _into(position: int) -> Effect:
    """Return the effect of a function that may be given an array for its result there."""
    return Effect("numpy", shares=False, changes=(position,))


LIBRARY = Library(
    "numpy",
    functions={
        **each(_REDUCTIONS, _ARRAY, below="numpy"),
        **each(_NEW, _ARRAY, below="numpy"),
        **each(_UNARY, _into(1), below="numpy"),
        **each(
            _BINARY + " dot matmul max min amax amin argmax argmin all any round around "
            "concatenate",
            _into(2),
            below="numpy",
        ),
        **each(
            "sum mean std var prod cumsum cumprod clip nansum nanmean nanstd percentile quantile "
            "nanpercentile nanquantile take compress",
            _into(3),
            below="numpy",
        ),
        **each("median nanmedian ptp nanmin nanmax outer stack choose", _into(2), below="numpy"),
        "numpy.trace": _into(5),
        "numpy.nan_to_num": _VIEW,
        **{
            f"numpy.{name}.at": Effect("scalar", changes=(0,))
            for name in f"{_UNARY} {_BINARY}".split()
        },
        "numpy.datetime64": Effect("scalar", shares=False, clock=True),
        **each("allclose array_equal array_equiv isscalar ndim size shape", SCALAR, below="numpy"),
        **each(
            "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool_ "
            "str_ complex64 complex128 dtype finfo iinfo timedelta64",
            returning(LIGHT, "scalar"),
            below="numpy",
        ),
        **each(
            "load loadtxt genfromtxt fromfile",
            Effect("numpy", shares=False, reads=(0,)),
            below="numpy",
        ),
        **each("fromregex", Effect("numpy", shares=False, reads=(0,)), below="numpy"),
        # These hand on what they are given: bins, or all of it.
        **each(
            "histogram histogram2d diff linalg.matrix_power linalg.matrix_transpose "
            "linalg.diagonal",
            _VIEW,
            below="numpy",
        ),
        "scipy.linalg.fractional_matrix_power": _VIEW,
        **each("gaussian_kde rv_histogram rv_discrete", PURE, below="scipy.stats"),
        **each("io.wavfile.read io.mmread io.readsav", Effect(reads=(0,)), below="scipy"),
        **each("io.wavfile.write io.mmwrite", Effect("scalar", writes=(0,)), below="scipy"),
        **each(
            "expit logit erf erfc gamma gammaln loggamma digamma", _into(1), below="scipy.special"
        ),
        "numpy.lib.format.open_memmap": Effect(
            "", shares=False, reads=(0,), writes=(0,), bound="a file mapped into memory"
        ),
        "numpy.memmap": Effect(
            "", shares=False, reads=(0,), writes=(0,), bound="a file mapped into memory"
        ),
        **each(
            "save savetxt savez savez_compressed",
            Effect("scalar", shares=False, writes=(0,)),
            below="numpy",
        ),
        **each(
            "copyto put place putmask fill_diagonal put_along_axis",
            Effect("scalar", changes=(0,)),
            below="numpy",
        ),
        **each("seterr set_printoptions seterrcall setbufsize", _SETS, below="numpy"),
        **each("set_state seed", _SEED, below="numpy.random"),
        **each("get_state", _DRAW, below="numpy.random"),
        "numpy.random.shuffle": Effect("scalar", changes=(0,), draws="numpy.random"),
        **each(
            "default_rng RandomState Generator PCG64 MT19937 SeedSequence Philox",
            Effect("numpy.random.Generator", light=True),
            below="numpy.random",
        ),
        "numpy.vectorize": PURE,
        "numpy.fromfunction": PURE,
        "numpy.einsum": _VIEW,
        "numpy.array": Effect("numpy", copies=True),
        **each("interp1d UnivariateSpline CubicSpline", PURE, below="scipy.interpolate"),
        **each("loadmat", Effect(shares=False, reads=(0,)), below="scipy.io"),
        **each("savemat", Effect("scalar", shares=False, writes=(0,)), below="scipy.io"),
        **each("load_npz", Effect(shares=False, reads=(0,)), below="scipy.sparse"),
        **each("save_npz", Effect("scalar", shares=False, writes=(0,)), below="scipy.sparse"),
    },
    prefixes={
        "numpy.random.": _DRAW,
        "numpy.linalg.": _ARRAY,
        "numpy.fft.": _ARRAY,
        "numpy.testing.": SCALAR,
        "numpy.": _VIEW,
        "scipy.linalg.": _ARRAY,
        "scipy.special.": _ARRAY,
        "scipy.fft.": _ARRAY,
        "scipy.stats.": FRESH,
        "scipy.stats.mstats.": Effect(changes=(0,)),
        # The place of ``output`` differs from function to function.
        "scipy.ndimage.": Effect(changes=(2, 3, 4, 5)),
        "scipy.": PURE,
    },
    types={
        "numpy": TypeTable(
            methods={
                **each(
                    "reshape ravel flatten transpose swapaxes squeeze view astype take compress "
                    "choose diagonal searchsorted conj conjugate getfield newbyteorder",
                    _VIEW,
                ),
                **each(
                    _REDUCTIONS + " dot cumsum cumprod round argsort copy nonzero clip repeat",
                    _ARRAY,
                ),
                **each("min max all any argmin argmax ptp round dot choose", _into(1)),
                **each(
                    "sum mean std var prod cumsum cumprod clip take compress",
                    _into(2),
                ),
                "trace": _into(4),
                **each("tolist", returning(FRESH, "list")),
                **each("item tobytes tostring", SCALAR),
                **each(
                    "sort fill put partition resize itemset setfield setflags",
                    Effect("scalar", changes=("self",)),
                ),
                "byteswap": Effect("numpy", changes=("self",)),
                **each("tofile dump", Effect("scalar", writes=(0,))),
            },
            attributes={
                **dict.fromkeys("ndim size itemsize nbytes dtype".split(), "scalar"),
                **dict.fromkeys("T real imag flat".split(), "numpy"),
                "shape": "range",
                "data": "memoryview",
            },
            item="numpy",
            element="numpy",
            arithmetic="numpy",
        ),
        "numpy.random.Generator": TypeTable(
            # The place of ``out`` differs from method to method.
            default=Effect("numpy", changes=("self", *range(6))),
            methods={
                **each("shuffle", Effect("scalar", changes=("self", 0))),
                **each(
                    "integers choice permutation normal uniform exponential poisson binomial "
                    "geometric laplace logistic lognormal multinomial multivariate_normal beta "
                    "chisquare triangular vonmises weibull bytes",
                    Effect("numpy", shares=False, changes=("self",)),
                ),
            },
        ),
    },
    constants=frozenset("numpy.pi numpy.e numpy.inf numpy.nan numpy.newaxis".split()),
)
