"""login, stores and logout at the command line, over real HTTP; the key is in nothing that is printed or logged."""

from __future__ import annotations

import io
import logging
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from orderdesk_batch.cli import run
from orderdesk_batch.profiles import Profile, Profiles
from orderdesk_batch.sandbox import Sandbox
from tests.said import Said
from tests.test_profiles import Kept
from tests.test_profiles import keyring as keyring

WRONG = "wrong-key-0123456789"


Cli = Callable[..., Said]


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """A small sandbox; the tests only read it."""
    with Sandbox(orders=2, inventory=1, bucket=(10**6, 1e6)) as running:
        yield running


@pytest.fixture
def cli(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Cli:
    """Runs a command without a terminal, with lines on stdin; holds all that is said against the keys."""
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: False)
    caplog.set_level(logging.DEBUG)

    def call(*words: str, stdin: str = "") -> Said:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(list(words))
        captured = capsys.readouterr()
        for key in (shop.api_key, WRONG):
            assert key not in captured.out + captured.err + caplog.text
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person at the terminal types, in order; makes a terminal of the test."""
    typed: list[str] = []
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: True)
    for kind in ("visible", "hidden"):
        monkeypatch.setattr(f"click.termui.{kind}_prompt_func", lambda prompt="": typed.pop(0))
    return typed


@pytest.fixture
def at_terminal(cli: Cli, answers: list[str]) -> Cli:
    """The same with somebody there: the last argument is what is typed."""

    def call(*words: str, typed: list[str]) -> Said:
        answers[:] = typed
        said = cli(*words)
        assert answers == [], "not all was asked for"
        return said

    return call


def login(cli: Cli, shop: Sandbox, name: str, *more: str) -> Said:
    """Keep the sandbox under a name, its key in a file."""
    return cli("login", name, "--base-url", shop.url, "--keep", "file", *more, stdin=f"{shop.store_id}\n{shop.api_key}\n")


# -- login ------------------------------------------------------------------------------------------------


def test_login_tries_the_key_and_tells_the_stores_name(cli: Cli, shop: Sandbox) -> None:
    said = login(cli, shop, "shop-a")
    assert said.code == 0
    assert f"shop-a is Sandbox Store, store {shop.store_id} at {shop.url}. The key works." in said.out
    profile = Profiles().get("shop-a")
    assert profile == Profile("shop-a", shop.store_id, shop.url, "file") and Profiles().key(profile) == shop.api_key
    assert shop.api_key not in Profiles().path.read_text("utf-8")


def test_login_at_a_terminal_asks_for_what_is_not_given(at_terminal: Cli, keyring: Kept, shop: Sandbox) -> None:
    said = at_terminal("login", "shop-a", "--base-url", shop.url, typed=[shop.store_id, shop.api_key])
    assert said.code == 0 and "kept in the keyring (in memory)" in said.out and "Settings > Store Settings > API" in said.err
    assert list(keyring.entries.values()) == [shop.api_key]
    said = at_terminal("login", "shop-b", "--store-id", shop.store_id, "--base-url", shop.url, typed=[shop.api_key])
    assert said.code == 0 and "The same store is named shop-a, too." in said.err


def test_login_at_a_terminal_without_a_keyring_asks_where_to_keep_the_key(at_terminal: Cli, shop: Sandbox) -> None:
    said = at_terminal("login", "a", "--base-url", shop.url, typed=["file", shop.store_id, shop.api_key])
    assert said.code == 0 and "no keyring that can be used" in said.err
    assert Profiles().key(Profiles().get("a")) == shop.api_key
    said = at_terminal("login", "b", "--base-url", shop.url, typed=["environment", shop.store_id, shop.api_key])
    assert said.code == 0 and "Set ORDERDESK_API_KEY_B to the key" in said.err
    assert [path.name for path in (Profiles().folder / "keys").iterdir()] == ["a"]


def test_a_keyring_that_does_not_take_the_key_is_no_dead_end(at_terminal: Cli, keyring: Kept, shop: Sandbox) -> None:
    keyring.trouble = OSError("locked")
    said = at_terminal("login", "a", "--base-url", shop.url, typed=[shop.store_id, shop.api_key, "file"])
    assert said.code == 0 and "The keyring did not take the key (OSError: locked)" in said.err
    assert Profiles().get("a").keep == "file"
    said = at_terminal("login", "b", "--keep", "keyring", "--base-url", shop.url, typed=[shop.store_id, shop.api_key])
    assert said.code == 2 and "`--keep file`" in said.err and Profiles().names() == ["a"]


def test_without_a_terminal_or_a_keyring_the_place_has_to_be_said(cli: Cli, shop: Sandbox) -> None:
    for more in ((), ("--keep", "keyring")):
        said = cli("login", "shop-a", *more, stdin=f"{shop.store_id}\n{shop.api_key}\n")
        assert said.code == 2 and "`--keep file`" in said.err and "ORDERDESK_API_KEY_SHOP_A" in said.err
    assert Profiles().names() == []


def test_without_a_line_on_stdin_login_says_which(cli: Cli, shop: Sandbox) -> None:
    assert "no line on stdin for the store's id" in cli("login", "a", "--keep", "file").err
    said = cli("login", "a", "--keep", "file", stdin=f"{shop.store_id}\n")
    assert said.code == 2 and "no line on stdin for the key" in said.err


def test_a_wrong_key_is_told_for_its_store_and_nothing_is_kept(cli: Cli, shop: Sandbox) -> None:
    said = cli("login", "shop-a", "--base-url", shop.url, "--keep", "file", stdin=f"{shop.store_id}\n{WRONG}\n")
    assert said.code == 5
    assert f"shop-a: Order Desk refused the key for store {shop.store_id}" in said.err and "Nothing was kept" in said.err
    assert Profiles().names() == [] and not (Profiles().folder / "keys").exists()


def test_a_wrong_key_does_not_replace_a_good_one(cli: Cli, shop: Sandbox) -> None:
    login(cli, shop, "shop-a")
    assert cli("login", "shop-a", "--yes", stdin=f"{shop.store_id}\n{WRONG}\n").code == 5
    assert Profiles().key(Profiles().get("shop-a")) == shop.api_key


def test_a_store_that_cannot_be_reached_is_kept_only_untested(cli: Cli, dead: str) -> None:
    words = ("login", "shop-a", "--base-url", dead, "--store-id", "42", "--keep", "file")
    said = cli(*words, stdin=WRONG)
    assert said.code == 5 and "shop-a: Order Desk can't be reached" in said.err and "--no-test" in said.err
    assert Profiles().names() == []
    said = cli(*words, "--no-test", stdin=WRONG)
    assert said.code == 0 and "It was not tried" in said.out and Profiles().names() == ["shop-a"]


@pytest.fixture
def dead() -> str:
    """An address at which nobody listens."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_an_existing_name_is_replaced_only_when_that_is_meant(
    at_terminal: Cli, cli: Cli, shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    Profiles().put(Profile("shop-a", shop.store_id, shop.url, "file"), WRONG)
    said = at_terminal("login", "shop-a", typed=["n"])
    assert said.code == 130 and Profiles().key(Profiles().get("shop-a")) == WRONG
    said = at_terminal("login", "SHOP-A", typed=["y", "", shop.api_key])  # the id as before; the address and the place, too
    assert said.code == 0 and Profiles().key(Profiles().get("shop-a")) == shop.api_key
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: False)
    said = login(cli, shop, "shop-a")
    assert said.code == 2 and "To replace it: --yes" in said.err
    assert login(cli, shop, "shop-a", "--yes").code == 0


