"""The character encodings by the names that IANA gives them.

Which names are known is what Terraform answers to; Python has a codec for each
but IBM1047.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

# Codec, then every name for it, in lower case.
_NAMES: Final = """
ascii us-ascii ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii
ascii iso-ir-6
utf_8 utf-8 csutf8
utf_16 utf-16 csutf16
utf_16_be utf-16be csutf16be
utf_16_le utf-16le csutf16le
iso8859_1 iso-8859-1 iso_8859-1:1987 iso-ir-100 iso_8859-1 latin1 l1 ibm819 cp819 csisolatin1
iso8859_2 iso-8859-2 iso_8859-2:1987 iso-ir-101 iso_8859-2 latin2 l2 csisolatin2
iso8859_3 iso-8859-3 iso_8859-3:1988 iso-ir-109 iso_8859-3 latin3 l3 csisolatin3
iso8859_4 iso-8859-4 iso_8859-4:1988 iso-ir-110 iso_8859-4 latin4 l4 csisolatin4
iso8859_5 iso-8859-5 iso_8859-5:1988 iso-ir-144 iso_8859-5 cyrillic csisolatincyrillic
iso8859_6 iso-8859-6 iso_8859-6:1987 iso-ir-127 iso_8859-6 ecma-114 asmo-708
iso8859_6 arabic csisolatinarabic
iso8859_6 iso-8859-6-e iso_8859-6-e csiso88596e iso-8859-6-i iso_8859-6-i csiso88596i
iso8859_7 iso-8859-7 iso_8859-7:1987 iso-ir-126 iso_8859-7 elot_928 ecma-118 greek
iso8859_7 greek8 csisolatingreek
iso8859_8 iso-8859-8 iso_8859-8:1988 iso-ir-138 iso_8859-8 hebrew csisolatinhebrew
iso8859_8 iso-8859-8-e iso_8859-8-e csiso88598e iso-8859-8-i iso_8859-8-i csiso88598i
iso8859_9 iso-8859-9 iso_8859-9:1989 iso-ir-148 iso_8859-9 latin5 l5 csisolatin5
iso8859_10 iso-8859-10 iso_8859-10:1992 iso-ir-157 l6 latin6 csisolatin6
iso8859_13 iso-8859-13 csiso885913
iso8859_14 iso-8859-14 iso_8859-14:1998 iso-ir-199 iso_8859-14 latin8 iso-celtic l8 csiso885914
iso8859_15 iso-8859-15 iso_8859-15 latin-9 csiso885915
iso8859_16 iso-8859-16 iso_8859-16:2001 iso-ir-226 iso_8859-16 latin10 l10 csiso885916
koi8_r koi8-r cskoi8r
koi8_u koi8-u cskoi8u
mac_roman macintosh mac csmacintosh
cp037 ibm037 cp037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt ebcdic-cp-nl csibm037
cp1140 ibm01140 ccsid01140 cp01140 ebcdic-us-37+euro csibm01140
cp1047 ibm1047 ibm-1047 csibm1047
cp437 ibm437 cp437 437 cspc8codepage437
cp850 ibm850 cp850 850 cspc850multilingual
cp852 ibm852 cp852 852 cspcp852
cp855 ibm855 cp855 855 csibm855
cp858 ibm00858 ccsid00858 cp00858 pc-multilingual-850+euro csibm00858
cp860 ibm860 cp860 860 csibm860
cp862 ibm862 cp862 862 cspc862latinhebrew
cp863 ibm863 cp863 863 csibm863
cp865 ibm865 cp865 865 csibm865
cp866 ibm866 cp866 866 csibm866
cp874 windows-874 cswindows874
cp1250 windows-1250 cswindows1250
cp1251 windows-1251 cswindows1251
cp1252 windows-1252 cswindows1252
cp1253 windows-1253 cswindows1253
cp1254 windows-1254 cswindows1254
cp1255 windows-1255 cswindows1255
cp1256 windows-1256 cswindows1256
cp1257 windows-1257 cswindows1257
cp1258 windows-1258 cswindows1258
big5hkscs big5 csbig5
cp949 euc-kr cseuckr
euc_jp euc-jp extended_unix_code_packed_format_for_japanese cseucpkdfmtjapanese
cp932 shift_jis ms_kanji csshiftjis
iso2022_jp iso-2022-jp csiso2022jp
gbk gbk cp936 ms936 windows-936 csgbk
gb18030 gb18030 csgb18030
hz hz-gb-2312
"""

_CODECS: Final = {
    name: line.split()[0] for line in _NAMES.strip().splitlines() for name in line.split()[1:]
}


def find_codec(name: str) -> str | None:
    """Return the codec of the encoding that IANA calls `name`; None if it isn't known."""
    return _CODECS.get(name.lower())


def encode_text(text: str, codec: str) -> bytes:
    """Return the bytes of the text; `UnicodeError` if the encoding lacks a character."""
    if codec == "utf_16":
        return codecs.BOM_UTF16_BE + text.encode("utf_16_be")
    if codec in _WITHOUT_C1 and _C1.search(text):
        raise UnicodeError
    if codec == "hz":
        # Go does not switch back to ASCII at the end.
        return text.encode("hz").removesuffix(b"~}")
    if codec == "gbk" and "€" in text:
        return b"\x80".join(part.encode("gbk") for part in text.split("€"))
    base, ours, theirs = _VARIANTS.get(codec, (codec, "", ""))
    return text.translate(_swap(ours, theirs)).encode(base)


def decode_text(content: bytes, codec: str) -> str:
    """Return the text of the bytes; `UnicodeError` if they mean nothing in the encoding."""
    if codec == "utf_16" and content[:2] not in (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE):
        return content.decode("utf_16_be")
    if codec in ("gbk", "gb18030"):
        return _decode_with_euro(content, codec)
    base, ours, theirs = _VARIANTS.get(codec, (codec, "", ""))
    text = content.decode(base).translate(_swap(theirs, ours))
    refused = _C1 if codec in _WITHOUT_C1 else _PRIVATE if codec == "cp932" else None
    if refused is not None and refused.search(text):
        raise UnicodeError
    return text


# Where Go has other characters than Python's codec in the same places: the
# codec to begin with, Go's characters, and those that they stand for.
_VARIANTS: Final = {
    "cp1047": ("cp037", "[¬Ý¨]^", "Ý^[]¨¬"),
    "koi8_u": ("koi8_u", "ўЎ", "╝╬"),
}

# These leave the places of control characters above 0x7F empty.
_WITHOUT_C1: Final = frozenset(
    f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)
)
_C1: Final = re.compile("[\x80-\x9f]")
# Microsoft's private characters for single bytes that Shift_JIS leaves empty.
_PRIVATE: Final = re.compile("[\uf8f0-\uf8f3]")


def _swap(source: str, target: str) -> dict[int, str | None]:
    """Return a table for `translate`; what is in `target` alone has no place left."""
    table: dict[int, str | None] = {ord(character): "\ufffd" for character in target}
    return table | {ord(a): b for a, b in zip(source, target, strict=True)}


def _decode_with_euro(content: bytes, codec: str) -> str:
    """Decode where a byte 0x80 of its own is the euro sign, as WHATWG has it."""
    parts: list[str] = []
    while True:
        try:
            parts.append(content.decode(codec))
        except UnicodeDecodeError as error:
            if content[error.start] != 0x80:
                raise
            parts += [content[: error.start].decode(codec), "€"]
            content = content[error.start + 1 :]
        else:
            return "".join(parts)
