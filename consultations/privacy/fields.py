"""EncryptedTextField, with a base model and manager that prevent access around it."""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypedDict, Unpack

from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.lookups import IsNull
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _

from consultations.privacy import encryption

if TYPE_CHECKING:
    from django import forms
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.base import ModelBase


class SaveOptions(TypedDict, total=False):
    """What Model.save() takes."""

    force_insert: "bool | tuple[ModelBase, ...]"
    force_update: bool
    using: str | None
    update_fields: Iterable[str] | None


class EncryptedValue:
    """Ciphertext as read from the database; only the model's attribute decrypts it."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __repr__(self) -> str:
        return "<encrypted>"

    def __str__(self) -> NoReturn:
        raise TypeError("an encrypted value is read through its model's attribute only")


class DecryptingAttribute:
    """Decrypts on first access, so that one unreadable row does not break a list of rows."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> object:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, EncryptedValue):
            value = encryption.decrypt(
                value.raw, associated_data=self.field.associated_data(instance)
            )
            # Remember the ciphertext, so that an unchanged field is saved as it was.
            self.decrypted_values(instance)[name] = (instance.__dict__[name], value)
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        # NULL in the database is "" in Python.
        instance.__dict__[self.field.attname] = "" if value is None else value

    @staticmethod
    def decrypted_values(instance: models.Model) -> dict[str, tuple[EncryptedValue, str]]:
        """Return the ciphertext and text of every field decrypted so far, by name."""
        return instance.__dict__.setdefault("_opened", {})


class EncryptedTextField(models.BinaryField):
    """A text field that is stored encrypted and bound to its column and row.

    ``label`` is part of the authenticated data, so it must never change, even if the table or field
    is renamed. The model must be a PrivateModel. ``isnull`` is the only lookup; "" is stored as
    NULL and read back as "".
    """

    # The type of the attribute for the type checker: text, not the column's bytes.
    _pyi_private_set_type: str
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(
        self, verbose_name: str | Promise | None = None, *, label: str = "", **options: object
    ) -> None:
        options.setdefault("editable", True)
        options.setdefault("blank", True)
        options["null"] = True
        self.label = label
        super().__init__(verbose_name, **options)  # type: ignore[arg-type]

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
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

    def check(self, **kwargs: object) -> list[CheckMessage]:
        errors = super().check(**kwargs)
        if not self.label:
            errors.append(Error("An encrypted field needs a label.", obj=self, id="privacy.E001"))
        if not issubclass(self.model, PrivateModel):
            errors.append(
                Error("Encrypted fields belong on a PrivateModel.", obj=self, id="privacy.E002")
            )
        return errors

    def associated_data(self, instance: models.Model) -> str:
        """Return the column and row that this instance's value is bound to."""
        return f"{self.label}:{instance.uuid}"  # type: ignore[attr-defined]

    # --- to and from the database ---
    def from_db_value(
        self, value: object, expression: object, connection: object
    ) -> EncryptedValue | str:
        if value is None:
            return ""
        if isinstance(value, str):
            value = value.encode()  # SQLite columns accept values of any type
        # Any other type becomes an invalid ciphertext: reading this value fails, but not the list.
        return EncryptedValue(
            bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""
        )

    def to_python(self, value: object) -> object:
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> EncryptedValue | None:
        value = model_instance.__dict__.get(self.attname, "")
        if isinstance(value, EncryptedValue):
            if add:
                # A copied row has a new uuid, under which this could never be decrypted: raise now.
                encryption.decrypt(value.raw, associated_data=self.associated_data(model_instance))
            return value
        if value is None or value == "":
            return None
        if hasattr(value, "resolve_expression"):
            raise FieldError(f"{self.name} is encrypted: it takes text, not an expression")
        decrypted = DecryptingAttribute.decrypted_values(model_instance).get(self.attname)
        if decrypted is not None and decrypted[1] == value and not add:
            return decrypted[0]
        return EncryptedValue(
            encryption.encrypt(str(value), associated_data=self.associated_data(model_instance))
        )

    def get_db_prep_value(
        self, value: object, connection: "BaseDatabaseWrapper", prepared: bool = False
    ) -> object:
        if value is None:
            return None
        if not isinstance(value, EncryptedValue):
            # update(), bulk_update() and expressions pass plain text.
            raise FieldError(f"{self.name} is encrypted: set the attribute and save() the row")
        return super().get_db_prep_value(value.raw, connection, prepared)

    def get_lookup(self, lookup_name: str) -> type[IsNull] | None:
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> None:
        return None

    # --- forms and the admin: text, not bytes ---
    def formfield(self, **kwargs: Any) -> "forms.CharField":
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
    def validators(self) -> list[Callable[[object], None]]:
        return []


