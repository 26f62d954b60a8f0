"""CSV tables read row by row; every wrong row is remembered with its line, so that one reading tells all that is wrong."""

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
YES = {"yes": True, "no": False}
KEPT = 1_000  # problems that are remembered; the rest are counted
MOST_ROWS = 200_000  # of one table, unless it is read into columns
LARGEST = 10**12  # fen, grams and minutes stay far from the end of 64 bits however many legs are added up


class Problem(NamedTuple):
    """What is wrong where; line 0 is the file itself."""

    file: str
    line: int
    text: str


class Wrong(ValueError):
    """A row that cannot be read; the message says what and how it should be."""


class Row:
    """One row while it is read: fields by column name, and where it stands."""

    __slots__ = ("columns", "fields", "line")

    def __init__(self, columns: dict[str, int], fields: Sequence[str], line: int) -> None:
        self.columns, self.fields, self.line = columns, fields, line

    def get(self, column: str) -> str:
        """The field without outer blanks, empty when it is."""
        return self.fields[self.columns[column]].strip()

    def text(self, column: str) -> str:
        """A field that must not be empty."""
        if not (value := self.get(column)):
            raise Wrong(f"{column} is empty")
        return value

    def whole(self, column: str, least: int = 0) -> int:
        """A whole number not below `least`."""
        value = self.get(column)
        number = value.removeprefix("-")
        if not (number.isascii() and number.isdecimal() and len(number) <= len(str(LARGEST))):
            raise Wrong(f"{column} must be a whole number, not {value!r}")
        if not least <= int(value) <= LARGEST:
            raise Wrong(f"{column} must lie between {least} and {LARGEST}, not {value}")
        return int(value)

    def number(self, column: str, low: float, high: float) -> float:
        """A decimal number within bounds."""
        value = self.get(column)
        try:
            number = float(value)
        except ValueError:
            raise Wrong(f"{column} must be a number, not {value!r}") from None
        if not low <= number <= high:
            raise Wrong(f"{column} must lie between {low} and {high}, not {value}")
        return number

    def choice(self, column: str, choices: Collection[str]) -> str:
        """One of the listed words."""
        value = self.get(column)
        if value not in choices:
            raise Wrong(f"{column} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def words(self, column: str, choices: Collection[str]) -> tuple[str, ...]:
        """Any of the listed words, separated by spaces; none where the field is empty."""
        found = tuple(self.get(column).split())
        if unknown := [word for word in found if word not in choices]:
            raise Wrong(f"{column} must be words of {', '.join(choices)}, not {unknown[0]!r}")
        return found

    def known(self, column: str, table: dict[str, T], what: str) -> T:
        """What another table holds under this code."""
        value = self.get(column)
        if value not in table:
            raise Wrong(f"{column}: there is no {what} {value!r}")
        return table[value]

    def flag(self, column: str) -> bool:
        """`yes` or `no`."""
        return YES[self.choice(column, YES)]

    def day(self, column: str) -> date:
        """A day, YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.get(column))
        except ValueError:
            raise Wrong(f"{column} must be a day as 2025-03-03, not {self.get(column)!r}") from None

    def moment(self, column: str) -> datetime:
        """A moment, YYYY-MM-DDTHH:MM with or without an offset from UTC."""
        try:
            return datetime.fromisoformat(self.get(column))
        except ValueError:
            raise Wrong(f"{column} must be a moment as 2025-03-03T08:00, not {self.get(column)!r}") from None

    def minute(self, column: str) -> int:
        """A time of the day, HH:MM, as minutes; 24:00 is the day's end."""
        value = self.get(column)
        if value == "24:00":
            return 1440
        try:
            clock = time.fromisoformat(value)
        except ValueError:
            raise Wrong(f"{column} must be a time as 08:00, not {value!r}") from None
        if clock.second or clock.microsecond or clock.tzinfo:
            raise Wrong(f"{column} must be a time of whole minutes as 08:00, not {value!r}")
        return clock.hour * 60 + clock.minute

    def weekdays(self, column: str) -> tuple[int, ...]:
        """Days of the week as digits, 1 Monday to 7 Sunday."""
        value = self.text(column)
        if set(value) - set("1234567") or len(set(value)) != len(value):
            raise Wrong(f"{column} must be digits 1 (Monday) to 7 (Sunday), each once, not {value!r}")
        return tuple(sorted(map(int, value)))


class Reader:
    """Reads the tables of one folder. Tells every problem as it is found, remembers the first KEPT, counts all."""

    def __init__(self, folder: Path, tell: Callable[[Problem], None] | None = None) -> None:
        self.folder, self.tell = folder, tell
        self.problems: list[Problem] = []
        self.count = 0

    def fail(self, file: str, line: int, text: str) -> None:
        """Tell a problem."""
        problem = Problem(file, line, text)
        self.count += 1
        if len(self.problems) < KEPT:
            self.problems.append(problem)
        if self.tell:
            self.tell(problem)

    def table(self, file: str, columns: Sequence[str], read: Callable[[Row], T], *, needed: bool = True) -> list[T]:
        """The rows of a file that can be read; UTF-8, comma, a header line with exactly these columns in any order."""
        return list(self.each(file, columns, read, needed=needed))

    def each(
        self, file: str, columns: Sequence[str], read: Callable[[Row], T], *, needed: bool = True, most: int = MOST_ROWS
    ) -> Iterator[T]:
        """As `table`, one row at a time, and no more than `most` of them."""
        path = self.folder / file
        if not path.is_file():
            if needed:
                self.fail(file, 0, "the file is missing")
            return
        try:
            for number, row in enumerate(self._rows(path, columns)):
                if number == most:
                    self.fail(file, row.line, f"a network has at most {most} rows here")
                    return
                try:
                    found = read(row)
                except Wrong as wrong:
                    self.fail(file, row.line, str(wrong))
                    continue
                yield found
        except (csv.Error, UnicodeDecodeError) as error:
            self.fail(file, 0, f"is no CSV file in UTF-8: {error}")

    def _rows(self, path: Path, columns: Sequence[str]) -> Iterator[Row]:
        with lines_of(path) as lines:
            header = [name.strip() for name in next(lines, [])]
            if sorted(header) != sorted(columns):
                self.fail(path.name, 1, f"the columns must be {','.join(columns)}")
                return
            places = {name: at for at, name in enumerate(header)}
            for fields in lines:
                if len(fields) == len(header):
                    yield Row(places, fields, lines.line_num)
                elif fields:
                    self.fail(path.name, lines.line_num, f"has {len(fields)} fields, not {len(header)}")


@contextmanager
def lines_of(path: Path) -> Iterator[Any]:
    """A CSV file as the module `csv` reads it, one record at a time; `line_num` says where."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield csv.reader(stream, strict=True)
