"""Stores by name: the file that names them, and the places where their keys are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orderdesk_batch.errors import UsageError
from orderdesk_batch.profiles import KeyMissing, NoKeyring, Profile, Profiles, keyring_name

KEY = "sesame-0123456789abcdef"
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(tmp_path / "home")


@dataclass
class Kept:
    """What a keyring in memory holds; `trouble` is raised by each call."""

    entries: dict[tuple[str, str], str] = field(default_factory=dict)
    trouble: Exception | None = None


@pytest.fixture
def keyring() -> Iterator[Kept]:
    """A keyring in memory, in place of the system's."""
    import keyring as library
    from keyring.backend import KeyringBackend

    kept = Kept()

    def entries() -> dict[tuple[str, str], str]:
        if kept.trouble is not None:
            raise kept.trouble
        return kept.entries

    class InMemory(KeyringBackend):
        priority = 1  # type: ignore[assignment]
        name = "in memory"

        def get_password(self, service: str, username: str) -> str | None:
            return entries().get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            entries()[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del entries()[service, username]

    before = library.get_keyring()
    library.set_keyring(InMemory())
    yield kept
    library.set_keyring(before)


# -- names ------------------------------------------------------------------------------------------------


def test_names_are_sorted_and_found_in_upper_and_lower_case(profiles: Profiles) -> None:
    for name in ("shop-b", "Shop-A", "shop.eu"):
        profiles.put(Profile(name, "42", keep="environment"), None)
    assert profiles.names() == ["Shop-A", "shop-b", "shop.eu"]
    assert profiles.get("SHOP-a") == Profile("Shop-A", "42", keep="environment")


def test_a_name_keeps_its_spelling_when_it_is_replaced_in_another(profiles: Profiles) -> None:
    profiles.put(Profile("Shop", "42", keep="file"), KEY)
    profiles.put(Profile("SHOP", "43", keep="file"), f"{KEY}-2")
    assert profiles.all() == [Profile("Shop", "43", keep="file")]
    assert profiles.key(profiles.get("shop")) == f"{KEY}-2"


@pytest.mark.parametrize(
    "name", ["", "a,b", "a/b", "a\\b", "..", ".a", "a.", "-a", "a b", "läden", "a\n", "x" * 61, "con", "NUL", "com1.shop"]
)
def test_what_no_file_option_or_variable_could_carry_is_no_name(profiles: Profiles, name: str) -> None:
    with pytest.raises(UsageError, match="can't be named"):
        profiles.put(Profile(name, "42", keep="environment"), None)
    assert not profiles.path.exists()


def test_two_names_with_one_variable_in_the_environment_are_refused(profiles: Profiles) -> None:
    profiles.put(Profile("shop-a", "42", keep="environment"), None)
    with pytest.raises(UsageError, match='too like "shop-a": both have their key in ORDERDESK_API_KEY_SHOP_A'):
        profiles.put(Profile("shop.a", "43", keep="environment"), None)


def test_an_unknown_name_is_told_with_those_near_it_and_the_way_to_add_it(profiles: Profiles) -> None:
    with pytest.raises(UsageError, match=r"No stores have been named yet.*`orderdesk-batch login shop-a`"):
        profiles.get("shop-a")
    for name in ("shop-a", "warehouse"):
        profiles.put(Profile(name, "42", keep="environment"), None)
    with pytest.raises(UsageError, match=r'no store named "shpo-a"\. Near it: shop-a\.'):
        profiles.get("shpo-a")
    with pytest.raises(UsageError, match=r"There are: shop-a, warehouse\."):
        profiles.get("zzz")
    with pytest.raises(UsageError) as told:
        profiles.get("a,b")
    assert "login a,b" not in str(told.value)


def test_another_name_of_the_same_store_is_known(profiles: Profiles) -> None:
    profiles.put(Profile("shop-a", "42", keep="environment"), None)
    assert profiles.twin(Profile("again", "42")) == "shop-a"
    assert profiles.twin(Profile("again", "42", "https://example.com/v2")) is None
    assert profiles.twin(Profile("shop-a", "42")) is None


@pytest.mark.parametrize("spelled", ["", "https://app.orderdesk.me/api/v2", "https://app.orderdesk.me/api/v2/"])
def test_a_store_is_the_same_however_its_address_is_written(profiles: Profiles, spelled: str) -> None:
    assert Profile("again", "42", spelled).whose == ("42", "https://app.orderdesk.me/api/v2") == Profile("shop-a", "42").whose
    profiles.put(Profile("shop-a", "42", keep="environment"), None)
    assert profiles.twin(Profile("again", "42", spelled)) == "shop-a"


# -- the file ---------------------------------------------------------------------------------------------


def test_comments_and_order_survive_a_change(profiles: Profiles) -> None:
    profiles.folder.mkdir()
    profiles.path.write_text(
        '# mine\n[z]  # the old one\nstore_id = 4 # as typed\n\n[a]\nstore_id = "5"\nkeep = "environment"\n', "utf-8"
    )
    profiles.put(Profile("z", "4", "https://example.com/v2", "environment"), None)
    assert profiles.path.read_text("utf-8") == (
        '# mine\n[z]  # the old one\nstore_id = "4" # as typed\nbase_url = "https://example.com/v2"\nkeep = "environment"\n\n'
        '[a]\nstore_id = "5"\nkeep = "environment"\n'
    )
    profiles.remove("a")
    assert profiles.path.read_text("utf-8").startswith("# mine\n[z]  # the old one\n")
    assert profiles.names() == ["z"]


def test_a_file_that_windows_saved_is_read(profiles: Profiles) -> None:
    profiles.folder.mkdir()
    profiles.path.write_bytes(b'\xef\xbb\xbf[shop-a]\r\nstore_id = "42"\r\n')
    assert profiles.all() == [Profile("shop-a", "42")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[shop-a]\nstore_id = "42', "line 2"),
        ("[shop-a]\nstore_id = 1\n[shop-a]\n", "line 3"),
        ("\nstore_id = 1\n", "line 2, [store_id]: stands outside of a store's table"),
        ('[shop.a]\nstore_id = "1"\n', 'line 1, [shop]: a name with a dot is written in quotes: ["shop.a"]'),
        ('\n[shop-a]\nstore-id = "1"\n', 'line 2, [shop-a]: "store-id" means nothing here. Write store_id.'),
        ('[shop-a]\nstore_id = "1"\ncolour = "red"\n', "A store has store_id, base_url, keep."),
        (f'[shop-a]\nstore_id = "1"\napi_key = "{KEY}"\n', "a key has no place in this file (api_key)"),
        ("[shop-a]\nstore_id = 1.5\n", 'store_id is not a text. Write it in quotes: store_id = "1.5"'),
        ("[shop-a]\n", 'has no store_id. Write store_id = "12345".'),
        ('[shop-a]\nstore_id = "1"\nkeep = "pocket"\n', 'keep is "pocket". Write keyring, file or environment.'),
        ('[Shop]\nstore_id = "1"\n[shop]\nstore_id = "2"\n', 'line 3, [shop]: "Shop" is there too'),
        ('["a/b"]\nstore_id = "1"\n', "line 1, [a/b]: A store can't be named"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_never_overwritten(profiles: Profiles, text: str, told: str) -> None:
    profiles.folder.mkdir()
    profiles.path.write_text(text, "utf-8")
    for attempt in (
        profiles.names,
        lambda: profiles.get("shop-a"),
        lambda: profiles.put(Profile("new", "7", keep="file"), KEY),
        lambda: profiles.remove("shop-a"),
    ):
        with pytest.raises(UsageError) as error:
            attempt()
        assert told in str(error.value) and str(profiles.path) in str(error.value) and KEY not in str(error.value)
    assert profiles.path.read_text("utf-8") == text
    assert not (profiles.folder / "keys").exists()


def test_a_file_that_is_no_text_is_told(profiles: Profiles) -> None:
    profiles.folder.mkdir()
    profiles.path.write_bytes("[läden]".encode("latin-1"))
    with pytest.raises(UsageError, match="is not UTF-8"):
        profiles.names()


def test_nothing_is_kept_if_the_file_cannot_be_written(profiles: Profiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(beside: Path, place: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match=r"shop-a can't be written \(No space left on device\)\. Nothing was kept\."):
        profiles.put(Profile("shop-a", "42", keep="file"), KEY)
    assert [path.name for path in profiles.folder.rglob("*") if path.is_file()] == []


WRITER = """
import sys
from pathlib import Path
from orderdesk_batch.profiles import Profile, Profiles
sys.stdin.readline()
for n in range(12):
    Profiles(Path(sys.argv[1])).put(Profile(f"{sys.argv[2]}{n}", "42", keep="file"), f"key-{sys.argv[2]}{n}")
"""


def test_processes_that_write_at_once_lose_none_of_each_others_stores(profiles: Profiles) -> None:
    words = [sys.executable, "-c", WRITER, str(profiles.folder)]
    running = [subprocess.Popen([*words, letter], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for letter in "ab"]
    said = []
    for process in running:
        process.stdin.write("go\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    for process in running:
        said.append(process.communicate()[1])
    assert said == ["", ""]
    assert sorted(profiles.names()) == sorted(f"{letter}{n}" for letter in "ab" for n in range(12))
    assert all(profiles.key(one) == f"key-{one.name}" for one in profiles.all())
    assert {path.name for path in profiles.folder.iterdir()} == {"stores.toml", "keys"}


# -- keys -------------------------------------------------------------------------------------------------


@POSIX
def test_the_file_and_the_key_are_private_and_the_key_is_in_its_own_file_alone(profiles: Profiles) -> None:
    profiles.put(Profile("shop-a", "42", keep="file"), f" {KEY}\n")
    key_file = profiles.folder / "keys" / "shop-a"
    assert profiles.key(profiles.get("shop-a")) == KEY
    assert [path.stat().st_mode & 0o777 for path in (profiles.path, key_file, key_file.parent)] == [0o600, 0o600, 0o700]
    assert KEY not in profiles.path.read_text("utf-8") + repr(profiles.all())


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602])
def test_a_key_that_others_can_read_is_not_used(profiles: Profiles, mode: int) -> None:
    profiles.put(Profile("shop-a", "42", keep="file"), KEY)
    path = profiles.folder / "keys" / "shop-a"
    path.chmod(mode)
    with pytest.raises(KeyMissing, match=rf'shop-a: the key of store 42 .*others can read \(mode {mode:o}\).*chmod 600 "{path}"'):
        profiles.key(profiles.get("shop-a"))
    path.chmod(0o600)
    assert profiles.key(profiles.get("shop-a")) == KEY


@pytest.mark.parametrize(("content", "told"), [(None, "which is not there"), (b" \n", "which is empty")])
def test_a_key_file_without_a_key_is_told_for_its_store(profiles: Profiles, content: bytes | None, told: str) -> None:
    profiles.put(Profile("shop-a", "42", keep="file"), KEY)
    path = profiles.folder / "keys" / "shop-a"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(KeyMissing, match=f"shop-a: .*store 42.*{told}.*login shop-a.*ORDERDESK_API_KEY_SHOP_A"):
        profiles.key(profiles.get("shop-a"))


@pytest.mark.parametrize("keep", ["keyring", "file", "environment"])
def test_a_key_in_the_environment_wins(profiles: Profiles, keyring: Kept, monkeypatch: pytest.MonkeyPatch, keep: Any) -> None:
    profiles.put(Profile("shop.a-1", "42", keep=keep), KEY)
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_A_1", "from-outside")
    assert profiles.key(profiles.get("shop.a-1")) == "from-outside"
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_A_1", " ")
    if keep == "environment":
        with pytest.raises(KeyMissing, match=r"shop.a-1: ORDERDESK_API_KEY_SHOP_A_1 is not set.*store 42"):
            profiles.key(profiles.get("shop.a-1"))
    else:
        assert profiles.key(profiles.get("shop.a-1")) == KEY


def test_a_refused_key_is_told_with_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Profile("shop-a", "42").refusal.endswith("then `orderdesk-batch login shop-a`.")
    monkeypatch.setenv("ORDERDESK_API_KEY_SHOP_A", KEY)
    assert "refused the key in ORDERDESK_API_KEY_SHOP_A for store 42" in Profile("shop-a", "42").refusal


def test_a_key_in_the_keyring_is_under_our_name_and_goes_with_its_store(profiles: Profiles, keyring: Kept) -> None:
    profiles.put(Profile("shop-a", "42"), KEY)
    assert keyring_name() == "in memory"
    assert keyring.entries == {("orderdesk-batch", "shop-a: store 42"): KEY}
    assert profiles.key(profiles.get("shop-a")) == KEY
    assert profiles.remove("shop-a") == ""
    assert keyring.entries == {} and profiles.names() == []


def test_an_address_changed_by_hand_does_not_get_the_key_of_the_former_one(profiles: Profiles, keyring: Kept) -> None:
    profiles.put(Profile("shop-a", "42"), KEY)
    profiles.path.write_text('[shop-a]\nstore_id = "42"\nbase_url = "https://example.com/v2"\n', "utf-8")
    with pytest.raises(KeyMissing, match="shop-a: the keyring has no key for store 42"):
        profiles.key(profiles.get("shop-a"))


@pytest.mark.parametrize(
    "new", [Profile("shop-a", "43"), Profile("shop-a", "42", keep="file"), Profile("shop-a", "42", keep="environment")]
)
def test_a_key_that_is_replaced_is_left_nowhere(profiles: Profiles, keyring: Kept, new: Profile) -> None:
    profiles.put(Profile("shop-a", "42"), KEY)
    assert profiles.put(new, "another-key") == ""
    assert KEY not in keyring.entries.values()
    profiles.put(Profile("shop-a", "42", keep="environment"), None)
    assert keyring.entries == {} and list((profiles.folder / "keys").glob("*")) == []


def test_a_locked_keyring_is_told_in_a_sentence_without_the_key(profiles: Profiles, keyring: Kept) -> None:
    profiles.put(Profile("shop-a", "42"), KEY)
    keyring.trouble = OSError(f"the collection is locked; {KEY} was not stored")
    with pytest.raises(
        KeyMissing, match=r"shop-a: the keyring did not give the key of store 42 \(OSError: the collection is locked"
    ):
        profiles.key(profiles.get("shop-a"))
    with pytest.raises(NoKeyring, match="did not take the key") as told:
        profiles.put(Profile("shop-b", "43"), KEY)
    assert KEY not in str(told.value) and told.value.__cause__ is None
    assert profiles.names() == ["shop-a"]
    left = profiles.remove("shop-a")
    assert 'may still be in the keyring, as "orderdesk-batch", "shop-a: store 42"' in left
    assert profiles.names() == []


def test_without_the_package_or_a_keyring_behind_it_the_reason_is_told(
    profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoKeyring, match="This machine has no keyring that can be used"):
        profiles.put(Profile("shop-a", "42"), KEY)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NoKeyring, match="the package keyring is not installed"):
        profiles.put(Profile("shop-a", "42"), KEY)
    assert not profiles.path.exists()
    profiles.folder.mkdir(exist_ok=True)
    profiles.path.write_text('[shop-a]\nstore_id = "42"\n', "utf-8")
    with pytest.raises(
        KeyMissing, match=r"shop-a: the key of store 42 is in the keyring\. .*not installed.*ORDERDESK_API_KEY_SHOP_A"
    ):
        profiles.key(profiles.get("shop-a"))


def test_naming_stores_loads_neither_requests_nor_click_nor_a_keyring(profiles: Profiles) -> None:
    code = (
        "import sys; from orderdesk_batch.profiles import Profiles; Profiles().names()\n"
        "sys.exit(str({'requests', 'click', 'keyring', 'tomlkit'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"
