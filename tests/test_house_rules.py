"""The house rules that ruff and mypy don't know, read from the source itself.

Words that the rules forbid are written with a character class ("no[q]a"), so that a search finds only real ones.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("engine", "vcfviewer", "packaging")
TOP_LEVEL = frozenset(
    ("pyproject.toml", "README.md", "LICENSE", "vcfviewer", "engine", "resources", "tests", "packaging")
)
LINES_A_FILE = 400
LINES_A_WINDOW = 199
LINES_A_FUNCTION = 60
METHODS_A_CLASS = 20
LARGEST_FILE = 50_000_000
LARGEST_SHARD = 95_000_000

SILENCED = re.compile(
    r"\bTO[D]O\b|\bFIX[M]E\b|\bX[X]X\b|no[q]a\b|type:\s*ig[n]ore|pragma:\s*no co[v]er|NotImplemented[E]rror"
    r"|pytest\.mark\.sk[i]p\b|\bx[f]ail\("
)
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:work|farm|root|home|Users)/|/t[m]p/[a-z]|\b[A-Z]:\\+Users")
MUTABLE_CALLS = frozenset(
    ("list", "dict", "set", "bytearray", "defaultdict", "Counter", "OrderedDict", "deque", "Console", "local", "Queue",
     "array", "zeros", "ones", "full", "empty", "arange", "linspace", "tensor", "Generator", "default_rng")
)  # fmt: skip
MUTABLE_LITERALS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(folders: tuple[str, ...] = (*PRODUCT, "tests")) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def files_of_the_project() -> list[Path]:
    """All files that git tracks or would take."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: which files belong to the project isn't known")
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    found = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    return [path for path in found if path.is_file()]


def too_long(path: str, tree: ast.Module, lines: int) -> Iterator[str]:
    most = LINES_A_WINDOW if path.endswith("window.py") else LINES_A_FILE
    if lines > most:
        yield f"{path}: {lines} lines, at most {most}"
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.end_lineno - node.lineno >= LINES_A_FUNCTION:
            length = node.end_lineno - node.lineno + 1
            yield f"{path}:{node.lineno} {node.name}: {length} lines, at most {LINES_A_FUNCTION}"
        if isinstance(node, ast.ClassDef):
            methods = sum(isinstance(member, FUNCTIONS) for member in node.body)
            if methods > METHODS_A_CLASS:
                yield f"{path}:{node.lineno} {node.name}: {methods} methods, at most {METHODS_A_CLASS}"


