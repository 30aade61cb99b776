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


def refusal(capsys, call, *args) -> str:
    with pytest.raises(SystemExit) as stop:
        call(*args)
    said = capsys.readouterr()
    assert (stop.value.code, said.out) == (78, "")
    assert said.err.count("\n") == 1
    assert said.err.startswith("practice site: not started: ")
    return said.err


def test_a_value_comes_directly_or_from_a_file(monkeypatch, tmp_path) -> None:
    (tmp_path / "secret").write_text(" from file \n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    assert env.text("X") == "from file"
    monkeypatch.setenv("X", " direct ")
    assert env.text("X") == "direct"


def test_a_file_that_is_not_there_is_refused(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setenv("X_FILE", str(tmp_path / "none"))
    assert "X_FILE" in refusal(capsys, env.text, "X")


@pytest.mark.parametrize("mode", ["", "development", "demo", "production"])
def test_the_mode(monkeypatch, mode) -> None:
    monkeypatch.setenv("SITE_MODE", mode)
    assert env.site_mode() == (mode or "development")


def test_an_unknown_mode_is_refused(monkeypatch, capsys) -> None:
    monkeypatch.setenv("SITE_MODE", "prod")
    refusal(capsys, env.site_mode)


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
def test_the_address_of_the_site(monkeypatch, capsys, mode, url, good) -> None:
    monkeypatch.setenv("SITE_URL", url)
    if good:
        found = env.site_url(mode, "8000")
        assert found == (url.rstrip("/") or "http://127.0.0.1:8000")
    else:
        assert "SITE_URL" in refusal(capsys, env.site_url, mode, "8000")


@pytest.mark.parametrize(
    "secret", ["", "short", "x" * 60, "django-insecure-" + GOOD_SECRET, GOOD_SECRET[:49]]
)
def test_a_weak_secret_key_is_refused_in_production(monkeypatch, capsys, tmp_path, secret) -> None:
    monkeypatch.setenv("SECRET_KEY", secret)
    said = refusal(capsys, env.secret_key, "production", tmp_path)
    assert "SECRET_KEY" in said
    assert not secret or secret not in said


def test_a_good_secret_key_is_taken(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SECRET_KEY", GOOD_SECRET)
    assert env.secret_key("production", tmp_path) == GOOD_SECRET
    assert list(tmp_path.iterdir()) == []


def test_elsewhere_secrets_are_made_once_and_kept_for_their_owner(tmp_path) -> None:
    keys = tmp_path / "keys"
    first = env.secret_key("demo", keys), env.field_keys("demo", keys)
    assert first == (env.secret_key("demo", keys), env.field_keys("demo", keys))
    assert len(first[0]) >= env.MIN_SECRET_LENGTH
    assert sorted(file.name for file in keys.iterdir()) == ["field_keys", "secret_key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_of_two_that_start_together_both_read_the_same_secret(tmp_path, monkeypatch) -> None:
    path, link = tmp_path / "secret", env.os.link

    def other_was_quicker(draft, target) -> None:
        path.write_text("theirs\n")
        link(draft, target)

    monkeypatch.setattr(env.os, "link", other_was_quicker)
    assert env.kept_secret(path, "mine") == "theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_field_keys_in_their_order() -> None:
    assert env.parse_field_keys(f"2:{KEY},\n 1:{OTHER} ,") == [(2, b"k" * 32), (1, b"o" * 32)]


@pytest.mark.parametrize(
    "raw",
    ["", ",", KEY, f"x:{KEY}", "1:abc", "1:!!!!", f"0:{KEY}", f"256:{KEY}", f"1:{KEY},1:{OTHER}",
     f"2:{KEY},1:{KEY}", f"-1:{KEY}", f"FIELD_KEYS=1:{KEY}",
     f"1:{base64.b64encode(b'short').decode()}"],
)  # fmt: skip
def test_field_keys_that_cannot_be_used_are_refused(capsys, raw) -> None:
    said = refusal(capsys, env.parse_field_keys, raw)
    assert "FIELD_KEYS" in said
    assert KEY not in said


def test_a_key_file_may_come_from_any_editor(monkeypatch, tmp_path) -> None:
    file = tmp_path / "keys"
    monkeypatch.setenv("FIELD_KEYS_FILE", str(file))
    file.write_bytes(f"\ufeff 2: {KEY} \r\n1:{OTHER}\r\n\r\n".encode())
    assert env.field_keys("production", tmp_path) == [(2, b"k" * 32), (1, b"o" * 32)]


def test_production_without_field_keys_is_refused(capsys, tmp_path) -> None:
    assert "FIELD_KEYS is missing" in refusal(capsys, env.field_keys, "production", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("hosts", "good"), [("a.example, b.example", True), ("", False),
                                             ("*", False), ("a.example,.*", False),
                                             (".", False)])  # fmt: skip
def test_hosts_are_named_in_production(monkeypatch, capsys, hosts, good) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    if good:
        assert env.allowed_hosts("production", "https://a.example") == ["a.example", "b.example"]
    else:
        refusal(capsys, env.allowed_hosts, "production", "https://a.example")


def test_elsewhere_only_this_machine_is_a_host() -> None:
    hosts = env.allowed_hosts("demo", "http://127.0.0.1:8000")
    assert set(hosts) == {"127.0.0.1", "localhost", "[::1]"}


def test_debug_is_for_development(monkeypatch, capsys) -> None:
    assert [env.refuse_debug(mode) for mode in env.MODES] == [True, False, False]
    monkeypatch.setenv("DEBUG", "true")
    refusal(capsys, env.refuse_debug, "production")
    assert env.refuse_debug("demo") is False


@pytest.mark.parametrize("raw", ["x", "nan", "-1", "1e10", "inf"])
def test_a_number_that_is_none_is_refused(monkeypatch, capsys, raw) -> None:
    monkeypatch.setenv("X", raw)
    refusal(capsys, env.number, "X", 1)


def test_numbers_and_networks(monkeypatch, capsys) -> None:
    assert env.number("X", 1) == 1
    monkeypatch.setenv("X", "0.5")
    assert env.number("X", 1) == 0.5
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/16,::1")
    assert env.networks("TRUSTED_PROXIES") == ["10.0.0.1", "192.168.0.0/16", "::1"]
    monkeypatch.setenv("TRUSTED_PROXIES", "proxy.example")
    refusal(capsys, env.networks, "TRUSTED_PROXIES")


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
def test_mail_that_stays_here_or_leaves_encrypted_is_fine(mail, capsys) -> None:
    env.refuse_mail_in_clear(mail)  # would end the process
    assert capsys.readouterr().err == ""


def test_mail_that_would_leave_in_clear_has_to_be_vouched_for(monkeypatch, capsys) -> None:
    assert "EMAIL_IN_CLEAR=1" in refusal(capsys, env.refuse_mail_in_clear, SMTP)
    monkeypatch.setenv("EMAIL_IN_CLEAR", "1")
    env.refuse_mail_in_clear(SMTP)


def kept() -> int:
    return env.days("X_DAYS", 35, most=90)


@pytest.mark.parametrize(("raw", "found"), [("", 35), ("1", 1), ("90", 90)])
def test_days_of_retention_are_the_usual_or_those_that_are_set(monkeypatch, raw, found) -> None:
    monkeypatch.setenv("X_DAYS", raw)
    assert kept() == found


@pytest.mark.parametrize("raw", ["0", "-1", "1.5", "x", "91", "nan", "1e12"])
def test_days_out_of_bounds_are_refused(monkeypatch, capsys, raw) -> None:
    monkeypatch.setenv("X_DAYS", raw)
    assert "X_DAYS" in refusal(capsys, kept)


def test_more_than_the_maximum_has_to_be_said_twice(monkeypatch, capsys) -> None:
    monkeypatch.setenv("X_DAYS", "91")
    assert "RETENTION_ABOVE_MAXIMUM=1" in refusal(capsys, kept)
    monkeypatch.setenv("RETENTION_ABOVE_MAXIMUM", "1")
    assert kept() == 91


def test_no_new_key_is_made_beside_a_database_in_use(tmp_path, capsys) -> None:
    keys, database = tmp_path / "keys", tmp_path / "db.sqlite3"
    database.write_bytes(b"")
    env.field_keys("demo", keys, database)  # nothing in it yet: the first start
    (keys / "field_keys").unlink()
    database.write_bytes(b"SQLite format 3")
    assert "put its keys back" in refusal(capsys, env.field_keys, "demo", keys, database)
    assert list(keys.iterdir()) == []
