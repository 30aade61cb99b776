"""Malformed values, path parts, parameter names, headers and files."""

from urllib.parse import quote_plus

from tests.hostile_inputs import ACTIVE_MARKUP, BAD_VALUES
from tools.fuzz.http_client import FORM

METHODS = [
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "PROPFIND",
    "MKCOL",
    "CONNECT",
    "WRITE",
]
# Percent-encoded, as in an address or a form body.
VALUES = [
    *BAD_VALUES.values(),
    *(quote_plus(text, encoding="utf-8", errors="surrogatepass") for text in ACTIVE_MARKUP),
    *("0", "-1", "1e9", "NaN", "1%2C5", "9" * 30, "%D9%A1", "true", "null", "None", "%5B%5D"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "2026-11-26T25%3A00", "24%3A00", "-0%3A01"),
    *("Europe%2FBerlin", "Etc%2F..%2F..%2Fpasswd", "US%2FPacific-New", "%2Fetc%2Flocaltime"),
    *("%27%20OR%201%3D1--", "1%3BSELECT%20pg_sleep(1)", "%22%3B%20DROP%20TABLE%20x", "%25%25%25"),
    *("http%3A%2F%2F127.0.0.1%3A1%2F", "%2F%2Fevil.example", "%5C%5Cevil.example", "file%3A%2F%2F"),
    *("..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd%00.png", "%7Cid", "%24(id)", "%60id%60"),
    *("+ADw-script+AD4-", "%c0%ae%c0%ae%2f", "%f8%88%80%80%80", "%ef%bf%bf", "%ef%bb%bf", "%85"),
    *("2f0b0000-0000-0000-0000-000000000000", "0" * 32, "~" * 60, ":", "a:b:c", "x~y~z"),
]
PATH_PARTS = [
    *(
        "%00",
        "%ff",
        "a%00b",
        "%ed%a0%80",
        "-1",
        "0",
        "99999999999999999999",
        "%D9%A1",
        "1e9",
        "%25",
    ),
    *("%27%20OR%201=1--", "%3Cscript%3Ealert(1)%3C/script%3E", "%0d%0aSet-Cookie:%20a=b"),
    *(
        "x.css",
        "..%2f..%2fetc%2fpasswd",
        "..",
        ".",
        "%2e%2e",
        ";a=b",
        "x" * 3000,
        "~" * 60,
        "%c0%ae",
        "*",
    ),
    *("add", "change", "delete", "history", "autocomplete", "_5F", "_ZZ", "%5c..%5c", "\xff", "|"),
    *("2f0b0000-0000-0000-0000-000000000000", "style.css", "index.php", ".git", "a" * 300, "%20"),
]
PARAMETERS = [
    *("q", "page", "p", "o", "all", "e", "reply", "type", "kind", "zone", "from", "start", "next"),
    *(
        "practitioner",
        "status",
        "group",
        "state",
        "date",
        "week",
        "_popup",
        "_to_field",
        "id",
        "pk",
    ),
    *("_changelist_filters", "status__exact", "id__in", "created_at__gte", "user__password", "csp"),
    *("term", "app_label", "model_name", "field_name", "_method", "format", "sort", "p[]", "%00"),
]
HEADERS = [
    ("Host", ["evil.example", "127.0.0.1@evil.example", "a b", "[::1", "\xff", "127.0.0.1:x", ""]),
    ("Cookie", ["a" * 7000, "staff=garbage; staff-form=x", "messages=\xfe; ;;=;", "staff=\xff"]),
    ("Origin", ["null", "http://[", "https://evil.example", "\xff", ""]),
    ("Referer", ["http://[::1", "https://evil.example/", "\xff", "a" * 5000]),
    ("Sec-Fetch-Site", ["cross-site", "\xff", "none", "same-site"]),
    ("Accept", ["text/html;q=x", "*/*;q=9", "\xff", "application/json", "," * 500]),
    ("Accept-Language", ["x," * 2000, "de;q=0.5;q=0.6", "\xff", "../../etc", "zh-Hans-x" * 60]),
    ("Accept-Encoding", ["gzip;q=x", "br, br, br", "\xff", "identity;q=0"]),
    ("If-None-Match", ["\xff", "*", '"' * 500, "W/", '"a", ' * 500]),
    ("If-Match", ["*", '"x"', "\xff"]),
    ("If-Modified-Since", ["Sun, 99 Foo 99999", "Sun, 06 Nov 0000 08:49:37 GMT", "\xff"]),
    ("If-Unmodified-Since", ["Sun, 06 Nov 1994 08:49:37 GMT", "x"]),
    ("Range", ["bytes=9999999999999999999999-", "bytes=-1", "bytes=5-1", "bytes=a-b", "x=0-0"]),
    ("Content-Type", ["application/json", f"{FORM}; charset=utf-16", f"{FORM}; charset=utf-7"]),
    (
        "Content-Type",
        ["multipart/form-data", "multipart/form-data; boundary=\xff", ";;==;", "\xff"],
    ),
    ("Content-Encoding", ["gzip", "deflate", "br", "\xff"]),
    ("X-Forwarded-For", ["1.2.3.4", "1," * 2000, "::1", "127.0.0.1", "\xff"]),
    ("X-Forwarded-Proto", ["https", "https,http", "\xff"]),
    ("X-Forwarded-Host", ["evil.example", "\xff"]),
    ("X-Forwarded-Port", ["1", "x"]),
    ("Forwarded", ["for=1;host=evil.example", "\xff"]),
    ("X-HTTP-Method-Override", ["DELETE", "PUT"]),
    ("X-Requested-With", ["XMLHttpRequest", "\xff"]),
    ("X-CSRFToken", ["x", "\xff", "a" * 64]),
    ("Authorization", ["Basic \xff", "Bearer x", "Basic " + "a" * 4000]),
    ("User-Agent", ["", "\xff", ACTIVE_MARKUP[0], "a" * 5000, "() { :; }; id"]),
    ("Script-Name", ["/x", "//evil.example"]),
    ("X-Original-URL", ["/admin/"]),
    ("X-Rewrite-Url", ["//evil.example/"]),
    ("Upgrade", ["h2c", "websocket"]),
    ("Expect", ["x"]),
    ("Connection", ["close, X-Forwarded-For"]),
]
# Name, content type and bytes; most begin like a picture or an export, and go on differently.
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01"
PNG += b"\x08\x02\x00\x00\x00\x90wS\xde"
WXR = (
    b'<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
)
FILES = [
    ("a.png", "image/png", b""),
    ("a.png", "image/png", PNG),
    ("a.png", "image/png", PNG + b"\x00" * 5000),
    ("a.png", "image/png", PNG.replace(b"\x00\x00\x00\x01\x08", b"\xff\xff\xff\xff\x08")),
    ("a.jpg", "image/jpeg", b"\xff\xd8\xff\xe1\xff\xffExif\x00\x00II*\x00" + b"\xff" * 500),
    ("a.gif", "image/gif", b"GIF89a\xff\xff\xff\xff\xf7\x00\x00" + b"\x00" * 50),
    ("a.webp", "image/webp", b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 60),
    ("a.tiff", "image/tiff", b"II*\x00\x08\x00\x00\x00\xff\xff" + b"\xff" * 90),
    ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("../../a.xml", "text/xml", WXR),
    ("a.xml", "text/xml", WXR + b"<item><title>x</title></item></channel></rss>"),
    ("a.xml", "text/xml", WXR + b"<item><content:encoded><![CDATA[" + b"]]>" * 90 + b"</item>"),
    ("a.xml", "text/xml", b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>"),
    ("a.xml", "text/xml", "<rss>\u0000</rss>".encode("utf-16")),
    ("a.zip", "application/zip", b"PK\x03\x04" + b"\xff" * 60),
    ("\x00", "\xff", b"\xff" * 2000),
    ("a" * 500 + ".png", "image/png", PNG),
]
