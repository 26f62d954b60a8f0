"""One row of a TOML fact file, read field by field with errors that name file and row."""

import datetime
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any


class FactError(ValueError):
    """A fact file is wrong; the message names the file and the row."""


class Row:
    """One TOML row while it is read.

    It hands out fields by type, knows which were never asked for, and collects the ids it points at: (field, id,
    table or "").
    """

    def __init__(self, file: str, number: int, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.unread = set(fields)
        self.name = f"{file}, row {number} ({fields.get('id', 'no id')})"
        self.references: list[tuple[str, str, str]] = []

    def fail(self, message: str) -> FactError:
        return FactError(f"{self.name}: {message}")

    def _take(self, field: str, kind: type, what: str) -> Any:
        self.unread.discard(field)
        value = self.fields.get(field)
        if value is not None and type(value) is not kind:
            raise self.fail(f"{field} must be {what}")
        return value

    def _need(self, field: str, value: Any) -> Any:
        if value is None:
            raise self.fail(f"{field} is missing")
        return value

    def text(self, field: str) -> str:
        return str(self._need(field, self.text_or_none(field)))

    def text_or_none(self, field: str) -> str | None:
        value: str | None = self._take(field, str, "text")
        if value is not None and not value.strip():
            raise self.fail(f"{field} is empty")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        values = self._take(field, list, "a list of texts") or []
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.fail(f"{field} must be a list of texts")
        if len(set(values)) != len(values):
            raise self.fail(f"{field} names something twice")
        return tuple(values)

    def whole_number_or_none(self, field: str) -> int | None:
        value: int | None = self._take(field, int, "a whole number")
        if value is not None and value < 0:
            raise self.fail(f"{field} must not be negative")
        return value

    def reference(self, field: str, table: str) -> str:
        return str(self._need(field, self.reference_or_none(field, table)))

    def reference_or_none(self, field: str, table: str) -> str | None:
        value = self.text_or_none(field)
        if value is not None:
            self.references.append((field, value, table))
        return value

    def references_in(self, field: str, table: str = "") -> tuple[str, ...]:
        """A list of ids of one table, or of any."""
        values = self.texts(field)
        self.references.extend((field, value, table) for value in values)
        return values

    def flag(self, field: str) -> bool:
        return bool(self._take(field, bool, "true or false"))

    def date(self, field: str) -> datetime.date:
        value: datetime.date = self._need(field, self.date_or_none(field))
        return value

    def date_or_none(self, field: str) -> datetime.date | None:
        value: datetime.date | None = self._take(field, datetime.date, "a date without quotes, as 2021-12-14")
        return value

    def decimal_or_none(self, field: str) -> Decimal | None:
        text = self.text_or_none(field)
        if text is None:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise self.fail(f"{field} must be a number in quotes, not {text!r}") from None
        if not value.is_finite():
            raise self.fail(f"{field} must be a finite number")
        return value

    def choice(self, field: str, choices: Collection[str]) -> str:
        return str(self._need(field, self.choice_or_none(field, choices)))

    def choice_or_none(self, field: str, choices: Collection[str]) -> str | None:
        value = self.text_or_none(field)
        if value is not None and value not in choices:
            raise self.fail(f"{field} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt field would otherwise be lost in silence."""
        if self.unread:
            raise self.fail(f"unknown field {', '.join(sorted(self.unread))}")
