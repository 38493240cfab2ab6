"""Every table as both databases write its rows: one line a row, in the text that PostgreSQL's COPY reads and writes.

The line of a row is the same on both sides to the byte, so that one sum of digests tells whether both hold the same rows. Where a type
is written in two ways, such as a number with a fraction, the line that is compared holds its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import AutoField, Field, Model


@dataclass(frozen=True)
class Kind:
    """How a kind of column is written; ``{c}`` stands for the quoted name.

    Attributes:
        sent: expression of SQLite for the text that COPY reads.
        compared: expression of SQLite for the text that is compared; None: the one that is sent.
        read: expression of PostgreSQL whose COPY text is the compared one.
    """

    sent: str
    compared: str | None = None
    read: str = "{c}"


@dataclass(frozen=True)
class MovedTable:
    """A table of the store.

    Attributes:
        name: its name.
        columns: its columns, in the order of the lines.
        sent: expression of SQLite for the line that COPY reads.
        compared: expression of SQLite for the line that is compared; None: the one that is sent.
        read: list of expressions of PostgreSQL for the line that is compared.
        counted: column that the database numbers by itself; None where there is none.
    """

    name: str
    columns: tuple[str, ...]
    sent: str
    compared: str | None
    read: str
    counted: str | None


#: What COPY writes with a backslash before it; the backslash itself comes first.
_ESCAPES = ((92, "\\\\"), (8, "\\b"), (9, "\\t"), (10, "\\n"), (11, "\\v"), (12, "\\f"), (13, "\\r"))


def _escaped(expression: str) -> str:
    for character, written in _ESCAPES:
        expression = f"replace({expression}, char({character}), '{written}')"
    return expression


#: Text of Django on SQLite with a fraction of a second of six digits, and the same without the zeros that PostgreSQL leaves out.
_WITHOUT_ZEROS = "rtrim(rtrim({c}, '0'), '.')"
_WHOLE = Kind(sent="{c}")
_TEXT = Kind(sent=_escaped("{c}"))
_KINDS = {
    **dict.fromkeys(("AutoField", "BigAutoField", "SmallAutoField"), _WHOLE),
    **dict.fromkeys(("IntegerField", "BigIntegerField", "SmallIntegerField"), _WHOLE),
    **dict.fromkeys(("PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"), _WHOLE),
    **dict.fromkeys(("CharField", "TextField", "SlugField"), _TEXT),
    "BooleanField": Kind(sent="CASE WHEN {c} IS NULL THEN NULL WHEN {c} THEN 't' ELSE 'f' END"),
    # hex() of nothing is an empty text.
    "BinaryField": Kind(sent="CASE WHEN {c} IS NOT NULL THEN '\\\\x' || lower(hex({c})) END"),
    "DateField": Kind(sent="{c}"),
    "TimeField": Kind(sent=f"CASE length({{c}}) WHEN 15 THEN {_WITHOUT_ZEROS} ELSE {{c}} END"),
    "DateTimeField": Kind(
        sent=f"CASE length({{c}}) WHEN 19 THEN {{c}} WHEN 26 THEN {_WITHOUT_ZEROS} ELSE instant_written({{c}}) END || '+00'"
    ),
    "FloatField": Kind(
        sent="float_written({c})", compared="float_bytes({c})", read="encode(float8send({c}), 'hex')"
    ),
    "JSONField": Kind(sent="replace(json_written({c}), char(92), '\\\\')"),
    "GenericIPAddressField": Kind(
        sent=_escaped("{c}"), compared="address_bytes({c})", read="encode(inet_send({c}), 'hex')"
    ),
}  # fmt: skip


def tables_in_order() -> list[MovedTable]:
    """Return every table of every room and library, those first to which others refer."""
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    ordered: dict[str, type[Model]] = {}
    for model in models:
        _place(model, ordered, set())
    return [_described(model) for model in ordered.values()]


def _place(model: type[Model], ordered: dict[str, type[Model]], above: set[str]) -> None:
    """Put a model behind those that it refers to; a ring of references is cut where it closes."""
    name = model._meta.db_table
    if name in ordered or name in above:
        return
    for referred in _referred(model):
        _place(referred, ordered, above | {name})
    ordered[name] = model


def _referred(model: type[Model]) -> Iterator[type[Model]]:
    for field in model._meta.concrete_fields:
        if isinstance(field.related_model, type) and issubclass(field.related_model, Model):
            yield field.related_model


def _described(model: type[Model]) -> MovedTable:
    fields = [field for field in model._meta.concrete_fields if field.column]
    kinds = [(f'"{field.column}"', _KINDS[_stored_as(field)]) for field in fields]
    sent = _line([kind.sent.format(c=column) for column, kind in kinds])
    compared = _line([(kind.compared or kind.sent).format(c=column) for column, kind in kinds])
    return MovedTable(
        name=model._meta.db_table,
        columns=tuple(str(field.column) for field in fields),
        sent=sent,
        compared=compared if compared != sent else None,
        read=", ".join(kind.read.format(c=column) for column, kind in kinds),
        counted=next((str(field.column) for field in fields if isinstance(field, AutoField)), None),
    )


def _stored_as(field: Field[object, object]) -> str:
    """Return the kind of field whose values the column holds: for a reference that of the key that it names."""
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    return str(field.get_internal_type())


def _line(expressions: list[str]) -> str:
    return " || char(9) || ".join(f"coalesce({each}, '\\N')" for each in expressions)