@pytest.mark.parametrize("words", [(f"--key={WRONG}",), ("--key", WRONG), ("--api-key",), (WRONG,)])
def test_a_key_on_the_command_line_is_refused_with_the_reason(cli: Cli, words: tuple[str, ...]) -> None:
    said = cli("login", "shop-a", *words)
    assert said.code == 2 and "shell's history" in said.err and "list of processes" in said.err


def test_the_key_in_the_environment_is_tried_where_it_is_to_stay_there(
    cli: Cli, shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_A", shop.api_key)
    monkeypatch.setenv("ORDERDESK_BASE_URL", shop.url)
    said = cli("login", "shop-a", "--keep", "environment", "--store-id", shop.store_id)
    assert said.code == 0 and "The key works. The key is not kept." in said.out
    assert Profiles().all() == [Profile("shop-a", shop.store_id, shop.url, "environment")]
    assert login(cli, shop, "shop-a", "--yes").code == 0
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_A", WRONG)
    assert "set to another key, and wins" in login(cli, shop, "shop-a", "--yes").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("a,b",), 'can\'t be named "a,b"'),
        (("a", "--base-url", "http://shop.example"), "not https"),
        (("a", "--store-id", "4 2"), "The store id has characters"),
    ],
)
def test_what_makes_no_sense_is_told_before_the_key_is_asked_for(cli: Cli, words: tuple[str, ...], told: str) -> None:
    said = cli("login", *words, "--keep", "file", stdin="42\n")
    assert said.code == 2 and told in said.err


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals here")
def test_the_key_is_not_shown_while_it_is_typed(shop: Sandbox) -> None:
    terminal, its_end = os.openpty()
    words = [sys.executable, "-m", "orderdesk_batch", "login", "shop-a", "--keep", "file", "--base-url", shop.url]
    with subprocess.Popen(words, stdin=its_end, stdout=its_end, stderr=its_end, start_new_session=True) as process:
        shown = ""
        for prompt, typed in (("Store id: ", shop.store_id), ("not shown): ", shop.api_key), ("--store shop-a", "")):
            while prompt not in shown:
                assert select.select([terminal], [], [], 60)[0], shown
                shown += os.read(terminal, 1000).decode()
            if typed:
                os.write(terminal, f"{typed}\n".encode())
    os.close(its_end)
    os.close(terminal)
    assert process.returncode == 0
    assert shop.store_id in shown and shop.api_key not in shown
    assert Profiles().key(Profiles().get("shop-a")) == shop.api_key


# -- stores -----------------------------------------------------------------------------------------------


