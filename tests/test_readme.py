"""The README is true: its commands are run one after the other, on the sandbox, as a new user would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

# What is not run here, and what shows it instead.
ELSEWHERE = {
    "pipx install .": "test_the_installed_package_has_the_demo",
    "make demo": "the makefile's line is compared below",
    "make test": "is what runs this",
}


@dataclass(frozen=True)
class Line:
    """A command in a fenced block, and what it ends with."""

    command: str
    code: int


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, without their indent."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def lines(text: str) -> Iterator[Line]:
    """The commands in the blocks for a shell."""
    for block in blocks(text, "sh"):
        for line in block.splitlines():
            code = re.search(r"# exit code (\d+)", line)
            if command := line.partition(" #")[0].strip():
                yield Line(command, int(code[1]) if code else 0)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a terminal is played with a pty")
def test_the_readme_can_be_followed_from_first_to_last_line(tmp_path: Path) -> None:
    own_sheet(tmp_path / "tracking.xlsx")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORDERDESK_")}
    environment |= {"ORDERDESK_BATCH_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    sandbox: subprocess.Popen[str] | None = None
    try:
        for line in lines(README):
            words = line.command.split()
            if line.command in ELSEWHERE:
                continue
            if words[0] == "export":
                assert words[1].partition("=")[0] in environment, line
            elif words[1] == "sandbox":
                sandbox = subprocess.Popen(program(words), cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
                assert sandbox.stdout
                environment |= dict(sandbox.stdout.readline().split()[1].split("=", 1) for _ in range(3))
            else:
                words = [latest_run(tmp_path, environment) if word == "RUN" else word for word in words]
                said, code = at_a_terminal(program(words), tmp_path, environment)
                assert code == line.code, f"{line.command} ended with {code}:\n{said}"
                if words[1] == "upload" and "Nothing to send" not in said:
                    assert "[y/N]" in said, said
                if words[1] == "demo":
                    assert (tmp_path / "demo" / "shipstation-tracking.results.xlsx").is_file()
    finally:
        if sandbox is not None:
            sandbox.terminate()
            sandbox.communicate(timeout=20)
    assert (tmp_path / "tracking.results.xlsx").is_file()


def program(words: list[str]) -> list[str]:
    assert words[0] == "orderdesk-batch", words
    return [sys.executable, "-m", "orderdesk_batch", *words[1:]]


def own_sheet(path: Path) -> None:
    """A sheet of the user's, for two orders that no sample has."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("Order Number", "Tracking Number"), ("10009", "1Z999AA10123456784"), ("10010", "9400111899560696772875")):
        book.active.append(row)
    book.save(path)


def latest_run(folder: Path, environment: dict[str, str]) -> str:
    """The first name that `runs` lists."""
    listed = subprocess.run(
        program(["orderdesk-batch", "runs"]), cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()[1].split()[0]


def at_a_terminal(command: list[str], folder: Path, environment: dict[str, str], answer: bytes = b"y\n") -> tuple[str, int]:
    """What a command shows at a terminal, and its exit code; a question is answered."""
    import pty

    ours, theirs = pty.openpty()
    running = subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    said, answered, ends = b"", False, time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            more = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            more = b""
        if not more:
            break
        said += more
        if not answered and b"[y/N]" in said:
            os.write(ours, answer)
            answered = True
    os.close(ours)
    return said.decode("utf-8", "replace"), running.wait(timeout=30)


def test_every_shell_sets_the_same_variables() -> None:
    shells = {
        "sh": r"^export (\w+)=", "powershell": r"^\$env:(\w+) = \"", "bat": r"^set (\w+)=",
    }  # fmt: skip
    named = {language: re.findall(form, "\n".join(blocks(README, language)), re.MULTILINE) for language, form in shells.items()}
    assert named["sh"] == named["powershell"] == named["bat"] == ["ORDERDESK_STORE_ID", "ORDERDESK_API_KEY"]


def test_make_demo_and_make_test_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:.*\n\t.*orderdesk-batch demo --keep demo$", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)
    commands = [line.command for line in lines(README)]
    assert [command for command in commands if command.startswith("make ")] == ["make demo", "make test"]


def test_the_exit_codes_are_those_of_the_program() -> None:
    from orderdesk_batch import errors

    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    known = {value.exit_code for value in vars(errors).values() if isinstance(value, type) and hasattr(value, "exit_code")}
    assert {0, 10, 130} <= told
    assert known <= told


def test_the_python_versions_are_those_of_the_package() -> None:
    import tomllib

    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11, 3.12 or 3.13" in README


@pytest.mark.slow
def test_the_installed_package_has_the_demo(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="builds the package")
    wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(wheel, cwd=ROOT, check=True, capture_output=True)
    (built,) = tmp_path.glob("*.whl")
    import zipfile

    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "installed")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    where = subprocess.run([sys.executable, "-c", "import orderdesk_batch; print(orderdesk_batch.__file__)"], cwd=tmp_path,
                           env=environment, capture_output=True, text=True, check=True)  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)
    subprocess.run(
        [sys.executable, "-m", "orderdesk_batch", "demo"], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
