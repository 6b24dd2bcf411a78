"""This file holds how the bytes of a text file become characters: marks, guesses with their reasons, refusals."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from .refuse import Unreadable

_MARKS = (  # UTF-32 first: its mark begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "cp932": "Shift-JIS",
    "shift_jis": "Shift-JIS",
    "latin-1": "Latin-1",
}
_ASK = "Save it as UTF-8, or say which it is with --encoding (for instance --encoding cp1252)."
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Text:
    """A text file whose encoding is settled."""

    data: bytes  # without the mark
    encoding: str
    guessed: str = ""  # the first words that are not ASCII, where the encoding is a guess; "" where it is sure


def settle(data: bytes, encoding: str | None = None) -> Text:
    """Which characters the bytes are; every byte is known to decode.

    >>> settle(b"caf\\xc3\\xa9").encoding, settle(b"caf\\xe9").guessed
    ('utf-8', 'café')
    """
    data = data.rstrip(b"\x1a") if data.endswith(b"\x1a") else data  # how DOS ended its files
    if encoding:
        return _told(data, encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            while data.startswith(mark):  # two programs, two marks
                data = data[len(mark) :]
            _must_decode(data, name)
            return Text(data, name)
    wide = _wide(data)
    if wide:
        return Text(data, wide)
    wrong = _first_wrong(data, "utf-8")
    if wrong is None:
        return Text(data, "utf-8")
    return _guess(data, wrong)


def _told(data: bytes, encoding: str) -> Text:
    try:
        name = codecs.lookup(encoding).name
        b"a".decode(name, "ignore")
        codecs.getincrementaldecoder(name)
    except (LookupError, UnicodeError):
        raise Unreadable(
            f'the encoding "{encoding}" is not known', "Try utf-8, cp1252, shift_jis or utf-16.", "encoding"
        ) from None
    if name in ("utf-16", "utf-32", "utf-8-sig"):  # these eat one mark of their own
        for mark, marked in _MARKS:
            if data.startswith(mark) and marked.startswith(name.removesuffix("-sig")):
                return _told(data[len(mark) :], marked)
        name = {"utf-8-sig": "utf-8"}.get(name, f"{name}-le")
    for mark, marked in _MARKS:
        if marked == name:
            while data.startswith(mark):
                data = data[len(mark) :]
    _must_decode(data, name)
    return Text(data, name)


def _first_wrong(data: bytes, encoding: str) -> int | None:
    """The offset of the first byte that doesn't decode."""
    if encoding == "utf-8" and data.isascii():
        return None
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for start in range(0, len(data), _PIECE):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _PIECE], start + _PIECE >= len(data))
        except UnicodeError as error:
            return max(start - kept + getattr(error, "start", 0), 0)
    return None


def _must_decode(data: bytes, encoding: str) -> None:
    wrong = _first_wrong(data, encoding)
    if wrong is not None:
        raise _undecodable(data, encoding, wrong)


def _undecodable(data: bytes, encoding: str, wrong: int, more: str = "") -> Unreadable:
    before = data[:wrong].decode(encoding, "replace")
    line = before.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    name = _NAMES.get(encoding, encoding.upper())
    where = f"line {line}: byte {wrong + 1} of the file (hex {data[wrong]:02X})"
    return Unreadable(f"{where} is not {name}{more}", _ASK, "encoding")


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, known by the NUL bytes that ASCII characters have there."""
    head = data[:4096]
    if b"\0" not in head:
        return None
    for name, width, places in (
        ("utf-32-le", 4, (1, 2, 3)),
        ("utf-32-be", 4, (0, 1, 2)),
        ("utf-16-le", 2, (1,)),
        ("utf-16-be", 2, (0,)),
    ):
        units = len(head) // width
        if len(data) % width or not units:
            continue
        zeros = [head[place::width].count(0) for place in range(width)]
        others = [zeros[place] for place in range(width) if place not in places]
        narrow = min(zeros[place] for place in places) * 3 >= units and not any(others)
        if narrow and _first_wrong(data, name) is None:
            return name
    return None


_WESTERN = "àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßšž"
_LETTERS = _WESTERN + _WESTERN.upper().replace("SS", "") + "Ÿ"
_SIGNS = "€‚„…‘’“”•–—™©®°±²³µ·¼½¾¿¡«»§£¥¢\xa0ªº´×÷\xad†"
_CAPITALS = "ÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝŸŠŽ"
_ODD = (
    re.compile(rf"[^{_LETTERS}{_SIGNS}\x00-\x7f]"),  # signs that no sheet in a Western language holds
    re.compile(rf"[{_LETTERS}]{{3}}|[{_LETTERS}]{{2}}[±²³µ·¼½¾¿¡§£¥¢ºª]|[±²³·¼½¾¿¡§£¥¢]{{2}}"),  # all accents: Greek, Chinese
    re.compile(rf"[A-Za-z{_LETTERS}][€‚„…“•–—™©®±²³µ·¼½¾¿¡§£¥¢÷†][A-Za-z{_LETTERS}]"),  # a sign inside a word
    re.compile(rf"[A-Za-z{_LETTERS}][‚„¿¡†]|†[A-Za-z]"),  # a mark that opens, at the end
    re.compile(rf"[a-z0-9][{_CAPITALS}](?![A-Z])|[{_CAPITALS}]ÿ|[A-Z]Ÿ[a-z]"),  # a capital inside: an old Mac or DOS file
)
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef\u2010-\u2312\u25a0-\u266f]")


def _guess(data: bytes, wrong: int) -> Text:
    """Windows-1252 or Shift-JIS, where the text reads as one and not as the other; else it is asked for."""
    if b"\0" in data:
        raise _undecodable(data, "utf-8", wrong)
    if any(byte >= 0x80 for byte in data[:wrong]):
        raise _undecodable(data, "utf-8", wrong, ", as the text before it is")
    western, japanese = _western(data), _is_japanese(data)
    if western is not None and not japanese:
        words = re.compile(r"[^\s,;\t|\"]{0,20}[^\x00-\x7f][^\s,;\t|\"]{0,20}").search(western)
        return Text(data, "cp1252", words.group() if words else "")
    if japanese and western is None:
        found = re.search(r"[^\x00-\x7f]{1,12}", data.decode("cp932"))
        return Text(data, "cp932", found.group() if found else "")
    raise _undecodable(data, "utf-8", wrong, ", and what else it is can't be told for sure")


def _western(data: bytes) -> str | None:
    """The text as Windows-1252, if it reads like a Western language."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    if any(odd.search(text) for odd in _ODD):
        return None
    return text


def _is_japanese(data: bytes) -> bool:
    """Whether the bytes read like Japanese in Shift-JIS."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return False
    if _JAPANESE.sub("", re.sub(r"[\x00-\x7f]+", "", text)):
        return False
    if _KANA.search(text):
        return True
    pairs = "".join(re.findall("[\u4e00-\u9fff]{2,}", text)[:100])
    common = [sign for sign in pairs if sign.encode("cp932")[0] < 0xA0]  # the kanji that are used every day
    return len(common) >= 2 and len(common) * 2 > len(pairs)


def spoken(encoding: str) -> str:
    """An encoding's name for people."""
    return _NAMES.get(encoding, encoding.upper())
