"""Calls whose answers are compared with terraform's, by kind.

None has a known difference; those are in `docs/compatibility.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.support.documents import (
    TREE,
    YamlMaker,
    quote,
    random_pattern,
    random_source,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator
    from pathlib import Path

UNKNOWN: Final = "terraform_data.x.id"


def _calls(function: str, *columns: Iterable[str]) -> Iterator[str]:
    """Return a call for every combination of arguments, each column in order."""
    rows: list[list[str]] = [[]]
    for column in columns:
        rows = [[*row, argument] for argument in column for row in rows]
    return (f"{function}({', '.join(row)})" for row in rows)


def encoding_calls() -> list[str]:
    base64 = [
        "",
        "YQ==",
        "YQ=",
        "YQ",
        "Y Q==",
        "YQ==\n",
        "//4=",
        "YQ====",
        "YR==",
        "YWJj",
        "-_8=",
        "==",
    ]
    csv = [
        "a,b\n1,2", "a,b\r\n1,2\r\n", "a,b", "", "\n", "\n\na\n\n1\n", "a,a\n1,2", "a,\n1,2",
        "a,b\n1", "a,b\n1,2,3", 'a\n"x"', 'a\n"x,\ny"', 'a\n"x""y"', 'a\n"x', 'a\nx"y', 'a\n"x"y',
        'a\n "x"', 'a\n"x" ', "a, b\n1, 2", "a\n1\r", 'a\n""', 'a\n"\r\n"', 'a,b\n"1","2"\n3,4',
        "é\n☃", "a,b\n,",
    ]  # fmt: skip
    json = [
        "{}", "[]", "null", "true", "1", "-0", "1.5", "1e3",
        "1E-2", '"a"', '"\\u00e9"', '"\\ud800"',
        '{"a":1,"a":2}', '{"a":{"b":[1,null,{}]}}', "", "  ", "x", "{", "[1,]", "1 2", "nul", "01",
        "+1", ".5", "1.", "-", "[1]]", " 1 ", '"\\n"', "{1:2}", "NaN",
        "Infinity", '"\t"',
        "123456789012345678901234567890.123456789",
    ]  # fmt: skip
    starts = ["", "{", "[", '"', "12", "-", "x", " t", "tru", "n"]
    values = [
        "null", "local.o", "local.m", "local.set", "local.l", "local.mixed", "local.e", "local.eo",
        "1/3", "1e100", "1e-7", '"<>&\\u2028\\u2029\\u0001\\u007f\\"\\\\ é"', "{(local.s)=1}",
        "[null]", UNKNOWN, f"[{UNKNOWN}]", f"{{a={UNKNOWN}}}", "terraform_data.x",
    ]  # fmt: skip
    texts = ['"a"', '"héllo☃"', "local.s", "local.n", "local.nul", "local.l", UNKNOWN]
    encodings = [quote(n) for n in ("UTF-8", "utf-16", "UTF-16LE", "windows-1252", "x", "US-ASCII")]
    encodings += [quote(n) for n in ("Shift_JIS", "EUC-KR", "Big5", "GBK", "IBM1047", "KOI8-R")]
    return [
        *_calls("base64decode", map(quote, base64)),
        *_calls("csvdecode", [*map(quote, csv), UNKNOWN, "null"]),
        *_calls("jsondecode", map(quote, json)),
        *(f'jsondecode({quote(start)[:-1]}${{{UNKNOWN}}}")' for start in starts),
        *_calls("jsonencode", values),
        *_calls("yamlencode", values),
        f'startswith(jsonencode([{UNKNOWN}]), "[")',
        *_calls("base64encode", texts),
        *_calls(
            "urlencode", [*texts, quote("a b+c&d=e/f?g#h~i-j_k.l*m(n)o!p'q\"r%s\t@u:v;w,[]{}|\x01")]
        ),
        *_calls("textencodebase64", ['"a"', '"é"', '"日本"'], encodings),
        *_calls("textdecodebase64", ['"YQ=="', '"gQ=="', '"4pg="', '"AAEC"', '"!"'], encodings),
        *(
            f"textdecodebase64(textencodebase64({t}, {n}), {n})"
            for t in texts[:1]
            for n in encodings
        ),
    ]


def hash_calls() -> list[str]:
    texts = ['""', '"a"', '"héllo"', "local.s", "local.n", "local.b"]
    names = [
        "dns", "url", "oid", "x500", "x", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "DNS",
        "6ba7b8109dad11d180b400c04fd430c8", "URN:UUID:6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        "(6ba7b810-9dad-11d1-80b4-00c04fd430c8)", "6ba7b810-9dad-11d1-80b4-00c04fd430c",
    ]  # fmt: skip
    hashes = ("md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512")
    impure = ("uuid()", "timestamp()", 'bcrypt("x")', 'bcrypt("x", 3)', 'bcrypt("x", "y")')
    return [
        *(call for name in hashes for call in _calls(name, texts)),
        *_calls("uuidv5", map(quote, names), ['"a"', '"héllo"', '""']),
        *impure,
        *(f"{call} == null" for call in impure[:3]),
        'rsadecrypt("x", "y")',
        'rsadecrypt("eA==", "y")',
    ]


_TIMES: Final = (
    "2006-01-02T15:04:05Z", "2024-02-29T00:00:00+05:30", "1999-12-31T23:59:59-08:00",
    "0000-01-01T00:00:00Z", "2023-07-09T12:05:06.123456789Z", "1582-10-15T01:02:03+14:00",
    "2023-01-01T00:30:00-00:30",
)  # fmt: skip
_NO_TIMES: Final = (
    "2006-01-02", "2006-01-02 15:04:05Z", "2006-1-02T15:04:05Z", "2006-01-02T5:04:05Z",
    "2006-01-02T15:04:05", "2006-01-02t15:04:05Z", "2006-13-02T15:04:05Z", "2006-02-30T15:04:05Z",
    "2006-01-02T24:00:00Z", "2006-01-02T23:59:60Z", "2006-01-02T15:04:05+24:00",
    "2006-01-02T15:04:05+23:60", "2006-01-02T15:04:05,5Z", "x", "2100-02-29T00:00:00Z",
)  # fmt: skip
_TOKENS: Final = (
    "YYYY YY Y YYY YYYYY MMMM MMM MM M MMMMM DD D DDD EEEE EEE EE hh h hhh HH H HHH AA aa A aA "
    "mm m mmm "
    "ss s sss ZZZZZ ZZZZ ZZZ ZZ Z ZZZZZZ 'o''clock' 'x '' ' ''' x é - 123 YYYYMMDD hh:mm:ss 'a'b'c'"
)
_DURATIONS: Final = (
    "1h -1h +1h 1h30m 1.5h -1.5s .5s 1.s .s 1 0 -0 h 1x 1h1 999ms 1us 1µs 1μs 1ns 1e3s 0.1s "
    "9223372036854775807ns 9223372036854775808ns -9223372036854775808ns 2562048h 1d 1000000h "
    "1h-1m --1h "
    "0.3333333333333333333333333s 100000000000000000000s 1.9999999999999999999999s"
)


def date_calls() -> list[str]:
    times, wrong = [quote(t) for t in _TIMES], [quote(t) for t in _NO_TIMES]
    tokens, durations = [quote(t) for t in _TOKENS.split()], map(quote, _DURATIONS.split())
    return [
        *_calls("formatdate", tokens, times),
        *_calls("formatdate", tokens[:1], wrong),
        *_calls("timeadd", times[:3], durations),
        *_calls("timeadd", wrong, ['"1s"']),
        *_calls("timecmp", times, times),
        *_calls("timecmp", wrong, times[:1]),
        *_calls("timecmp", times[:1], wrong),
    ]


_PREFIXES: Final = (
    "10.0.0.0/8 10.1.2.3/8 192.168.1.0/24 1.2.3.4/32 010.001.002.003/8 10.0.0.0/08 "
    "::/128 fe80::/64 "
    "2001:db8::/32 2001:DB8::1/48 2001:db8::ffff:1.2.3.4/64 ::1.2.3.4/96 "
    "1:2:3:4:5:6:7:8/64 "
    "1:2:3:4:5:6:7::/64 ::2:3:4:5:6:7:8/64 1::8/64 1:0:0:2:0:0:0:3/128 1:0:2:3:4:5:6:7/128 "
    "0:0:0:1::/64 "
    "00001::/64"
)
_NO_PREFIXES: Final = (
    "10.0.0.0/33 10.0.0/8 10.0.0.0 10.0.0.256/8 10.0.0.0/ 10.0.0.0/-1 /8 "
    "a/b 10.0.0.0/8/8 10.0.0.0/+8 "
    "0x10.0.0.0/8 1:2:3:4:5:6:7:8:9/64 1:2:3:4:5:6:7/64 1::2::3/64 12345::/64 g::/64 :1::/64 1:/64 "
    "fe80::1%eth0/64 2001:db8::/129 ::1.2.3/64 [::]/8"
)


def network_calls() -> list[str]:
    prefixes, wrong = (
        [quote(p) for p in _PREFIXES.split()],
        [quote(p) for p in _NO_PREFIXES.split()],
    )
    hosts = [
        "0",
        "1",
        "-1",
        "255",
        "256",
        "-256",
        "-257",
        "1.5",
        "16777215",
        "-16777216",
        "-0",
        "null",
    ]
    steps = ["0, 0", "1, 0", "1, 1", "1, 2", "4, 5", "8, 255", "24, 0", "25, 1", "-1, 0", "1.5, 0"]
    steps += ["32, 1", "64, 1", "65, 1", "1, 0.5"]
    lengths = [
        "1",
        "1, 1",
        "1, 1, 1",
        "4, 4, 8, 4",
        "0",
        "-1",
        "33",
        "16, 16, 1",
        "1.5",
        "2, 4, 4, 2, 2",
    ]
    return [
        *_calls("cidrnetmask", prefixes),
        *_calls("cidrhost", prefixes, hosts),
        *_calls("cidrsubnet", prefixes, steps),
        *_calls("cidrsubnets", [p for p in prefixes if p != '"::1.2.3.4/96"'], lengths),
        *_calls("cidrsubnets", prefixes[:1]),
        *_calls("cidrhost", wrong, ["1"]),
        *_calls("cidrsubnet", wrong[:4], ["1, 1"]),
        *_calls("cidrsubnets", wrong[:4], ["1"]),
    ]


TEMPLATES: Final[dict[str, str]] = {
    "t.tmpl": "${x}-${y}\n",
    "one.tmpl": "${[1]}",
    "fn.tmpl": 'plain ${upper("a")} ${core::upper("b")} ${file("t/one.tmpl")}',
    "rec.tmpl": '${templatefile("t/rec.tmpl", {})}',
    "ts.tmpl": "${templatestring(x, {})}",
    "bad.tmpl": "${bad",
    "crlf.tmpl": "a\r\nb",
    "for.tmpl": "%{ for x in l ~}\n- ${x}\n%{ endfor ~}\n",
    "if.tmpl": "%{ if b }yes%{ else }no%{ endif }",
    "empty.tmpl": "",
    "null.tmpl": "${x}",
    "obj.tmpl": "${x.a}",
    "lit.tmpl": "just text $${x} %%{y}\n",
    "try.tmpl": '${try(x.y, "d")}',
    "err.tmpl": "${upper()}",
    "unk.tmpl": "${nofn(x)}",
    "loc.tmpl": "${local.s}",
    "x.txt": "é\n",
}


def make_tree(folder: Path) -> None:
    """Write the files that the calls read."""
    for path, content in {
        **{f"t/{name}": text for name, text in TEMPLATES.items()},
        # Deep enough that no pattern climbs out to what terraform writes.
        **{f"g/1/2/3/{name}": text for name, text in TREE.items()},
        "d/e/z.txt": "z",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode())
    (folder / "t/bin").write_bytes(b"\xff\xfe")
    (folder / "t/broken").symlink_to("nowhere")
    (folder / "t/link").symlink_to("x.txt")
    (folder / "d/le").symlink_to("e")


def file_calls() -> list[str]:
    variables = [
        '{x=1,y="z"}', "{x=1}", "[1]", "null", '{x=1,y="z",w=1}', "{x=null,y=1}", "{x=[1],y=1}",
        f"{{x={UNKNOWN},y=1}}", UNKNOWN, 'tomap({x="1",y="2"})', '{x=1,"a b"=2,y=1}',
        "{x={a=1},l=[1,2],b=true}", "{x={a=sensitive(1)}}", '{l=["a","b"],b=null,x="q"}',
        f"{{b={UNKNOWN},l=[{UNKNOWN}],x={{a={UNKNOWN}}}}}",
    ]  # fmt: skip
    paths = [
        "t/bin", "t", "t/nope", "t/broken", "t/link", "./t/x.txt", "t/../t/x.txt", "~/t/x.txt",
        "t/x.txt/", "t/x.txt/y", "~user/x",
    ]  # fmt: skip
    readers = ["file", "filebase64", "fileexists", "filemd5", "filesha1", "filesha256"]
    readers += ["filesha512", "filebase64sha256", "filebase64sha512"]
    texts = [
        "local.s",
        '"a"',
        '"${local.s}"',
        "local.o.name",
        'local.m["a"]',
        "local.l[0]",
        "(local.s)",
    ]
    texts += [
        "upper(local.s)",
        "local.nul",
        "local.n",
        UNKNOWN,
        "null",
        "local.l[*]",
        "local.lst[local.n - 5]",
    ]
    names = [
        "",
        ".",
        "..",
        "/",
        "//",
        "a/",
        "/a",
        "a//b",
        "a/../b",
        "../a",
        "a/.",
        "/..",
        "~",
        "///a///b///",
    ]
    patterns = [
        "*.txt", "**/*.txt", "**", "*", "x.txt", "./x.txt", "../t/x.txt", "e/*", "**/e/*", "le/*",
        "{e,le}/z.txt", "[", "[a", "{a", "broken", "brok*", "e", "**/", "e/**",
    ]  # fmt: skip
    return [
        *_calls("templatefile", (f'"t/{name}"' for name in TEMPLATES), variables),
        *(call for reader in readers for call in _calls(reader, map(quote, paths))),
        *_calls("templatestring", texts, ["{}", "{x=1}", "null", "[1]"]),
        *_calls("basename", map(quote, names)),
        *_calls("dirname", map(quote, names)),
        *_calls("fileset", ['"t"', '"d"', '"nope"', '"d/*"'], map(quote, patterns)),
        'issensitive(file(sensitive("t/x.txt")))',
        'issensitive(templatefile("t/t.tmpl", {x=1, y=1, z=sensitive(1)}))',
        'issensitive(fileset("t", sensitive("*.txt")))',
        f"file({UNKNOWN})",
        f'fileset({UNKNOWN}, "*")',
        f"templatefile({UNKNOWN}, {{}})",
    ]


PROVIDER: Final = """
terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
"""


def provider_calls() -> list[str]:
    values = [
        '{a=1,bbb="x\\ny",c=[1,2,{d=null}],e={},f=[],g=true,"h i"=1.5,k={l={mm=1,n=2}}}', "null",
        'toset(["b","a"])', "tomap({a=1})", "[]", "{}", "[[]]", "1e100", "1/3", "[1]",
        UNKNOWN,
        '{"for"=1,"a-b"=2,"1a"=3,"é"=4,"_"=5,""=8,"a.b"=9}', "{aaaa=1,b={},ccc=[{}],d=[]}",
        f"{{a={UNKNOWN}}}", '"$${x} %%{y} $x \\u0001\\u00a0😀"', '{a=["x",{b=[{c=1}]}]}',
        "sensitive(1)",
    ]  # fmt: skip
    sources = [
        "a = 1\nb = [1, 2]\n", "", "a {}", "a = b", 'a = upper("x")', "a = 1 + 2", "a = ",
        "a = null", "a = 1\na = 2", "# c\na = <<EOT\nx\nEOT\n", "a = [for x in [1]: x]",
    ]  # fmt: skip
    return [
        *_calls("provider::terraform::encode_expr", values),
        *_calls("provider::terraform::encode_tfvars", values),
        *_calls("provider::terraform::decode_tfvars", map(quote, sources)),
    ]


_YAML: Final = (
    "!!int |\n 12\n", "!!bool >-\n yes\n", '!foo "x"', "a: |\n", "a: >\n\nb: 1\n", "!!bool 1",
    "!!null 1",
    '!!int "12"', '!!float "x"', "!!str <<: {a: 1}", "'<<': {a: 1}", "a: 0x7fffffffffffffffff",
    "!!int -0x1F", "!!int 0B11", "!!float 0x1F", "2001-1-1  1:1:1", "2001-12-14T21:59:43,5Z",
    "2001-1-1T1:1:1+24:00", "%YAML 1.2\n---\na", "%TAG !e! tag:e,2000:\n---\n!e!x a", '"\\/"',
    "&a [*a]",
    "- &a x\n- *a : 1", "? [a]\n: 1", "~: 1", "a: {<<: [1]}", "--- a\n--- b", "\ta: 1", "", ".nan",
    "- a\n-b", "{a, b: }", "[a: 1, b]", "'a\n\n b'", "a: b: c", "!!set {a}", "! 12", "!!binary x",
)  # fmt: skip


def generated_calls(random: random.Random, count: int) -> list[str]:
    """Return calls for random documents, values and patterns, `count` of each."""
    maker = YamlMaker(random)
    values = [random_source(random, 3) for _ in range(count)]
    return [
        *_calls("yamldecode", map(quote, _YAML)),
        *(f"yamldecode({quote(maker.document())})" for _ in range(count)),
        *_calls("yamlencode", values),
        *_calls("jsonencode", values),
        *(f'fileset("g/1/2/3", {quote(random_pattern(random))})' for _ in range(count)),
    ]
