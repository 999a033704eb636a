"""scikit-learn, XGBoost, LightGBM, statsmodels, joblib.

Estimators change only themselves when they are fitted; those that may draw from NumPy's global
random state do so unless they were made with ``random_state``.
"""

from __future__ import annotations

from dataclasses import replace

from jupyter_zflow.analysis.knowledge.table import (
    FRESH,
    PURE,
    SCALAR,
    Effect,
    Library,
    TypeTable,
    each,
    returning,
)

DETERMINISTIC = frozenset(
    "LinearRegression Ridge RidgeCV KNeighborsClassifier KNeighborsRegressor GaussianNB "
    "MultinomialNB BernoulliNB ComplementNB StandardScaler MinMaxScaler MaxAbsScaler RobustScaler "
    "Normalizer Binarizer OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer "
    "MultiLabelBinarizer SimpleImputer KNNImputer PolynomialFeatures "
    "CountVectorizer TfidfVectorizer TfidfTransformer HashingVectorizer DictVectorizer "
    "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis DBSCAN OPTICS "
    "AgglomerativeClustering IsotonicRegression VarianceThreshold SelectKBest SelectPercentile "
    "PowerTransformer NearestNeighbors LeaveOneOut TimeSeriesSplit GroupKFold".split()
)
"""Classes of scikit-learn that never draw, however they are made."""

COMPOSITE = frozenset(
    "Pipeline FeatureUnion ColumnTransformer VotingClassifier VotingRegressor StackingClassifier "
    "StackingRegressor make_pipeline make_union make_column_transformer".split()
)
"""Those that fit what they hold."""

_FIT = Effect(changes=("self",), keeps=True, itself=True)
_PREDICT = Effect("numpy", shares=False)

_METHODS = {
    "fit": _FIT,
    "partial_fit": _FIT,
    "set_params": _FIT,
    **each(
        "fit_predict fit_transform fit_resample", Effect("numpy", changes=("self",), keeps=True)
    ),
    **each(
        "predict predict_proba predict_log_proba decision_function score_samples kneighbors apply "
        "transform inverse_transform feature_importances staged_predict",
        _PREDICT,
    ),
    "score": SCALAR,
    # Estimators inside it, and lists that it was made with, are what they are.
    **each("get_params", returning(PURE, "dict")),
    **each("split", Effect("list", shares=False)),
    **each("get_n_splits", SCALAR),
    **each("get_feature_names_out", Effect("numpy")),
}
_DRAWING = {
    name: replace(effect, draws="numpy.random")
    if name.startswith(("fit", "partial", "split"))
    else effect
    for name, effect in _METHODS.items()
}
_HOLDING = {
    name: replace(effect, changes=("deep",), keeps=True, draws="numpy.random")
    if name.startswith(("fit", "partial"))
    else effect
    for name, effect in _METHODS.items()
}
# A step may hand on what it is given: "passthrough".
_HANDING = dict.fromkeys(("transform", "inverse_transform"), Effect("numpy"))
_HOLDING |= _HANDING
_IN_PLACE = {
    name: replace(effect, changes=("deep", 0, 1), keeps=True, shares=True, draws="numpy.random")
    for name, effect in _METHODS.items()
    if not name.startswith("get")
}
_DRAWING_FUNCTIONS = (
    "cluster.k_means cluster.kmeans_plusplus cluster.spectral_clustering cluster.mean_shift "
    "cluster.affinity_propagation cluster.estimate_bandwidth decomposition.fastica "
    "decomposition.dict_learning decomposition.dict_learning_online "
    "decomposition.non_negative_factorization manifold.spectral_embedding manifold.smacof "
    "manifold.locally_linear_embedding feature_selection.mutual_info_classif "
    "feature_selection.mutual_info_regression linear_model.ridge_regression "
    "linear_model.enet_path linear_model.lasso_path covariance.fast_mcd"
)
_SEEDED = Effect(shares=False, draws="numpy.random", unless="random_state")
_NUMBER = Effect("scalar", shares=False, arrays=("average", "multioutput"))

LIBRARY = Library(
    "sklearn",
    functions={
        **each(
            "train_test_split",
            Effect("list", draws="numpy.random", unless="random_state"),
            below="sklearn.model_selection",
        ),
        **each(
            "cross_val_score cross_validate cross_val_predict learning_curve validation_curve "
            "permutation_test_score",
            Effect("numpy", shares=False, draws="numpy.random"),
            below="sklearn.model_selection",
        ),
        **each(
            "shuffle resample",
            Effect("numpy", draws="numpy.random", unless="random_state"),
            below="sklearn.utils",
        ),
        **each("permutation_importance", _SEEDED, below="sklearn.inspection"),
        "sklearn.set_config": Effect("scalar", state="sklearn.config", light=True),
        "sklearn.base.clone": Effect(""),
        **each(
            "accuracy_score precision_score recall_score f1_score roc_auc_score log_loss r2_score "
            "mean_squared_error mean_absolute_error root_mean_squared_error brier_score_loss "
            "average_precision_score balanced_accuracy_score matthews_corrcoef "
            "mean_absolute_percentage_error explained_variance_score median_absolute_error "
            "cohen_kappa_score hamming_loss jaccard_score fbeta_score",
            _NUMBER,
            below="sklearn.metrics",
        ),
        "sklearn.metrics.silhouette_score": replace(
            _NUMBER, draws="numpy.random", unless="random_state", when=("sample_size",)
        ),
        **each(_DRAWING_FUNCTIONS, _SEEDED, below="sklearn"),
        **each(
            "load_iris load_digits load_wine load_breast_cancer load_diabetes load_linnerud",
            Effect("sklearn.Bunch", shares=False),
            below="sklearn.datasets",
        ),
        "joblib.load": Effect(shares=False, reads=(0, "filename")),
        "joblib.dump": Effect("list", shares=False, writes=(1, "filename")),
    },
    prefixes={
        "sklearn.datasets.": _SEEDED,
        "sklearn.metrics.": FRESH,
        # Checks return what they are given, and some change it.
        "sklearn.utils.": Effect(
            "", changes=(0, 1, 2), draws="numpy.random", unless="random_state"
        ),
        "sklearn.": FRESH,
        "statsmodels.": Effect(""),
        "patsy.": Effect(""),
        "joblib.": Effect(""),
    },
    types={
        "sklearn": TypeTable(methods=_METHODS),
        "sklearn.drawing": TypeTable(methods=_DRAWING),
        "sklearn.composite": TypeTable(methods=_HOLDING),
        "sklearn.in place": TypeTable(methods=_IN_PLACE),
        "sklearn.handing on": TypeTable(methods=_METHODS | _HANDING),
        "sklearn.Bunch": TypeTable(
            attributes=dict.fromkeys("data target images".split(), "numpy")
            | {"feature_names": "list", "target_names": "numpy", "frame": "pandas"},
        ),
    },
)
