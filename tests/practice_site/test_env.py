"""Settings from the environment: safe by default, and no unsafe start in production."""

import base64
import stat

import pytest

from practice_site import env

KEY = base64.b64encode(b"k" * 32).decode()
OTHER = base64.b64encode(b"o" * 32).decode()
GOOD_SECRET = "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijKLMN"


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in ("SITE_MODE", "SITE_URL", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "DEBUG",
                 "TRUSTED_PROXIES", "X"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def assert_refused(capsys, call, *args) -> str:
    with pytest.raises(SystemExit) as stop:
        call(*args)
    said = capsys.readouterr()
    assert (stop.value.code, said.out) == (78, "")
    assert said.err.count("\n") == 1
    assert said.err.startswith("practice site: not started: ")
    return said.err


def test_value_is_read_from_variable_or_file(monkeypatch, tmp_path) -> None:
    (tmp_path / "secret").write_text(" from file \n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert env.read_text("X") == "from file"
    monkeypatch.setenv("X", " direct ")
    assert env.read_text("X") == "direct"


def test_missing_value_file_is_refused(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setenv("X_FILE", str(tmp_path / "none"))
    assert "X_FILE" in assert_refused(capsys, env.read_text, "X")


@pytest.mark.parametrize("mode", ["", "development", "demo", "production"])
def test_known_site_modes_are_accepted(monkeypatch, mode) -> None:
    monkeypatch.setenv("SITE_MODE", mode)
    assert env.site_mode() == (mode or "development")


def test_unknown_site_mode_is_refused(monkeypatch, capsys) -> None:
    monkeypatch.setenv("SITE_MODE", "prod")
    assert_refused(capsys, env.site_mode)


@pytest.mark.parametrize(
    ("mode", "url", "good"),
    [
        ("development", "", True),
        ("demo", "http://127.0.0.1:8000/", True),
        ("production", "https://www.example.com", True),
        ("production", "https://www.example.com/", True),
        ("production", "", False),
        ("production", "http://www.example.com", False),
        ("production", "https://www.example.com/path", False),
        ("production", "https://", False),
        ("development", "ftp://example.com", False),
        ("development", "example.com", False),
    ],
)
def test_site_url_is_validated(monkeypatch, capsys, mode, url, good) -> None:
    monkeypatch.setenv("SITE_URL", url)
    if good:
        found = env.site_url(mode, "8000")
        assert found == (url.rstrip("/") or "http://127.0.0.1:8000")
    else:
        assert "SITE_URL" in assert_refused(capsys, env.site_url, mode, "8000")


@pytest.mark.parametrize(
    "secret", ["", "short", "x" * 60, "django-insecure-" + GOOD_SECRET, GOOD_SECRET[:49]]
)
def test_weak_secret_key_is_refused_in_production(monkeypatch, capsys, tmp_path, secret) -> None:
    monkeypatch.setenv("SECRET_KEY", secret)
    said = assert_refused(capsys, env.secret_key, "production", tmp_path)
    assert "SECRET_KEY" in said
    assert not secret or secret not in said


def test_strong_secret_key_is_accepted(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SECRET_KEY", GOOD_SECRET)
    assert env.secret_key("production", tmp_path) == GOOD_SECRET
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_created_once_outside_production(tmp_path) -> None:
    keys = tmp_path / "keys"
    first = env.secret_key("demo", keys), env.field_keys("demo", keys)
    assert first == (env.secret_key("demo", keys), env.field_keys("demo", keys))
    assert len(first[0]) >= env.MIN_SECRET_LENGTH
    assert sorted(file.name for file in keys.iterdir()) == ["field_keys", "secret_key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_concurrent_starts_share_one_secret(tmp_path, monkeypatch) -> None:
    path, link = tmp_path / "secret", env.os.link

    def other_was_quicker(draft, target) -> None:
        path.write_text("theirs\n")
        link(draft, target)

    monkeypatch.setattr(env.os, "link", other_was_quicker)
    assert env.load_or_create_secret(path, "mine") == "theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_field_keys_keep_their_order() -> None:
    assert env.parse_field_keys(f"2:{KEY},\n 1:{OTHER} ,") == [(2, b"k" * 32), (1, b"o" * 32)]


@pytest.mark.parametrize(
    "raw",
    ["", ",", KEY, f"x:{KEY}", "1:abc", "1:!!!!", f"0:{KEY}", f"256:{KEY}", f"1:{KEY},1:{OTHER}",
     f"2:{KEY},1:{KEY}", f"-1:{KEY}", f"FIELD_KEYS=1:{KEY}",
     f"1:{base64.b64encode(b'short').decode()}"],
)  # fmt: skip
def test_invalid_field_keys_are_refused(capsys, raw) -> None:
    said = assert_refused(capsys, env.parse_field_keys, raw)
    assert "FIELD_KEYS" in said
    assert KEY not in said


def test_field_keys_file_tolerates_bom_and_crlf(monkeypatch, tmp_path) -> None:
    file = tmp_path / "keys"
    monkeypatch.setenv("FIELD_KEYS_FILE", str(file))
    file.write_bytes(f"\ufeff 2: {KEY} \r\n1:{OTHER}\r\n\r\n".encode())
    assert env.field_keys("production", tmp_path) == [(2, b"k" * 32), (1, b"o" * 32)]


def test_missing_field_keys_are_refused_in_production(capsys, tmp_path) -> None:
    assert "FIELD_KEYS is missing" in assert_refused(capsys, env.field_keys, "production", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("hosts", "good"), [("a.example, b.example", True), ("", False),
                                             ("*", False), ("a.example,.*", False),
                                             (".", False)])  # fmt: skip
def test_allowed_hosts_are_validated_in_production(monkeypatch, capsys, hosts, good) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    if good:
        assert env.allowed_hosts("production", "https://a.example") == ["a.example", "b.example"]
    else:
        assert_refused(capsys, env.allowed_hosts, "production", "https://a.example")


def test_allowed_hosts_default_to_localhost_outside_production() -> None:
    hosts = env.allowed_hosts("demo", "http://127.0.0.1:8000")
    assert set(hosts) == {"127.0.0.1", "localhost", "[::1]"}


def test_debug_is_limited_to_development(monkeypatch, capsys) -> None:
    assert [env.is_debug_enabled(mode) for mode in env.MODES] == [True, False, False]
    monkeypatch.setenv("DEBUG", "true")
    assert_refused(capsys, env.is_debug_enabled, "production")
    assert env.is_debug_enabled("demo") is False


@pytest.mark.parametrize("raw", ["x", "nan", "-1", "1e10", "inf"])
def test_invalid_number_is_refused(monkeypatch, capsys, raw) -> None:
    monkeypatch.setenv("X", raw)
    assert_refused(capsys, env.read_number, "X", 1)


def test_numbers_and_networks_are_parsed(monkeypatch, capsys) -> None:
    assert env.read_number("X", 1) == 1
    monkeypatch.setenv("X", "0.5")
    assert env.read_number("X", 1) == 0.5
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/16,::1")
    assert env.read_networks("TRUSTED_PROXIES") == ["10.0.0.1", "192.168.0.0/16", "::1"]
    monkeypatch.setenv("TRUSTED_PROXIES", "proxy.example")
    assert_refused(capsys, env.read_networks, "TRUSTED_PROXIES")


SMTP = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.example",
}


@pytest.mark.parametrize(
    "mail",
    [
        {**SMTP, "EMAIL_USE_TLS": True},
        {**SMTP, "EMAIL_USE_SSL": True},
        {**SMTP, "EMAIL_HOST": "localhost"},
        {**SMTP, "EMAIL_HOST": None},
        {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"},
    ],
)
def test_local_or_encrypted_email_is_accepted(mail, capsys) -> None:
    env.require_encrypted_email(mail)  # would end the process
    assert capsys.readouterr().err == ""


def test_unencrypted_email_requires_opt_in(monkeypatch, capsys) -> None:
    assert "EMAIL_IN_CLEAR=1" in assert_refused(capsys, env.require_encrypted_email, SMTP)
    monkeypatch.setenv("EMAIL_IN_CLEAR", "1")
    env.require_encrypted_email(SMTP)


def read_x_days() -> int:
    return env.read_days("X_DAYS", 35, most=90)


@pytest.mark.parametrize(("raw", "found"), [("", 35), ("1", 1), ("90", 90)])
def test_retention_days_use_default_or_variable(monkeypatch, raw, found) -> None:
    monkeypatch.setenv("X_DAYS", raw)
    assert read_x_days() == found


@pytest.mark.parametrize("raw", ["0", "-1", "1.5", "x", "91", "nan", "1e12"])
def test_out_of_range_days_are_refused(monkeypatch, capsys, raw) -> None:
    monkeypatch.setenv("X_DAYS", raw)
    assert "X_DAYS" in assert_refused(capsys, read_x_days)


def test_days_above_maximum_require_opt_in(monkeypatch, capsys) -> None:
    monkeypatch.setenv("X_DAYS", "91")
    assert "RETENTION_ABOVE_MAXIMUM=1" in assert_refused(capsys, read_x_days)
    monkeypatch.setenv("RETENTION_ABOVE_MAXIMUM", "1")
    assert read_x_days() == 91


def test_field_key_is_not_created_next_to_existing_data(tmp_path, capsys) -> None:
    keys, database = tmp_path / "keys", tmp_path / "db.sqlite3"
    database.write_bytes(b"")
    env.field_keys("demo", keys, database)  # nothing in it yet: the first start
    (keys / "field_keys").unlink()
    database.write_bytes(b"SQLite format 3")
    assert "put its keys back" in assert_refused(capsys, env.field_keys, "demo", keys, database)
    assert list(keys.iterdir()) == []
