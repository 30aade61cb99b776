"""Encrypted columns: what is stored, and which queries are refused."""

import copy
import pickle

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import Count, F, Max, Q, Value
from django.db.models.functions import Concat, Lower

from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fields import EncryptedTextField, EncryptedValue, PrivateModel
from consultations.privacy.models import KeyCanary
from tests.factories.consultations import make_comment, make_consultation, make_email
from tests.factories.pages import make_article

pytestmark = pytest.mark.django_db
MARK = "Xanthippe Quillfeather"


def read_raw(row: PrivateModel, column: str) -> bytes:
    table = connection.ops.quote_name(row._meta.db_table)
    key = row._meta.pk.get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {connection.ops.quote_name(column)} FROM {table} WHERE uuid = %s", [key]
        )
        value = cursor.fetchone()[0]
    return b"" if value is None else bytes(value)


def write_raw(row: PrivateModel, column: str, value: bytes) -> None:
    table = connection.ops.quote_name(row._meta.db_table)
    key = row._meta.pk.get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {connection.ops.quote_name(column)} = %s WHERE uuid = %s",
            [value, key],
        )


def tamper(row: PrivateModel, column: str) -> None:
    value = bytearray(read_raw(row, column))
    value[-1] ^= 1
    write_raw(row, column, bytes(value))


def reload(row: Consultation) -> Consultation:
    return Consultation.objects.get(pk=row.pk)


# --- what is stored ---
def test_column_holds_ciphertext_and_attribute_returns_text() -> None:
    row = make_consultation(name=MARK, note="A quiet word")
    assert read_raw(row, "name")[:1] == b"\x01"
    assert MARK.encode() not in read_raw(row, "name")
    assert (reload(row).name, reload(row).note) == (MARK, "A quiet word")


def test_empty_text_is_stored_as_null() -> None:
    row = make_consultation(note="")
    assert read_raw(row, "note") == b""
    assert reload(row).note == ""
    assert Consultation.objects.filter(note__isnull=True).get() == row
    assert not Consultation.objects.filter(name__isnull=True).exists()


def test_value_moved_to_another_row_cannot_be_decrypted() -> None:
    target, source = make_consultation(name="One"), make_consultation(name="Other")
    write_raw(target, "name", read_raw(source, "name"))
    with pytest.raises(DecryptionError):
        _ = reload(target).name


def test_value_moved_to_another_column_cannot_be_decrypted() -> None:
    row = make_consultation(name="Ada", note="A note")
    write_raw(row, "name", read_raw(row, "note"))
    with pytest.raises(DecryptionError):
        _ = reload(row).name


def test_encrypted_fields_have_unique_labels() -> None:
    labels = [
        field.label
        for model in (Consultation, ConsultationEvent, Comment, OutgoingEmail, KeyCanary)
        for field in model._meta.fields
        if isinstance(field, EncryptedTextField)
    ]
    assert labels
    assert len(labels) == len(set(labels))


def test_unreadable_row_does_not_break_a_list() -> None:
    rows = [make_consultation(name=f"Name {number}") for number in range(3)]
    tamper(rows[1], "name")
    listed = list(Consultation.objects.order_by("created_at", "pk"))
    assert len(listed) == 3
    readable = {row.pk: row for row in listed}
    assert readable[rows[0].pk].name == "Name 0"
    assert readable[rows[1].pk].note == ""
    with pytest.raises(DecryptionError):
        _ = readable[rows[1].pk].name


# --- writing ---
def test_save_keeps_ciphertext_of_unchanged_fields() -> None:
    row = reload(make_consultation(name="Ada", note="A note"))
    before = read_raw(row, "name"), read_raw(row, "note")
    assert row.name == "Ada"  # decrypted, not changed
    row.name = "Ada"  # set to the same value
    row.save()
    assert (read_raw(row, "name"), read_raw(row, "note")) == before


def test_save_reencrypts_changed_fields() -> None:
    row = reload(make_consultation(name="Ada", note="A note"))
    before = read_raw(row, "name"), read_raw(row, "note")
    row.name = "Bea"
    row.save()
    assert read_raw(row, "name") != before[0]
    assert read_raw(row, "note") == before[1]
    assert reload(row).name == "Bea"


def test_save_preserves_unreadable_field() -> None:
    row = make_consultation(note="A note")
    tamper(row, "note")
    before = read_raw(row, "note")
    row = reload(row)
    row.staff_notes = "Called twice"
    row.save(update_fields=["staff_notes"])
    row.save()
    assert read_raw(row, "note") == before
    assert reload(row).staff_notes == "Called twice"


