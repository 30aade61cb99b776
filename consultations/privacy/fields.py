"""EncryptedTextField, and the base model and manager that close every way around it."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, Self

from django.core.exceptions import FieldError
from django.db import models
from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from consultations.privacy import encryption


class EncryptedValue:
    """Ciphertext as it came from the database: it opens only through its model's attribute."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __repr__(self) -> str:
        return "<sealed>"

    def __str__(self) -> NoReturn:
        raise TypeError("an encrypted value is read through its model's attribute only")


class DecryptingAttribute:
    """Decrypts on first access, so that one unreadable row never breaks a list of rows."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, EncryptedValue):
            value = encryption.decrypt(value.raw, cell=self.field.cell(instance))
            # Kept beside the ciphertext: an untouched field is saved as it was.
            self.decrypted_values(instance)[name] = (instance.__dict__[name], value)
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        # NULL is "" everywhere outside the database.
        instance.__dict__[self.field.attname] = "" if value is None else value

    @staticmethod
    def decrypted_values(instance: models.Model) -> dict[str, tuple[EncryptedValue, str]]:
        return instance.__dict__.setdefault("_opened", {})


class EncryptedTextField(models.BinaryField):
    """Text that is stored encrypted and bound to its column and row.

    ``label`` names the column for good: it is part of what is authenticated, so it must outlive
    renamed tables and fields. The model needs a ``uuid`` (see PrivateModel). Nothing but
    ``isnull`` can be asked of the column; "" is stored as NULL and read back as "".
    """

    # What the attribute holds, for the type checker: the column's bytes never show.
    _pyi_private_set_type: str
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, verbose_name: Any = None, *, label: str = "", **options: Any) -> None:
        options.setdefault("editable", True)
        options.setdefault("blank", True)
        options["null"] = True
        self.label = label
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("null", None)
        options["label"] = self.label
        options["editable"] = self.editable
        return name, path, args, options

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        setattr(cls, self.attname, DecryptingAttribute(self))

    def check(self, **kwargs: Any) -> list[Any]:
        from django.core.checks import Error

        problems = super().check(**kwargs)
        if not self.label:
            problems.append(Error("An encrypted field needs a label.", obj=self, id="privacy.E001"))
        if not issubclass(self.model, PrivateModel):
            problems.append(
                Error("Encrypted fields belong on a PrivateModel.", obj=self, id="privacy.E002")
            )
        return problems

    def cell(self, instance: models.Model) -> str:
        return f"{self.label}:{instance.uuid}"  # type: ignore[attr-defined]

    # --- to and from the database ---
    def from_db_value(self, value: Any, expression: Any, connection: Any) -> EncryptedValue | str:
        if value is None:
            return ""
        if isinstance(value, str):
            value = value.encode()  # SQLite keeps whatever kind of value was put there
        # A number is no sealed value: this cell says so, and the list that it stands in loads.
        return EncryptedValue(
            bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""
        )

    def to_python(self, value: Any) -> Any:
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> EncryptedValue | None:
        held = model_instance.__dict__.get(self.attname, "")
        if isinstance(held, EncryptedValue):
            if add:
                # A copied row has another uuid, under which this could never be opened.
                encryption.decrypt(held.raw, cell=self.cell(model_instance))
            return held
        if held is None or held == "":
            return None
        if hasattr(held, "resolve_expression"):
            raise FieldError(f"{self.name} is encrypted: it takes text, not an expression")
        before = DecryptingAttribute.decrypted_values(model_instance).get(self.attname)
        if before is not None and before[1] == held and not add:
            return before[0]
        return EncryptedValue(encryption.encrypt(str(held), cell=self.cell(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if not isinstance(value, EncryptedValue):
            # update(), bulk_update() and expressions come here with clear text.
            raise FieldError(f"{self.name} is encrypted: set the attribute and save() the row")
        return super().get_db_prep_value(value.raw, connection, prepared)

    def get_lookup(self, lookup_name: str) -> Any:
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        return None

    # --- forms and the admin show text, not bytes ---
    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        kwargs.pop("widget", None)
        return forms.CharField(
            required=not self.blank,
            label=kwargs.get("label", self.verbose_name),
            help_text=self.help_text,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def value_from_object(self, obj: models.Model) -> Any:
        return getattr(obj, self.attname)

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted and is not serialised")

    @cached_property
    def validators(self) -> list[Any]:
        return []


class PrivateQuerySet(models.QuerySet):
    """Refuses what would hand out or store an encrypted column without its row."""

    def encrypted_field_names(self) -> set[str]:
        return {f.name for f in self.model._meta.fields if isinstance(f, EncryptedTextField)}

    def refuse(self, names: Any) -> None:
        asked = {name.lstrip("-") for name in names if isinstance(name, str)}
        for expression in names:
            asked |= set(referenced_columns(expression))
        if found := self.encrypted_field_names() & asked:
            raise FieldError(f"encrypted: {', '.join(sorted(found))}")

    def _values(self, *fields: Any, **expressions: Any) -> Self:
        # Behind values() and values_list(); no names means every column.
        self.refuse(fields or [f.name for f in self.model._meta.fields])
        self.refuse(expressions.values())
        return super()._values(*fields, **expressions)  # type: ignore[misc]

    def order_by(self, *names: Any) -> Self:
        # The order of ciphertexts means nothing.
        self.refuse(names)
        return super().order_by(*names)

    def update(self, **values: Any) -> int:
        self.refuse(values)
        # A value that is a string is a value, not the name of a column; expressions name columns.
        self.refuse([value for value in values.values() if not isinstance(value, str)])
        return super().update(**values)

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        self.refuse(fields)
        return super().bulk_update(objs, fields, batch_size)


def referenced_columns(expression: Any) -> Iterator[str]:
    """The columns that an expression reads, such as ``F("name")`` inside ``Lower(F("name"))``."""
    if isinstance(expression, F):
        yield getattr(expression, "name")  # noqa: B009 (the stubs do not know it)
    for source in getattr(expression, "get_source_expressions", list)():
        yield from referenced_columns(source)


PrivateManager = models.Manager.from_queryset(PrivateQuerySet)


def unreadable_fields(row: "PrivateModel", names: Sequence[str]) -> list[str]:
    """Those of the row's encrypted fields that cannot be opened."""
    found = []
    for name in names:
        try:
            getattr(row, name)
        except encryption.DecryptionError:
            found.append(name)
    return found


