"""Documents put aside on the disk: as they were, private, gone afterwards, and in memory where there is no room."""

from __future__ import annotations

import gc
import os
import shutil
import stat
import sys
import tempfile
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdesk_batch import aside, packing
from orderdesk_batch.aside import Aside
from orderdesk_batch.errors import RunError
from orderdesk_batch.packing import Like, Packed
from orderdesk_batch.shelf import Glimpse, Shelf

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.decimals(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.lists(
    st.dictionaries(st.text(max_size=5), st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
                                                      max_leaves=6), max_size=6), min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=40)
@given(DOCUMENTS)
def test_a_packed_document_is_as_it_was_whatever_it_is_told_by(documents: list[dict[str, Any]]) -> None:
    like = Like(documents[0])
    assert [Packed(document, like).document for document in documents] == documents


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["A", "B", "C", ""]), st.booleans()), max_size=30))
def test_a_shelf_with_packed_documents_tells_what_one_without_tells(laid: list[tuple[int, str, bool]]) -> None:
    plain, packed = Shelf(), Shelf(ready=2)
    for at, (record, number, gone) in enumerate(laid):
        for shelf in (plain, packed):
            if gone:
                shelf.forget(str(record))
            else:
                shelf.put({"id": str(record), "source_id": number, "total": Decimal(at)}, float(at), at)
    assert {record: (seen.document, seen.at, seen.page) for record, seen in packed.by_id.items()} == {
        record: (seen.document, seen.at, seen.page) for record, seen in plain.by_id.items()
    }
    assert [packed.with_text(number) for number in "ABC"] == [plain.with_text(number) for number in "ABC"]
    assert [packed.with_id(str(record)) for record in range(10)] == [plain.with_id(str(record)) for record in range(10)]


def test_a_document_larger_than_what_is_read_at_once_comes_back_whole() -> None:
    like = Like({"id": "1"})
    documents = [{"id": str(n), "note": os.urandom(40_000).hex()} for n in range(3)]
    packed = [Packed(document, like) for document in documents]
    assert [one.document for one in packed] == documents


@pytest.mark.skipif(sys.platform == "win32", reason="there it has a name until it is closed")
def test_the_file_has_no_name_and_is_private_and_gone_afterwards() -> None:
    home = Path(os.environ["ORDERDESK_BATCH_HOME"])
    like = Like({"id": "1", "email": "ada@example.com"})
    packed = Packed({"id": "2", "email": "bob@example.com"}, like)
    facts = os.fstat(like._aside._file)
    assert facts.st_size > 0
    assert (stat.S_IMODE(facts.st_mode), facts.st_dev) == (0o600, home.stat().st_dev)
    assert list(home.iterdir()) == []
    number = like._aside._file
    del like
    assert packed.document["email"] == "bob@example.com"
    packed_again, packed = packed._place, None  # type: ignore[assignment]
    from orderdesk_batch.packing import _opened

    _opened.cache_clear()
    gc.collect()
    assert packed_again == 0
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(number)


def test_where_no_folder_can_be_written_to_documents_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> Any:
        raise PermissionError

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    like = Like({"id": "1"})
    packed = Packed({"id": "2"}, like)
    assert (type(packed._place), packed.document) == (bytes, {"id": "2"})


@pytest.mark.parametrize("how", ["refused", "cut", "nearly full"])
def test_when_the_disk_is_full_the_rest_stays_in_memory_and_nothing_is_lost(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    like = Like({"id": "0", "name": "first"})
    documents = [{"id": str(n), "name": f"name {n}"} for n in range(9)]
    packed = [Packed(document, like) for document in documents[:4]]
    written = aside._write

    def full(file: int, blob: bytes, place: int) -> int:
        if how == "refused":
            raise OSError(28, "No space left on device")
        return written(file, blob[:5], place)

    if how == "nearly full":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**40, 2**40, 4096))  # type: ignore[attr-defined]
        monkeypatch.setattr(aside, "LOOKS", 1)
    else:
        monkeypatch.setattr(aside, "_write", full)
    packed += [Packed(document, like) for document in documents[4:6]]
    monkeypatch.undo()
    packed += [Packed(document, like) for document in documents[6:]]
    assert [type(one._place) for one in packed] == [int] * 4 + [bytes] * 5
    assert [one.document for one in packed] == documents


@pytest.mark.parametrize("harm", ["cut off", "written over"])
def test_bytes_that_changed_meanwhile_are_told_and_never_taken_for_a_document(harm: str) -> None:
    like = Like({"id": "0"})
    packed = Packed({"id": "1", "name": "Blue mug", "note": "x" * 50}, like)
    if harm == "cut off":
        os.ftruncate(like._aside._file, 4)
    else:
        aside._write(like._aside._file, b"BBBB", 12)
    with pytest.raises(RunError, match=r"what was put aside there can't be read again .* Run the command again"):
        _ = packed.document


def test_a_system_without_reads_at_a_place_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_HAS_PLACES", False)
    like = Like({"id": "0"})
    documents = [{"id": str(n), "note": "y" * n * 100} for n in range(5)]
    packed = [Packed(document, like) for document in documents]
    assert [one.document for one in reversed(packed)] == documents[::-1]


def test_threads_may_put_aside_and_read_at_once() -> None:
    kept = Aside()
    wrong: list[int] = []

    def work(mine: int) -> None:
        places = [(kept.put(bytes([mine]) * 200), n) for n in range(200)]
        wrong.extend(mine for place, _ in places if kept.get(place)[:200] != bytes([mine]) * 200)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_glimpse_of_a_packed_document_reads_like_it_and_makes_it_only_when_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(ready=1)
    documents = [{"id": "7", "source_id": "A", "city": "Leeds"}, {"id": "8", "source_id": " B "}, {"id": 9, "source_id": "C"}]
    for document in documents:
        shelf.put(document, 1.0)
    found = [shelf.with_text(number)[0] for number in "ABC"]
    assert [type(one) for one in found] == [Glimpse, dict, dict]  # the id or the number of the others is written otherwise
    assert found == documents
    first = found[0]
    assert ("city" in first, len(first), repr(first), first.get("none", 5)) == (True, 3, repr(documents[0]), 5)
    made: list[Any] = []
    monkeypatch.setattr(packing, "_opened", lambda packed: made.append(packed) or documents[0])
    assert (first["id"], first.get("id"), first.get("source_id"), bool(first), made) == ("7", "7", "A", True, [])
    assert (first["source_id"], first["city"], len(made)) == ("A", "Leeds", 2)
