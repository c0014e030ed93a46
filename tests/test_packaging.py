"""The set-up: run.py and test.py, what they share, and what the installed package holds."""

import ast
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import engine
import vcfviewer
from vcfviewer.__main__ import main as start_program

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("run.py", "test.py")


def load(monkeypatch: pytest.MonkeyPatch, name: str) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name.removeprefix('packaging_')}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def setup(monkeypatch):
    return load(monkeypatch, "_setup")


@pytest.fixture
def system(monkeypatch, setup):
    return load(monkeypatch, "_system")


@pytest.fixture
def checkout(tmp_path):
    """A project with an environment that is alive, and a pyproject.toml that pip refuses at once, without a network."""
    (tmp_path / "pyproject.toml").write_text("this is no TOML", encoding="utf-8")
    venv.create(tmp_path / ".venv", with_pip=False, symlinks=os.name != "nt")
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    python = tmp_path / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = subprocess.run((python, "-c", code), capture_output=True, text=True, check=True).stdout.strip()
    # A real pip takes seconds to unpack; this one can be imported, and refuses to install.
    package = Path(site) / "pip"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("raise SystemExit(7)", encoding="utf-8")
    return tmp_path


def stamp(setup, root: Path, **changes: object) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    facts = {"fingerprint": setup._fingerprint(root, version), "dev": False, **changes}
    (root / ".venv" / "vcfviewer-setup.json").write_text(json.dumps(facts), encoding="utf-8")


def test_a_current_environment_is_taken_as_it_is(setup, checkout):
    stamp(setup, checkout)
    assert setup.ensure_environment(checkout, dev=False) == checkout / ".venv"


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_needs_no_environment(name):
    shown = subprocess.run(
        (sys.executable, ROOT / "packaging" / name, "--help"), capture_output=True, text=True, check=True
    )
    assert f"python3 packaging/{name}" in shown.stdout


def test_the_development_environment_serves_the_program_too(setup, checkout):
    stamp(setup, checkout, dev=True)
    assert setup.ensure_environment(checkout, dev=False) == checkout / ".venv"
    assert setup.ensure_environment(checkout, dev=True) == checkout / ".venv"


def test_the_program_s_environment_does_not_serve_development(setup, checkout):
    stamp(setup, checkout)
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.ensure_environment(checkout, dev=True)


def test_a_changed_project_file_installs_again_and_a_failure_leaves_no_stamp(setup, checkout):
    stamp(setup, checkout)
    (checkout / "pyproject.toml").write_text("this is no TOML either", encoding="utf-8")
    with pytest.raises(setup.SetupError, match=r"ended with 7.*\n.*network(.*\n)+.*GB are free"):
        setup.ensure_environment(checkout, dev=False)
    assert not (checkout / ".venv" / "vcfviewer-setup.json").exists()


def test_a_moved_checkout_installs_again(setup, checkout):
    stamp(setup, checkout)
    moved = checkout.with_name(checkout.name + " moved")
    shutil.move(checkout, moved)
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.ensure_environment(moved, dev=False)


@pytest.mark.parametrize("content", ["", "[]", "null", "{"])
def test_a_broken_stamp_installs_again(setup, checkout, content):
    (checkout / ".venv" / "vcfviewer-setup.json").write_text(content, encoding="utf-8")
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.ensure_environment(checkout, dev=False)


