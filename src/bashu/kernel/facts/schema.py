"""What every fact carries, whatever it is a fact of."""

from datetime import date
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from bashu.kernel.cited import FactStatus

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Row(BaseModel):
    """A row of a fact file: no field it does not know, nothing changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Fact(Row):
    """A cited row. A system's schema adds its own fields to these.

    source: id of a `Source`. status: how far the fact can be trusted. valid_from: the first day on which it holds;
    valid_to: the last, None while it still holds.
    quote: the source's own words; also: further ones. note: what a reader should know about the reading, note_en in English.
    """

    source: Text
    status: FactStatus
    valid_from: date
    valid_to: date | None = None
    quote: Text | None = None
    also: tuple[Text, ...] = ()
    note: Text | None = None
    note_en: Text | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Fact":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(_("valid_to lies before valid_from"))
        return self


class Source(Row):
    """A publication that facts are read from; None where it is not known. `licence` is what its publisher says."""

    id: Text
    title: Text
    title_en: Text | None = None
    publisher: Text
    publisher_en: Text | None = None
    published: date | None = None
    url: Text | None = None
    licence: Text | None = None
    note: Text | None = None
    note_en: Text | None = None