def test_bulk_create_encrypts() -> None:
    mails = [make_email() for _ in range(2)]
    template = OutgoingEmail.objects.get(pk=mails[0].pk)
    fresh = [
        OutgoingEmail(
            key=f"bulk-{number}",
            message="m",
            about=template.about,
            to=f"bulk-{number}@mail.example",
            sender="s",
            subject=MARK,
            text="t",
            next_at=template.next_at,
            created_at=template.created_at,
        )
        for number in range(3)
    ]
    OutgoingEmail.objects.bulk_create(fresh)
    stored = OutgoingEmail.objects.filter(key__startswith="bulk-").order_by("key")
    assert [mail.to for mail in stored] == [f"bulk-{number}@mail.example" for number in range(3)]
    assert not any(MARK.encode() in read_raw(mail, "subject") for mail in stored)


def test_get_or_create_encrypts_and_finds_existing() -> None:
    row, made = KeyCanary.objects.get_or_create(uuid=KeyCanary().uuid, defaults={"words": MARK})
    same, made_again = KeyCanary.objects.get_or_create(uuid=row.uuid, defaults={"words": "other"})
    assert (made, made_again, same.words) == (True, False, MARK)
    assert MARK.encode() not in read_raw(row, "words")


# --- partial reads ---
def test_refresh_from_db_returns_stored_value() -> None:
    row = reload(make_consultation(name="Ada"))
    assert row.name == "Ada"
    other = reload(row)
    other.name = "Bea"
    other.save()
    row.refresh_from_db()
    assert row.name == "Bea"
    row.save()
    assert reload(row).name == "Bea"


def test_refresh_from_db_decrypts_nothing() -> None:
    row = reload(make_consultation(name="Ada", note="A note"))
    tamper(row, "note")
    row.refresh_from_db()
    row.refresh_from_db(fields=["note", "reference"])
    assert isinstance(row.__dict__["note"], EncryptedValue)
    assert row.name == "Ada"


def test_deferred_fields_are_loaded_on_access() -> None:
    row = make_consultation(name="Ada", note="A note")
    assert Consultation.objects.only("reference").get().name == "Ada"
    partly = Consultation.objects.defer("note").get()
    assert partly.note == "A note"
    partly.staff_notes = "x"
    partly.save()
    assert (reload(row).note, reload(row).name) == ("A note", "Ada")


def test_copied_instance_reads_and_saves() -> None:
    row = reload(make_consultation(name="Ada", note="A note"))
    assert row.name == "Ada"
    for twin in (copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))):
        assert (twin.name, twin.note) == ("Ada", "A note")
        twin.save()
        assert reload(row).note == "A note"


def test_pickled_unread_row_holds_no_cleartext() -> None:
    make_consultation(name=MARK)
    assert MARK.encode() not in pickle.dumps(Consultation.objects.get())


def test_copy_under_new_uuid_requires_decrypted_fields() -> None:
    make_email(to="a@mail.example", subject="Hello")
    unread = OutgoingEmail.objects.get()
    unread.pk, unread.key = None, "twin"
    unread._state.adding = True
    with pytest.raises(DecryptionError), transaction.atomic():
        unread.save()
    read = OutgoingEmail.objects.get()
    for name in ("to", "reply_to", "sender", "subject", "text", "html"):
        getattr(read, name)
    read.pk, read.key = None, "twin"
    read._state.adding = True
    read.save()
    assert OutgoingEmail.objects.get(key="twin").subject == "Hello"


# --- refused queries ---
REFUSED_LOOKUPS = [
    {"name": "Ada"},
    {"name": None},
    {"name__exact": "Ada"},
    {"name__in": ["Ada"]},
    {"name__contains": "A"},
    {"name__startswith": b"\x01"},
    {"name__gt": "A"},
    {"name__length": 3},
    {"name": F("note")},
    {"email__iexact": "ada@mail.example"},
]


@pytest.mark.parametrize("lookup", REFUSED_LOOKUPS, ids=str)
def test_lookups_on_encrypted_fields_are_refused(lookup) -> None:
    make_consultation()
    for query in (Consultation.objects.filter, Consultation.objects.exclude):
        with pytest.raises(FieldError):
            list(query(**lookup))
    with pytest.raises(FieldError):
        list(Consultation.objects.filter(Q(kind="x") | Q(**lookup)))
    with pytest.raises(FieldError):
        list(
            ConsultationEvent.objects.filter(
                **{f"consultation__{name}": value for name, value in lookup.items()}
            )
        )