def prints_and_exits(path: str, tree: ast.Module) -> Iterator[str]:
    forbidden = {"print", "exit", "quit", "sys.exit", "os._exit", "SystemExit"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in forbidden:
            yield f"{path}:{node.lineno} {ast.unparse(node.func)}"


def mutable_state(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"{path}:{node.lineno} global {', '.join(node.names)}"
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and is_mutable(statement.value):
            yield f"{path}:{statement.lineno} {ast.unparse(statement)[:60]}"


def is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in MUTABLE_CALLS
    return isinstance(value, MUTABLE_LITERALS)


def stub_bodies(path: str, tree: ast.Module) -> Iterator[str]:
    protocols = {
        id(member)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
        for member in node.body
    }
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and id(node) not in protocols and is_stub(node):
            yield f"{path}:{node.lineno} {node.name} has no body"


def is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in function.decorator_list}
    if names & {"abstractmethod", "overload"}:
        return False
    rest = function.body[1:] if ast.get_docstring(function) is not None else function.body
    # A docstring alone is a function that documents doing nothing; `...` and `pass` are what was left to do.
    return bool(rest) and all(isinstance(step, ast.Pass) or ast.unparse(step) == "..." for step in rest)


def silenced(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if SILENCED.search(line):
            yield f"{path}:{number} {line.strip()}"


def machine_paths(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATHS.search(line):
            yield f"{path}:{number} {line.strip()}"


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def none_of(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def test_files_functions_and_classes_are_short():
    found = [
        line
        for path in sources()
        for line in too_long(relative(path), tree_of(path), path.read_text(encoding="utf-8").count("\n"))
    ]
    none_of(found)


def test_only_main_modules_print_and_exit():
    talkers = [path for path in sources() if path.name != "__main__.py" and path.parent.name != "packaging"]
    none_of([line for path in talkers for line in prints_and_exits(relative(path), tree_of(path))])


def test_modules_hold_no_mutable_state():
    none_of([line for path in sources(PRODUCT) for line in mutable_state(relative(path), tree_of(path))])


def test_nothing_is_a_stub():
    none_of([line for path in sources() for line in stub_bodies(relative(path), tree_of(path))])


def test_no_check_is_silenced_and_nothing_left_to_do():
    none_of([line for path in sources() for line in silenced(relative(path), path.read_text(encoding="utf-8"))])


def test_no_file_names_a_path_of_one_machine():
    found = []
    for path in files_of_the_project():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            found += machine_paths(relative(path), data.decode("utf-8", errors="replace"))
    none_of(found)


def test_top_level_is_the_agreed_one():
    names = {path.relative_to(ROOT).parts[0] for path in files_of_the_project()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_is_too_large():
    found = []
    for path in files_of_the_project():
        most = LARGEST_SHARD if relative(path).startswith("resources/weights/") else LARGEST_FILE
        if path.stat().st_size > most:
            found.append(f"{relative(path)}: {path.stat().st_size} bytes, at most {most}")
    none_of(found)


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (prints_and_exits, "def f():\n    print(1)"),
        (prints_and_exits, "import sys\ndef f():\n    sys.exit(1)"),
        (prints_and_exits, "def f():\n    raise SystemExit(1)"),
        (mutable_state, "CACHE = {}"),
        (mutable_state, "NAMES: list[str] = [name for name in 'ab']"),
        (mutable_state, "import numpy as np\nTABLE = np.array((1, 2))"),
        (mutable_state, "def f():\n    global N\n    N = 1"),
        (stub_bodies, "def f():\n    ..."),
        (stub_bodies, "class A:\n    def f(self):\n        'Do it.'\n        pass"),
    ],
)
def test_the_rules_see_what_breaks_them(rule, source):
    assert len(list(rule("a.py", ast.parse(source)))) == 1


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (prints_and_exits, "def f(console):\n    console.print(1)"),
        (mutable_state, "from types import MappingProxyType\nLEVELS = MappingProxyType({'L1': 1})\nA = (1, [2])[0]"),
        (mutable_state, "def f():\n    seen = {}\n    return seen"),
        (stub_bodies, "from typing import Protocol\nclass P(Protocol):\n    def f(self) -> int: ..."),
        (stub_bodies, "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ..."),
        (stub_bodies, "def no_progress():\n    'Swallow progress.'"),
    ],
)
def test_the_rules_let_good_code_pass(rule, source):
    assert list(rule("a.py", ast.parse(source))) == []


@pytest.mark.parametrize("words", ["TO" + "DO: later", "# no" + "qa: E501", "# type:" + " ignore", "FIX" + "ME"])
def test_silencing_words_are_seen(words):
    assert len(list(silenced("a.py", f"x = 1  # {words}"))) == 1


@pytest.mark.parametrize("path", ["/home" + "/anna/films", "/tm" + "p/films", "C:" + "\\Users\\anna", "'/wor" + "k/x'"])
def test_machine_paths_are_seen(path):
    assert len(list(machine_paths("a.md", f"see {path} for more"))) == 1


@pytest.mark.parametrize(
    "path", ["~/vcfviewer-results", "../shared/data", "https://example.org/ho" + "me/", "frame/wor" + "k/x"]
)
def test_other_paths_are_no_machine_paths(path):
    assert list(machine_paths("a.md", f"see {path} for more")) == []


def test_lengths_are_measured():
    short = "def f():\n" + "    x = 1\n" * (LINES_A_FUNCTION - 1)
    assert list(too_long("a.py", ast.parse(short), LINES_A_FILE)) == []
    long = ast.parse(short + "    x = 1\n")
    assert len(list(too_long("a.py", long, LINES_A_FILE + 1))) == 2
    methods = "".join(f"    def m{number}(self):\n        return 1\n" for number in range(METHODS_A_CLASS + 1))
    assert len(list(too_long("a.py", ast.parse("class A:\n" + methods), 1))) == 1
    assert len(list(too_long("vcfviewer/window.py", ast.parse(""), LINES_A_WINDOW + 1))) == 1
