"""The standard library: what notebooks use of it."""

from __future__ import annotations

from jupyter_zflow.analysis.knowledge.table import (
    CHANGES_SELF,
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

_READS = Effect(reads=(0,), shares=False)
_WRITES = Effect("scalar", writes=(0,), shares=False)
_LOOKS = Effect("scalar", reads=(0,), shares=False)
_CLOCK = Effect("scalar", shares=False, clock=True)
_PATH = Effect("path", shares=False, light=True)


def _state(kind: str) -> Effect:
    return Effect("scalar", shares=False, state=kind, light=True)


def _draw(kind: str) -> Effect:
    return Effect(shares=False, draws=kind)


_RANDOM = _draw("random")
_PROCESS = Effect(shares=False, anywhere=True)

_PROCESS_WIDE = {
    name: _state(name)
    for name in (
        "socket.setdefaulttimeout time.tzset gc.disable gc.enable gc.freeze gc.set_threshold "
        "sys.setswitchinterval sys.setprofile sys.settrace sys.set_int_max_str_digits "
        "threading.settrace threading.setprofile threading.stack_size signal.signal signal.alarm "
        "signal.setitimer atexit.register faulthandler.enable codecs.register "
        "codecs.register_error copyreg.pickle csv.register_dialect csv.field_size_limit "
        "mimetypes.add_type mimetypes.init sqlite3.register_adapter sqlite3.register_converter "
        "resource.setrlimit os.umask os.nice tracemalloc.start locale.bindtextdomain "
        "calendar.setfirstweekday zoneinfo.reset_tzpath "
        "gettext.install xml.etree.ElementTree.register_namespace "
        "multiprocessing.set_start_method asyncio.set_event_loop_policy "
        "pandas.api.extensions.register_dataframe_accessor "
        "pandas.api.extensions.register_series_accessor "
        "pandas.api.extensions.register_index_accessor "
        "IPython.core.magic.register_line_magic IPython.core.magic.register_cell_magic "
        "IPython.core.magic.register_line_cell_magic matplotlib.colormaps.register "
        "matplotlib.pyplot.register_cmap matplotlib.font_manager.fontManager.addfont "
        "matplotlib.projections.register_projection matplotlib.scale.register_scale"
    ).split()
}
"""Settings of the whole process that cannot be carried: they belong into setup cells."""

LIBRARY = Library(
    "stdlib",
    functions={
        # numbers and text
        **each("loads dumps", FRESH, below="json"),
        "json.load": Effect(shares=False, changes=(0,)),
        "json.dump": Effect("scalar", shares=False, changes=(1,)),
        **each("compile", LIGHT, below="re"),
        **each("escape", SCALAR, below="re"),
        # containers
        "collections.deque": returning(PURE, "deque"),
        "collections.Counter": returning(PURE, "dict"),
        "collections.OrderedDict": returning(PURE, "dict"),
        "collections.defaultdict": returning(PURE, "defaultdict"),
        "collections.namedtuple": LIGHT,
        "collections.ChainMap": PURE,
        **each(
            "heapify heappush heappop heapreplace heappushpop",
            Effect(changes=(0,), keeps=True),
            below="heapq",
        ),
        **each("nlargest nsmallest", returning(PURE, "list"), below="heapq"),
        **each("insort insort_left insort_right", Effect("scalar", changes=(0,)), below="bisect"),
        "copy.copy": PURE,
        "copy.deepcopy": FRESH,
        **each("reduce", PURE, below="functools"),
        **each(
            "setitem delitem iadd iconcat isub imul ior iand ixor ifloordiv itruediv imod ipow "
            "ilshift irshift imatmul",
            Effect(changes=(0,), keeps=True),
            below="operator",
        ),
        "struct.pack_into": Effect("scalar", changes=(1,)),
        **each(
            "fix_missing_locations increment_lineno copy_location",
            Effect(changes=(0,)),
            below="ast",
        ),
        # time
        **each(
            "time time_ns perf_counter perf_counter_ns monotonic monotonic_ns process_time "
            "process_time_ns localtime gmtime ctime strftime",
            _CLOCK,
            below="time",
        ),
        "time.sleep": SCALAR,
        **each("datetime.now datetime.utcnow datetime.today date.today", _CLOCK, below="datetime"),
        **each(
            "thread_time thread_time_ns clock_gettime clock_gettime_ns asctime",
            _CLOCK,
            below="time",
        ),
        **each("uuid1 uuid4", _CLOCK, below="uuid"),
        **each(
            "token_bytes token_hex token_urlsafe randbelow randbits choice", _CLOCK, below="secrets"
        ),
        **each("node uname", _CLOCK, below="platform"),
        # random
        "random.seed": _state("random"),
        "random.setstate": _state("random"),
        "random.getstate": _RANDOM,
        "random.shuffle": Effect("scalar", changes=(0,), draws="random"),
        "random.choice": Effect(picks=True, draws="random"),
        **each("choices sample", Effect("list", draws="random"), below="random"),
        **each("Random SystemRandom", Effect("random.Random", shares=False), below="random"),
        # ambient state
        "os.chdir": Effect("scalar", shares=False, reads=(0,), state="cwd"),
        "os.fchdir": _state("cwd"),
        "contextlib.chdir": Effect(anywhere=True),
        **each("putenv unsetenv", _state("os.environ"), below="os"),
        **each("filterwarnings simplefilter resetwarnings", _state("warnings"), below="warnings"),
        "warnings.warn": SCALAR,
        **each(
            "basicConfig disable addLevelName captureWarnings", _state("logging"), below="logging"
        ),
        **each("config.dictConfig config.fileConfig", _state("logging"), below="logging"),
        **each("getLogger", Effect("logging.Logger", shares=False, light=True), below="logging"),
        **each("debug info warning error exception critical log", SCALAR, below="logging"),
        **each(
            "StreamHandler NullHandler Formatter",
            Effect("logging.Handler", light=True),
            below="logging",
        ),
        **each(
            "FileHandler handlers.RotatingFileHandler handlers.TimedRotatingFileHandler",
            Effect("logging.Handler", writes=(0, "filename"), state="logging.FileHandler"),
            below="logging",
        ),
        "locale.setlocale": _state("locale"),
        **each("setcontext", _state("decimal"), below="decimal"),
        "decimal.getcontext": Effect("decimal.Context", shares=False),
        **each("setrecursionlimit", _state("sys.recursionlimit"), below="sys"),
        **each("getsizeof getrecursionlimit exit", SCALAR, below="sys"),
        **_PROCESS_WIDE,
        # files
        **each(
            "exists isfile isdir getsize getmtime getatime getctime lexists islink samefile",
            _LOOKS,
            below="os.path",
        ),
        "os.listdir": returning(_READS, "list"),
        **each("scandir stat walk access", _READS, below="os"),
        **each("remove unlink rmdir removedirs truncate", _WRITES, below="os"),
        **each("mkdir makedirs", _WRITES, below="os"),
        **each("rename replace", Effect("scalar", reads=(0,), writes=(0, 1)), below="os"),
        # A link that is carried becomes a file of its own.
        **each(
            "link symlink",
            Effect("scalar", reads=(0,), writes=(0, 1), state="os.symlink"),
            below="os",
        ),
        **each("getcwd getcwdb", SCALAR, below="os"),
        **each("getenv cpu_count", SCALAR, below="os"),
        **each("getpid urandom times", _CLOCK, below="os"),
        **each("system popen", _PROCESS, below="os"),
        **each(
            "run call check_call check_output Popen getoutput getstatusoutput",
            _PROCESS,
            below="subprocess",
        ),
        **each(
            "copy copy2 copyfile copytree move",
            Effect("str", reads=(0,), writes=(1,)),
            below="shutil",
        ),
        **each("rmtree", _WRITES, below="shutil"),
        **each("unpack_archive", Effect("scalar", reads=(0,), anywhere=True), below="shutil"),
        **each("make_archive", Effect("str", writes=(0,), anywhere=True), below="shutil"),
        **each("which disk_usage", SCALAR, below="shutil"),
        **each("glob iglob", Effect("list", shares=False, reads=(0,)), below="glob"),
        **each("Path PurePath PosixPath", _PATH, below="pathlib"),
        **each("Path.home Path.cwd", _PATH, below="pathlib"),
        **each("load", Effect(shares=False, changes=(0,)), below="pickle"),
        **each("loads dumps", FRESH, below="pickle"),
        **each("dump", Effect("scalar", shares=False, changes=(1,)), below="pickle"),
        **each("reader DictReader", Effect("", bound="a reader that keeps its place"), below="csv"),
        "shelve.open": Effect("", shares=False, reads=(0,), writes=(0,), bound="an open shelf"),
        **each(
            "open",
            Effect("", shares=False, reads=(0,), writes=(0,), bound="an open database"),
            below="dbm",
        ),
        **each("writer DictWriter", Effect(""), below="csv"),
        "sqlite3.connect": Effect(
            "sqlite3.Connection",
            shares=False,
            reads=(0,),
            writes=(0,),
            bound="a database connection",
        ),
        **each(
            "ZipFile",
            Effect("file", reads=(0,), writes=(0,), anywhere=True, bound="an open archive"),
            below="zipfile",
        ),
        **each(
            "open TarFile",
            Effect("file", reads=(0,), writes=(0,), anywhere=True, bound="an open archive"),
            below="tarfile",
        ),
        **each(
            "open GzipFile",
            Effect("file", reads=(0,), writes=(0,), bound="an open file"),
            below="gzip",
        ),
        **each("StringIO BytesIO", Effect("memory file", shares=False), below="io"),
        **each("open", Effect("file", reads=(0,), writes=(0,), bound="an open file"), below="io"),
        **each(
            "mkdtemp mkstemp gettempdir",
            Effect(shares=False, clock=True),
            below="tempfile",
        ),
        **each(
            "NamedTemporaryFile TemporaryFile",
            Effect("file", shares=False, clock=True, bound="an open file"),
            below="tempfile",
        ),
        "tempfile.TemporaryDirectory": Effect(
            shares=False, clock=True, bound="a folder that goes with the object"
        ),
        # what lives in the process
        **each(
            "Lock RLock Condition Event Semaphore BoundedSemaphore Barrier",
            Effect("", shares=False, bound="a lock"),
            below="threading",
        ),
        **each("Thread Timer", Effect("", bound="a thread"), below="threading"),
        **each(
            "Pool Process Queue Manager Lock Event",
            Effect("", bound="a process or its queue"),
            below="multiprocessing",
        ),
        **each(
            "ThreadPoolExecutor ProcessPoolExecutor",
            Effect("", bound="a pool of workers"),
            below="concurrent.futures",
        ),
        **each("socket create_connection", Effect("", bound="a socket"), below="socket"),
        **each("create_task ensure_future", Effect("", bound="a running task"), below="asyncio"),
        **each("sleep", SCALAR, below="asyncio"),
        **each("gather run wait_for", PURE, below="asyncio"),
        # the interpreter
        "importlib.import_module": LIGHT,
        "gc.collect": SCALAR,
        **each("pprint pp", SCALAR, below="pprint"),
        **each("display clear_output", SCALAR, below="IPython.display"),
        **each("display clear_output", SCALAR, below="IPython.core.display"),
    },
    prefixes={
        "random.": _RANDOM,
        **dict.fromkeys(
            "math. cmath. statistics. string. textwrap. unicodedata. hashlib. base64. binascii. "
            "fractions. decimal. numbers. datetime. calendar. zoneinfo. operator. itertools. "
            "functools. collections. typing. types. enum. dataclasses. abc. re. json. uuid. "
            "struct. array. bisect. copy. os.path. html. urllib.parse. platform. sys. warnings. "
            "contextlib. inspect. difflib. time. keyword. secrets. IPython.display. ast. "
            "__future__. traceback. pprint. reprlib. colorsys.".split(),
            Effect(light=True),
        ),
    },
    types={
        "path": TypeTable(
            default=Effect("path", shares=False),
            methods={
                **each("exists is_file is_dir stat is_symlink", Effect("scalar", reads=("self",))),
                **each("read_text read_bytes", Effect("str", reads=("self",))),
                **each(
                    "write_text write_bytes touch mkdir rmdir unlink",
                    Effect("scalar", writes=("self",)),
                ),
                **each("rename replace", Effect("path", reads=("self",), writes=("self", 0))),
                **each("lstat owner group samefile", Effect("scalar", reads=("self",))),
                **each("readlink", Effect("path", reads=("self",))),
                **each("chmod", Effect("scalar", writes=("self",))),
                **each(
                    "symlink_to hardlink_to",
                    Effect("scalar", reads=(0,), writes=("self", 0), state="os.symlink"),
                ),
                **each("copy move", Effect("path", reads=("self",), writes=("self", 0))),
                **each("copy_into move_into", Effect("path", anywhere=True)),
                **each("open", Effect("file", reads=("self",), bound="an open file")),
                **each("glob rglob iterdir walk", Effect("list", shares=False, reads=("self",))),
                **each("as_posix as_uri is_absolute match is_relative_to", SCALAR),
            },
            attributes={
                **dict.fromkeys("name stem suffix anchor drive root".split(), "str"),
                "parent": "path",
                "parts": "tuple",
                "parents": "tuple",
                "suffixes": "list",
            },
            arithmetic="path",
        ),
        "random.Random": TypeTable(
            default=Effect(changes=("self",)),
            methods=each("shuffle", Effect("scalar", changes=("self", 0))),
        ),
        "sqlite3.Connection": TypeTable(
            methods={
                **each(
                    "execute executemany executescript cursor",
                    Effect("sqlite3.Connection", changes=("self",), bound="a database cursor"),
                ),
                **each("commit rollback close", Effect("scalar", changes=("self",))),
                **each("fetchall fetchmany", Effect("list", shares=False, changes=("self",))),
                **each("fetchone", Effect("tuple", shares=False, changes=("self",))),
            },
            consumed=True,
        ),
        "logging.Logger": TypeTable(
            default=SCALAR,
            methods=each(
                "setLevel addHandler removeHandler addFilter removeFilter",
                Effect("scalar", state="logging", light=True),
            ),
            attributes={"name": "str", "level": "int"},
        ),
        "logging.Handler": TypeTable(default=CHANGES_SELF),
    },
    states={
        "os.environ": "os.environ",
        "sys.path": "sys.path",
        "warnings.filters": "warnings",
        "sys.modules": "sys.modules",
    },
    constants=frozenset(
        "math.pi math.e math.tau math.inf math.nan sys.version sys.version_info sys.platform "
        "sys.executable os.sep os.linesep os.name string.ascii_letters string.ascii_lowercase "
        "string.ascii_uppercase string.digits string.punctuation".split()
    ),
)