def test_a_broken_environment_is_made_anew(setup, tmp_path, capfd):
    (tmp_path / "pyproject.toml").write_text("this is no TOML", encoding="utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    with pytest.raises(setup.SetupError, match="pip could not install"):
        setup.ensure_environment(tmp_path, dev=False)
    assert setup.venv_program(tmp_path / ".venv", "python").exists()
    assert "Making a Python environment" in capfd.readouterr().out


def test_a_folder_that_can_t_hold_an_environment_is_told(setup, tmp_path):
    (tmp_path / ".venv").write_text("a file", encoding="utf-8")
    with pytest.raises(setup.SetupError, match="could not be made"):
        setup.ensure_environment(tmp_path, dev=False)


def test_children_get_no_foreign_qt_plugins_and_no_screen_where_there_is_none(setup):
    bare = setup.child_environment({"QT_QPA_PLATFORM_PLUGIN_PATH": "elsewhere", "A": "1"}, "linux")
    assert bare == {"A": "1", "QT_QPA_PLATFORM": "offscreen"}
    assert setup.child_environment({"DISPLAY": ":0"}, "linux") == {"DISPLAY": ":0"}
    assert setup.child_environment({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == {"WAYLAND_DISPLAY": "wayland-0"}
    assert setup.child_environment({"QT_QPA_PLATFORM": "vnc"}, "linux") == {"QT_QPA_PLATFORM": "vnc"}
    assert setup.child_environment({}, "darwin") == {}
    assert setup.child_environment({}, "win32") == {}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux do libraries come from the system")
def test_missing_system_libraries_are_named_with_their_packages(system):
    there = system.Library("libc.so.6", "libc6", "glibc")
    absent = system.Library("libnowhere.so.9", "libnowhere9", "nowhere-libs")
    assert system.missing_libraries((there, absent)) == (absent,)
    assert system.install_commands("apt-get", (absent, there, there))[-1][-2:] == ("libc6", "libnowhere9")
    assert system.install_commands("dnf", (absent,)) == (("dnf", "install", "--assumeyes", "nowhere-libs"),)


def test_every_check_runs_and_every_failure_is_named(monkeypatch, setup, system, capfd):
    checks = load(monkeypatch, "packaging_test")
    environment = Path(sys.prefix)
    commands = (("python", "-c", "raise SystemExit(3)"), ("python", "-c", "print('ran')"), ("python", "-c", "1/0"))
    failed = checks.failed_checks(environment, commands, dict(os.environ))
    assert failed == ["python -c raise SystemExit(3)", "python -c 1/0"]
    assert "ran" in capfd.readouterr().out


def test_slow_tests_run_only_when_asked_for(monkeypatch, setup, system):
    checks = load(monkeypatch, "packaging_test")
    assert checks.pytest_arguments(["-x", "tests/engine"]) == ["-m", "not slow", "-x", "tests/engine"]
    assert checks.pytest_arguments(["--all", "-x"]) == ["-x"]
    assert checks.names_tests(["-x", "tests/engine"])
    assert checks.names_tests(["tests/test_packaging.py::test_wheel"])
    assert not checks.names_tests(["--all", "-x", "-k", "wedge"])


def test_benchmarks_run_in_full_and_fill_in_the_readme_only_when_asked_to(monkeypatch, setup, system):
    checks = load(monkeypatch, "packaging_test")
    page = ["--benchmark-page", "build/benchmarks"]
    assert checks.benchmark_arguments(["--benchmarks"]) == ["tests/benchmarks", *page]
    one = "tests/benchmarks/test_matching_time.py"
    assert checks.benchmark_arguments(["--benchmarks", one, "-x"]) == [one, "-x", *page]
    told = checks.benchmark_arguments(["--benchmarks", "--readme"])
    assert told == ["tests/benchmarks", "--benchmark-page", "resources/benchmarks", "--benchmark-readme"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_old_python_is_refused_with_the_version_that_is_needed(name):
    code = (
        "import runpy, sys; sys.hexversion = 0x030A0CF0; "
        f"runpy.run_path({str(ROOT / 'packaging' / name)!r}, run_name='__main__')"
    )
    refused = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "needs Python 3.11 or newer" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_old_python_can_read_the_script_that_refuses_it(name):
    tree = ast.parse((ROOT / "packaging" / name).read_text(encoding="utf-8"), feature_version=(3, 7))
    assert isinstance(tree, ast.Module)


def imported_modules(path: Path) -> set[str]:
    """The top names of all that a file imports, also within functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_the_scripts_need_nothing_but_python():
    imported = set().union(*(imported_modules(path) for path in (ROOT / "packaging").glob("*.py")))
    assert imported <= sys.stdlib_module_names | {"_screen", "_setup", "_system"}


@pytest.mark.skipif(os.name == "nt", reason="CI's script is a bash script")
@pytest.mark.parametrize("shared", [True, False])
def test_ci_runs_the_readme_s_command_with_the_real_films_beside_the_repository(tmp_path, shared):
    repository = tmp_path / "clone"
    (repository / "packaging").mkdir(parents=True)
    shutil.copytree(ROOT / ".ci", repository / ".ci")
    told = "import os, sys; print(sys.argv[1:], os.environ.get('VCFVIEWER_TEST_DATA')); sys.exit(3)"
    (repository / "packaging" / "test.py").write_text(told, encoding="utf-8")
    if shared:
        (tmp_path / "shared").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "VCFVIEWER_TEST_DATA"}
    ran = subprocess.run(
        (repository / ".ci" / "run",), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == f"[] {tmp_path / 'shared' if shared else None}"
    assert ran.returncode == 3


def test_one_version_everywhere():
    assert vcfviewer.__version__ == engine.__version__ == importlib.metadata.version("vcfviewer")
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.?\w+)?", engine.__version__)


@pytest.mark.parametrize("name", ["vcf-engine", "vcfviewer"])
def test_console_scripts_lead_to_functions(name):
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name=name)
    assert callable(entry.load())


def test_there_is_one_opencv_and_it_has_no_qt_of_its_own():
    wheels = {
        found.name.lower() for found in importlib.metadata.distributions() if found.name.lower().startswith("opencv")
    }
    assert wheels == {"opencv-python-headless"}
    code = "import os, cv2; print(os.environ.get('QT_QPA_PLATFORM_PLUGIN_PATH'))"
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM_PLUGIN_PATH"}
    shown = subprocess.run((sys.executable, "-c", code), env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "None"


def test_the_program_shows_its_help_without_a_model(capsys):
    with pytest.raises(SystemExit) as ended:
        start_program(["--help"])
    assert ended.value.code == 0
    assert "Research use only" in " ".join(capsys.readouterr().out.split())


def test_the_licence_is_the_whole_apache_2_text():
    text = (ROOT / "LICENSE").read_bytes().replace(b"\r\n", b"\n")
    # SHA-256 of apache.org/licenses/LICENSE-2.0.txt
    assert hashlib.sha256(text).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def test_the_changelog_begins_with_what_is_unreleased():
    headings = re.findall(r"^## (.+)$", (ROOT / "packaging" / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"


def test_the_readme_names_both_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 packaging/run.py" in text
    assert "python3 packaging/test.py" in text


def test_pre_commit_reads_its_configuration_and_downloads_nothing(tmp_path):
    checked = subprocess.run(
        (sys.executable, "-m", "pre_commit", "validate-config", ROOT / ".pre-commit-config.yaml"),
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}


def test_what_the_product_imports_is_declared():
    by_module = importlib.metadata.packages_distributions()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = (*project["dependencies"], *project["optional-dependencies"]["ray"])
    declared = {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}
    undeclared = {}
    for path in (*(ROOT / "engine").rglob("*.py"), *(ROOT / "vcfviewer").rglob("*.py")):
        for module in imported_modules(path) - sys.stdlib_module_names - {"engine", "vcfviewer"}:
            if not {name.lower() for name in by_module.get(module, ())} & declared:
                undeclared.setdefault(module, path.relative_to(ROOT).as_posix())
    assert undeclared == {}


def test_every_dependency_says_what_for_and_has_an_upper_bound():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    for requirement in (*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())):
        assert "<" in requirement
        assert re.search(re.escape(f'"{requirement}",') + r" +# \w", text), requirement


@pytest.mark.slow
def test_the_wheel_carries_the_resources(tmp_path):
    subprocess.run(
        (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT), check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    carried = {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}
    # What the README's comparison was made from is for its tests alone.
    left_out = {name for name in carried if name.startswith("resources/comparison/")}
    assert left_out < carried
    assert {f"vcfviewer/{name}" for name in carried - left_out} <= names
    assert not any("resources/comparison/" in name for name in names)
    assert {"engine/__init__.py", "vcfviewer/__main__.py"} <= names
    assert not any(name.startswith(("tests/", "packaging/", "resources/")) for name in names)
