"""The set-up files agree with each other and with what the source imports; nothing is installed here."""

import ast
import re
import stat
import subprocess
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from explorer.project import PROJECT

# Needed at run time by another package, not by an import of ours: torch's exporter asks for it.
NOT_IMPORTED = {"onnxscript"}
PIN = re.compile(r"^[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*$")


def pins(name: str) -> dict[str, str]:
    """Package → version of one requirements file, without the files that it includes."""
    lines = [line.strip() for line in (PROJECT / name).read_text(encoding="utf-8").splitlines()]
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert all(PIN.match(line) for line in wanted), wanted
    return {package.lower(): number for package, _, number in (line.partition("==") for line in wanted)}


def packages_of(*tops: str) -> set[str]:
    """The installed packages that the source under ``tops`` imports."""
    ours = {"explorer", "models", "pages", "tests"} | set(sys.stdlib_module_names)
    modules = set[str]()
    for path in (file for top in tops for file in (PROJECT / top).rglob("*.py")):
        if path.name == "catalogue.py":  # a tool for developers inside the product's folder
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    owners = packages_distributions()
    return {owners[module][0].lower() for module in modules - ours}


def test_running_needs_exactly_what_is_imported() -> None:
    assert set(pins("requirements.txt")) == packages_of("models", "explorer", "pages") | NOT_IMPORTED


def test_testing_needs_what_the_tests_import() -> None:
    assert packages_of("tests") <= set(pins("requirements.txt")) | set(pins("requirements-dev.txt"))


def test_dev_includes_run() -> None:
    assert "-r requirements.txt" in (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    assert not set(pins("requirements.txt")) & set(pins("requirements-dev.txt"))


def test_what_is_installed_is_what_is_pinned() -> None:
    wanted = pins("requirements.txt") | pins("requirements-dev.txt")
    found = {package: version(package).split("+")[0] for package in wanted}  # torch's build is named after a plus
    assert found == wanted


@pytest.mark.parametrize("name", [".ci/run", ".ci/browser"])
def test_scripts_can_be_run(name: str) -> None:
    path = PROJECT / name
    assert path.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0  # noqa: S607


def test_ci_runs_the_tests_with_a_browser_required() -> None:
    text = (PROJECT / ".ci/run").read_text(encoding="utf-8")
    assert "CI=true" in text
    assert "make test" in text


def dry_run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What make would do, or does, in ``folder`` with this project's Makefile."""
    command = ["make", "--no-print-directory", "-f", str(PROJECT / "Makefile"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_run_does_not_install_what_testing_needs(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "requirements-dev.txt").touch()
    steps = dry_run("--dry-run", "run", folder=tmp_path).stdout
    assert "-r requirements.txt" in steps
    assert "-r requirements-dev.txt" not in steps
    assert "-m explorer" in steps


def test_nothing_is_installed_twice(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    (tmp_path / ".venv/run.stamp").touch()
    assert "install" not in dry_run("--dry-run", "run", folder=tmp_path).stdout


def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    done = dry_run("run", "PYTHON=false", folder=tmp_path)
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stderr
    assert not (tmp_path / ".venv").exists()
