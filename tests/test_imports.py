"""The architecture: a module imports only from floors below its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "orderdesk_batch"

# The house, from the ground up. A module may use what lies below it, never beside or above it.
FLOORS = [
    {"errors", "kinds", "home", "states", "address", "private"},
    {"fields", "pace", "lock", "collector", "sample_files", "extras", "aside"},
    {"memory"},
    {"profiles"},
    {"sheets", "store", "carriers"},
    {"packing"},
    {"shelf", "checks"},
    {"plan"},
    {"lookup"},
    {"run", "export", "show", "report"},
    {"apply", "doctor", "watch", "plot", "archive"},
    {"notebook"},
    {"panel"},
    {"desk"},
    {"desks"},
    {"tryout"},
    {"cli"},
]
# `sandbox` stands apart: it knows nothing of the field table. Those who start one know only its face.
APART = "sandbox"
STARTS_A_SANDBOX = {"tryout", "cli"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def floor(name: str) -> int:
    """The floor of a module."""
    return next(n for n, names in enumerate(FLOORS) if name in names)


@cache
def parsed(path: Path) -> ast.Module:
    """A module's code."""
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> set[str]:
    """The top-level modules of the package that a file imports, wherever in it, also for types alone."""
    found = set()
    parts = path.relative_to(PACKAGE).parts
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = list(parts[: len(parts) - node.level])
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            found |= {[*base, name][0] for name in names} if not base else {base[0]}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("orderdesk_batch."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("orderdesk_batch.")}
    return found - {parts[0].removesuffix(".py"), "__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_floors_below_its_own(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("__init__", "__main__"):
        return
    used = imported(path)
    if own == APART:
        assert not used
        return
    if own in STARTS_A_SANDBOX:
        used.discard(APART)
    assert {name for name in used if floor(name) >= floor(own)} == set()


def third_party(path: Path) -> set[str]:
    """The packages of others that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_edges_use_the_heavy_libraries(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    used = third_party(path)
    assert "requests" not in used or own == "store"
    assert "pandas" not in used or own in ("sheets", "checks", "export", "show", "desk", "desks", "report", "plot", "archive")
    assert "flask" not in used or own in ("sandbox", "watch")


def test_help_fields_and_runs_start_without_pandas() -> None:
    code = (
        "import sys; from orderdesk_batch.cli import run\n"
        "for words in (['--help'], ['fields', 'orders'], ['runs']): run(words)\n"
        "heavy = {'pandas', 'pandera', 'numpy', 'requests', 'flask', 'openpyxl', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
