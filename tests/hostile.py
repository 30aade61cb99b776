"""Two forms that are accepted as they are, and what to spoil them with."""

DETAILS = "/consultation/details/"
KEPT = 'Kept "wörds" <b>ß</b> & 心'

CONSULTATION = {
    "name": "Ann",
    "channel": "email",
    "email": "ann@example.com",
    "phone": "503 555 0142",
    "voicemail": "no",
    "location": "US-OR",
    "service": "not_sure",
    "audience": "me",
    "meeting": "phone",
    "preferred": "mon-morning",
    "note": KEPT,
    "access": "captions",
    "adult": "on",
    "consent": "on",
    "zone": "Europe/Berlin",
    "kind": "preferred_times",
    "key": "k" * 32,
    "practitioner": "",
    "website": "",
    "opened": "",
}
COMMENT = {
    "text": KEPT,
    "name": "Ann",
    "email": "ann@example.com",
    "parent": "",
    "website": "",
    "opened": "",
}
# Percent-encoded already, since these bytes have no other way through a browser's encoding.
BAD_VALUES = {
    "empty": "",
    "long": "x" * 20_000,
    "half a megabyte": "x" * 500_000,
    "control characters": "a%01%02%1b%5b31m%7fb",
    "NUL": "a%00b",
    "invalid UTF-8": "a%ff%fe%80b",
    "half of a pair": "a%ed%a0%80b",
    "line breaks": "a%0d%0aBcc:%20x@example.com",
    "line separator": "a%e2%80%a8b",
    "bidi override": "a%e2%80%aeb",
    "emoji": "%f0%9f%91%a9%e2%80%8d%f0%9f%91%a7",
    "markup": "%3Cscript%3Ealert(1)%3C/script%3E%22'",
    "template": "%7B%7B%20settings.SECRET_KEY%20%7D%7D%7B%25%20debug%20%25%7D",
    "broken percent": "%zz%",
    "number too large": "9" * 5000,
}
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
)