class PrivateQuerySet(models.QuerySet):
    """Refuses queries that would read or write an encrypted column without its row."""

    def encrypted_field_names(self) -> set[str]:
        return {f.name for f in self.model._meta.fields if isinstance(f, EncryptedTextField)}

    def refuse_encrypted(self, columns: Collection[object]) -> None:
        """Raise FieldError if one of these names or expressions refers to an encrypted column."""
        names = {name.lstrip("-") for name in columns if isinstance(name, str)}
        for expression in columns:
            names |= set(referenced_columns(expression))
        if encrypted := self.encrypted_field_names() & names:
            raise FieldError(f"encrypted: {', '.join(sorted(encrypted))}")

    def _values(self, *fields: str | Combinable, **expressions: object) -> Self:
        # Called by values() and values_list(). Without names it selects every column.
        self.refuse_encrypted(fields or [f.name for f in self.model._meta.fields])
        self.refuse_encrypted(expressions.values())
        return super()._values(*fields, **expressions)  # type: ignore[misc]

    def order_by(self, *names: str | Combinable) -> Self:
        # The order of ciphertexts is meaningless.
        self.refuse_encrypted(names)
        return super().order_by(*names)

    def update(self, **values: object) -> int:
        self.refuse_encrypted(values)
        # Strings among the values are plain values; only expressions refer to columns.
        self.refuse_encrypted([value for value in values.values() if not isinstance(value, str)])
        return super().update(**values)

    def bulk_update(  # type: ignore[override]  # the names are read twice
        self, objs: Any, fields: Collection[str], batch_size: int | None = None
    ) -> int:
        self.refuse_encrypted(fields)
        return super().bulk_update(objs, fields, batch_size)


def referenced_columns(expression: object) -> Iterator[str]:
    """Yield the columns that an expression reads, such as "name" for ``Lower(F("name"))``."""
    if isinstance(expression, F):
        yield getattr(expression, "name")  # noqa: B009 (the stubs do not know it)
    for source in getattr(expression, "get_source_expressions", list)():
        yield from referenced_columns(source)


PrivateManager = models.Manager.from_queryset(PrivateQuerySet)


def unreadable_fields(row: "PrivateModel", names: Sequence[str]) -> list[str]:
    """Return those of a row's encrypted fields that cannot be decrypted."""
    unreadable = []
    for name in names:
        try:
            getattr(row, name)
        except encryption.DecryptionError:
            unreadable.append(name)
    return unreadable


def readable_text(row: "PrivateModel", name: str) -> str:
    """Return a field's text to show on a page, or a note that it cannot be read."""
    try:
        return str(getattr(row, name))
    except encryption.DecryptionError:
        return _("(This cannot be read.)")


class PrivateModel(models.Model):
    """Base of all models with encrypted fields."""

    # Every encrypted value of the row is bound to it. It is also the id in the admin's URLs, where
    # it does not reveal how many rows there are.
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Encrypted fields with a keyed hash next to them, to find rows by: {"email": email_fingerprint}
    # fills the column email_fingerprint.
    fingerprinted: ClassVar[dict[str, Callable[[str], str]]] = {}

    objects = PrivateManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """Copy ciphertext without decrypting it.

        Django copies by reading the attributes. That would decrypt every value, and one unreadable
        value would keep staff from closing the row.
        """
        loaded = self.__dict__
        names = {f.attname for f in self._meta.concrete_fields if f.attname in loaded}
        names = names if fields is None else set(fields)
        encrypted = {
            f.attname
            for f in self._meta.concrete_fields
            if f.attname in names and isinstance(f, EncryptedTextField)
        }
        if fields is None:
            loaded.pop("_prefetched_objects_cache", None)
        if names - encrypted:
            super().refresh_from_db(using, sorted(names - encrypted), from_queryset)
        if encrypted:
            rows = from_queryset or type(self)._base_manager.using(using or self._state.db)
            fresh = rows.only(*encrypted).get(pk=self.pk)
            loaded.update({name: fresh.__dict__[name] for name in encrypted})
            for name in encrypted:
                DecryptingAttribute.decrypted_values(self).pop(name, None)

    def save(self, *args: object, **options: Unpack[SaveOptions]) -> None:
        """Renew the fingerprints of written fields; others may be impossible to decrypt."""
        names = options.get("update_fields")
        if names is None:
            self.renew_fingerprints()
        else:
            renewed = self.renew_fingerprints(only=names)
            options["update_fields"] = {*names, *renewed}
        super().save(*args, **options)

    def renew_fingerprints(self, *, only: Iterable[str] | None = None) -> list[str]:
        """Compute the row's fingerprints under the newest key; return the names of those fields."""
        written = [name for name in self.fingerprinted if only is None or name in only]
        for name in written:
            setattr(self, f"{name}_fingerprint", self.fingerprinted[name](getattr(self, name)))
        return [f"{name}_fingerprint" for name in written]

    def __str__(self) -> str:
        # Django's admin keeps this text in its log forever: no name, no address.
        return f"{self._meta.verbose_name} #{str(self.uuid)[:8]}".capitalize()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.uuid)[:8]}>"