def readable_text(row: "PrivateModel", name: str) -> str:
    """For pages: the field's text, or words that say that this one cannot be read."""
    try:
        return str(getattr(row, name))
    except encryption.DecryptionError:
        return _("(This cannot be read.)")


class PrivateModel(models.Model):
    """A row that holds something a visitor wrote."""

    # Part of what is authenticated in every encrypted cell of the row, and the only id that stands
    # in the admin's addresses: it counts nothing.
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    objects = PrivateManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def refresh_from_db(
        self, using: Any = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        """Takes ciphertext over closed. Django copies by reading, which would open every cell, and
        one unreadable cell would then keep staff from closing the row."""
        here = self.__dict__
        names = {f.attname for f in self._meta.concrete_fields if f.attname in here}
        names = names if fields is None else set(fields)
        sealed = {
            f.attname
            for f in self._meta.concrete_fields
            if f.attname in names and isinstance(f, EncryptedTextField)
        }
        if fields is None:
            here.pop("_prefetched_objects_cache", None)
        if names - sealed:
            super().refresh_from_db(using, sorted(names - sealed), from_queryset)
        if sealed:
            rows = from_queryset or type(self)._base_manager.using(using or self._state.db)
            fresh = rows.only(*sealed).get(pk=self.pk)
            here.update({name: fresh.__dict__[name] for name in sealed})
            for name in sealed:
                DecryptingAttribute.decrypted_values(self).pop(name, None)

    def renew_fingerprints(self) -> list[str]:
        """Compute the row's fingerprints again under the newest key; the names of those fields."""
        return []

    def __str__(self) -> str:
        # Django's admin keeps this text in its log for ever: no name, no address.
        return f"{self._meta.verbose_name} #{str(self.uuid)[:8]}".capitalize()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.uuid)[:8]}>"