REFUSED_QUERIES = {
    "order_by": lambda rows: list(rows.order_by("name")),
    "order_by descending": lambda rows: list(rows.order_by("-created_at", "-name")),
    "order_by expression": lambda rows: list(rows.order_by(Lower(F("name")).desc())),
    "values": lambda rows: list(rows.values("name")),
    "values of all": lambda rows: list(rows.values()),
    "values of an expression": lambda rows: list(rows.values(x=F("name"))),
    "values_list": lambda rows: list(rows.values_list("reference", "name")),
    "values_list of all": lambda rows: list(rows.values_list()),
    "values_list flat": lambda rows: list(rows.values_list("email", flat=True)),
    "update": lambda rows: rows.update(name="x"),
    "update with nothing": lambda rows: rows.update(note=None),
    "update from a column": lambda rows: rows.update(staff_notes=F("note")),
    "update into a clear column": lambda rows: rows.update(outcome=F("name")),
    "update with an expression": lambda rows: rows.update(outcome=Concat(F("name"), Value("x"))),
    "bulk_update": lambda rows: Consultation.objects.bulk_update(list(rows), ["note"]),
}


@pytest.mark.parametrize("query", REFUSED_QUERIES)
def test_queries_cannot_read_or_write_encrypted_fields(query) -> None:
    row = make_consultation(name=MARK)
    before = read_raw(row, "name")
    with pytest.raises(FieldError):
        REFUSED_QUERIES[query](Consultation.objects.all())
    assert read_raw(row, "name") == before
    assert reload(row).outcome == ""


def test_expression_as_value_is_refused() -> None:
    row = make_consultation(name="Ada")
    row.note = F("name")  # type: ignore[assignment]
    with pytest.raises(FieldError), transaction.atomic():
        row.save()
    with pytest.raises(FieldError), transaction.atomic():
        KeyCanary.objects.create(words=Value("x"))  # type: ignore[misc]


def test_indirect_queries_return_opaque_values() -> None:
    make_comment(name=MARK)
    from pages.articles.models import Article

    reached = list(Article.objects.values_list("comments__name", flat=True))
    annotated = [row.other for row in Comment.objects.annotate(other=F("name"))]
    largest = (
        Comment.objects.aggregate(one=Max("name"))["one"] if _supports_max_of_bytes() else None
    )
    for value in (*reached, *annotated, *([largest] if largest else [])):
        assert isinstance(value, EncryptedValue)
        assert repr(value) == "<encrypted>"
        with pytest.raises(TypeError):
            str(value)


def _supports_max_of_bytes() -> bool:
    return connection.vendor == "sqlite"  # PostgreSQL has no max(bytea) before version 18


def test_queries_on_other_columns_work() -> None:
    make_comment(article=make_article())
    assert Comment.objects.values("status").annotate(n=Count("pk")).get()["n"] == 1
    assert Comment.objects.values_list("status", flat=True).get() == "waiting"
    assert Comment.objects.order_by("-created_at").update(status="spam") == 1


@pytest.mark.parametrize("style", ["json", "xml", "python"])
def test_serializers_refuse_private_models(style) -> None:
    make_consultation(name=MARK)
    with pytest.raises(FieldError):
        serializers.serialize(style, Consultation.objects.all())


def test_dumpdata_is_refused() -> None:
    make_consultation(name=MARK)
    with pytest.raises((CommandError, FieldError)):
        call_command("dumpdata", "consultations.consultation")


def test_str_and_repr_hold_no_personal_data() -> None:
    row = make_consultation(name=MARK)
    assert str(row) == f"Consultation #{str(row.uuid)[:8]}"
    assert repr(row) == f"<Consultation {str(row.uuid)[:8]}>"


def test_field_without_label_or_uuid_fails_system_check() -> None:
    class FieldWithoutLabel(models.Model):  # noqa: DJ008
        words = EncryptedTextField("words")

        class Meta:
            app_label = "consultations"
            managed = False

    try:
        check_ids = {error.id for error in FieldWithoutLabel._meta.get_field("words").check()}
    finally:
        from django.apps import apps

        apps.all_models["consultations"].pop("fieldwithoutlabel")
        apps.clear_cache()
    assert {"privacy.E001", "privacy.E002"} <= check_ids
