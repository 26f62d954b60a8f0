"""YAML that remembers lines: exact decimals, no aliases, no duplicate keys, no surprises of YAML 1.1."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml

LARGEST_FILE = 4_000_000
DEEPEST = 40
LONGEST_NUMBER = 80
NUMBER = re.compile(r"[-+]?(0|[1-9][0-9_]*)(\.[0-9]+)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Path_ = tuple[str | int, ...]


class FileFaults(ValueError):
    """What is wrong with files: one line each, `file:line: problem`; `count` is larger when not all are named."""

    def __init__(self, faults: list[str], count: int = 0) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
        self.count = count or len(faults)


class Document(NamedTuple):
    """A file's value and the line on which each part of it begins."""

    name: str
    value: Any
    lines: dict[Path_, int]
    text: str = ""

    def place(self, path: Path_) -> str:
        """file:line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def read(file: Path, name: str | None = None) -> Document:
    """Read one file. Raises FileFaults."""
    shown = name or file.name
    return parse(text_of(file, shown), shown)


def text_of(file: Path, shown: str) -> str:
    """A file's text. Raises FileFaults when it is too large or no text."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise FileFaults([f"{shown}:1: larger than {LARGEST_FILE} bytes"])
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as fault:
        raise FileFaults([f"{shown}:1: cannot be read: {fault}"]) from None


def parse(text: str, name: str) -> Document:
    """Read YAML text.

    >>> parse("rate: 3.90\\nfrom: 2018-01-01\\n", "ept.yaml").value
    {'rate': Decimal('3.90'), 'from': datetime.date(2018, 1, 1)}
    """
    try:
        depth = 0
        for event in yaml.parse(text, yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise FileFaults([f"{name}:{line}: anchors and aliases are not used in rule files"])
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise FileFaults([f"{name}:{line}: nested more than {DEEPEST} deep"])
        root = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise FileFaults([f"{name}:{line}: {getattr(fault, 'problem', None) or fault}"]) from None
    lines: dict[Path_, int] = {}
    faults: list[str] = []
    value = {} if root is None else built(root, (), lines, faults, name)
    if faults:
        raise FileFaults(faults)
    return Document(name, value, lines, text)


def built(node: yaml.Node, path: Path_, lines: dict[Path_, int], faults: list[str], name: str) -> Any:
    """A node's plain value; notes its line under its path."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [built(child, (*path, index), lines, faults, name) for index, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                faults.append(f"{name}:{line}: a key must be a word")
            elif key.value in result:
                faults.append(f"{name}:{line}: {key.value} is said twice")
            else:
                lines[*path, key.value] = line
                result[key.value] = built(child, (*path, key.value), lines, faults, name)
        return result
    return scalar(node, faults, name)


def scalar(node: yaml.Node, faults: list[str], name: str) -> Any:
    """A word, whole number, exact decimal, date, true, false or nothing. Quoted text stays text."""
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):  # type: ignore[attr-defined]
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    return number_or_day(text, node, faults, name)


def number_or_day(text: str, node: yaml.Node, faults: list[str], name: str) -> Any:
    """What an unquoted word stands for."""
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            faults.append(f"{name}:{node.start_mark.line + 1}: there is no day {text}")
            return None
    if (read := NUMBER.fullmatch(text)) and len(text) > LONGEST_NUMBER:
        faults.append(f"{name}:{node.start_mark.line + 1}: a number of {len(text)} digits")
        return None
    if read:
        return Decimal(text.replace("_", "")) if read[2] else int(text.replace("_", ""))
    return text
