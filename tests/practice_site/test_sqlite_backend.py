"""The SQLite backend: Django's own, with hardening pragmas and without checks on JSON columns."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper as DjangoWrapper

from practice_site.sqlite_backend.base import DatabaseWrapper

only_on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the tests run on another database"
)


def test_only_the_check_on_json_columns_is_left_out() -> None:
    constraints = DjangoWrapper.data_type_check_constraints
    left_out = constraints.keys() - DatabaseWrapper.data_type_check_constraints.keys()
    assert left_out == {"JSONField"}
    assert DatabaseWrapper.data_type_check_constraints.items() <= constraints.items()


@only_on_sqlite
def test_settings_use_the_backend() -> None:
    assert connection.settings_dict["ENGINE"] == "practice_site.sqlite_backend"
    assert isinstance(connections["default"], DatabaseWrapper)


@only_on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)],
)
def test_pragmas_are_set_on_each_connection(pragma, value) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone() == (value,)


@pytest.mark.django_db
def test_table_with_a_json_column_can_be_written(django_user_model) -> None:
    user = django_user_model.objects.create_user("robin")
    row = Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    assert Authenticator.objects.get(pk=row.pk).data == {"secret": "x"}


@only_on_sqlite
@pytest.mark.django_db
def test_no_table_has_a_json_check() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE lower(sql) LIKE '%json_valid(%'")
        assert cursor.fetchall() == []