def test_without_stores_the_way_to_the_first_one_is_told(cli: Cli) -> None:
    said = cli("stores")
    assert said.code == 0 and "orderdesk-batch login NAME" in said.out
    assert cli("stores", "--json").json == {"stores": []}


def test_stores_are_listed_with_where_their_keys_are(cli: Cli, shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    login(cli, shop, "shop-b")
    Profiles().put(Profile("shop-a", "42", keep="environment"), None)
    assert [line.split() for line in cli("stores").out.splitlines()] == [
        ["name", "store", "its", "name", "address", "key"],
        ["shop-a", "42", "ORDERDESK_API_KEY_SHOP_A,", "not", "set"],
        ["shop-b", shop.store_id, "Sandbox", "Store", shop.url, "file"],
    ]
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_B", WRONG)
    assert cli("stores").out.splitlines()[2].endswith("ORDERDESK_API_KEY_SHOP_B")
    assert cli("stores", "--json").json["stores"] == [
        {"name": "shop-a", "store_id": "42", "store_name": None, "base_url": None, "key": "environment"},
        {"name": "shop-b", "store_id": shop.store_id, "store_name": "Sandbox Store", "base_url": shop.url, "key": "file"},
    ]


def test_the_test_says_for_each_store_what_is_wrong(cli: Cli, shop: Sandbox, dead: str) -> None:
    for name, url, key in (("good", shop.url, shop.api_key), ("revoked", shop.url, WRONG), ("gone", dead, WRONG)):
        Profiles().put(Profile(name, shop.store_id, url, "file"), key)
    Profiles().put(Profile("bare", shop.store_id, shop.url, "environment"), None)
    said = cli("stores", "--test")
    assert said.code == 5
    ends = {line.split()[0]: line for line in said.out.splitlines()}
    assert ends["good"].endswith("  works") and ends["revoked"].endswith("  key refused")
    assert ends["gone"].endswith("  can't be reached") and ends["bare"].endswith("  no key")
    assert f"revoked: Order Desk refused the key for store {shop.store_id}" in said.err
    rows = cli("stores", "--test", "--json").json["stores"]
    assert {row["name"]: (row["works"], row["state"]) for row in rows} == {
        "bare": (False, "no key"), "gone": (False, "can't be reached"), "good": (True, "works"), "revoked": (False, "key refused"),
    }  # fmt: skip
    cli("logout", "bare", "gone", "revoked", "--yes")
    assert cli("stores", "--test").code == 0


def test_a_broken_file_ends_the_command_with_its_line(cli: Cli) -> None:
    Profiles().folder.mkdir(parents=True)
    Profiles().path.write_text("[shop-a\n", "utf-8")
    for words in (["stores"], ["login", "a", "--keep", "file"], ["logout", "a"]):
        said = cli(*words)
        assert said.code == 2 and "line 1" in said.err and "Traceback" not in said.err


# -- logout -----------------------------------------------------------------------------------------------


def test_logout_takes_the_key_away_and_leaves_the_runs(cli: Cli, shop: Sandbox) -> None:
    login(cli, shop, "shop-a")
    login(cli, shop, "shop-b")
    run_file = Profiles().folder / "runs" / "a.run"
    run_file.parent.mkdir()
    run_file.write_text("kept")
    said = cli("logout", "shop-a", "SHOP-A", "--yes")
    assert said.code == 0 and f"shop-a (store {shop.store_id}) is forgotten. The file with its key is deleted." in said.out
    assert Profiles().names() == ["shop-b"] and run_file.read_text() == "kept"
    assert [path.name for path in (Profiles().folder / "keys").iterdir()] == ["shop-b"]


def test_logout_asks_and_does_nothing_if_one_name_is_unknown(cli: Cli, at_terminal: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("shop-a", "shop-b"):
        Profiles().put(Profile(name, "42", keep="file"), WRONG)
    said = at_terminal("logout", "shop-a", "shop-x", typed=[])
    assert said.code == 2 and 'no store named "shop-x". Near it: ' in said.err
    assert at_terminal("logout", "shop-a", typed=["n"]).err.endswith("Nothing was forgotten.\n")
    monkeypatch.setattr("orderdesk_batch.cli.common.may_ask", lambda: False)
    assert cli("logout", "shop-a").code == 2
    assert Profiles().names() == ["shop-a", "shop-b"]


def test_logout_says_what_it_could_not_take_away(cli: Cli, keyring: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    Profiles().put(Profile("shop-a", "42"), WRONG)
    keyring.trouble = OSError("locked")
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_A", WRONG)
    said = cli("logout", "shop-a", "--yes", "--json")
    assert said.code == 1 and "may still be in the keyring" in said.json["forgotten"][0]["left"]
    assert "ORDERDESK_API_KEY_SHOP_A is still set." in said.err and Profiles().names() == []


def test_login_as_json_tells_the_same_and_its_requests_are_logged_without_the_key(
    cli: Cli, shop: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert login(cli, shop, "a", "--json").json == {
        "name": "a", "store_id": shop.store_id, "store_name": "Sandbox Store", "base_url": shop.url, "key": "file", "works": True,
    }  # fmt: skip
    assert "GET /test: 200" in caplog.text
