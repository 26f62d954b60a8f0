"""The ways a division may be written: with or without its rank, in either language, after its parent's name. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

RANK_ZH = re.compile(r"(?<=..)(?:(?:(?:土家|苗|彝|羌|藏)族)*自治[州县]|新区|[省市区县])$")
RANK_EN = re.compile(
    r"(?: (?:(?:Tujia|Miao|Yi|Qiang|Tibetan)(?: and (?:Tujia|Miao|Qiang))? Autonomous (?:County|Prefecture)"
    r"|New Area|Province|City|District|County))$"
)


class Name(NamedTuple):
    """A division's names, its parent's, and whether it is a city whose English name is written without its rank."""

    zh: str
    en: str
    alias: str
    parent_zh: str
    parent_en: str


def normal(text: str) -> str:
    """Text as it is compared: no case, accents, apostrophes or surplus blanks.

    >>> normal("  Garzê   Tibetan"), normal("Ya’an")
    ('garze tibetan', 'yaan')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"['’‘]", "", plain).casefold().split())


@lru_cache(maxsize=1024)  # a file of thousands of rows asks for the same few hundred names
def full_names(name: Name) -> frozenset[str]:
    """The names that say the rank, alone or with the parent's name, normalised.

    >>> sorted(full_names(Name("南溪区", "Nanxi District", "", "宜宾市", "Yibin")))
    ['nanxi district', 'nanxi district, yibin', '南溪区', '宜宾市南溪区']
    """
    english = [name.en if RANK_EN.search(name.en) else f"{name.en} City"]
    aliases = [name.alias] if name.alias else []
    within = [f"{name.parent_zh}{name.zh}", f"{name.en}, {name.parent_en}"] if name.parent_zh else []
    return frozenset(normal(text) for text in [name.zh, *english, *aliases, *within])


@lru_cache(maxsize=1024)
def short_names(name: Name) -> frozenset[str]:
    """The names without the rank, normalised. A Chinese name of one character keeps its rank: 忠县 is never 忠.

    >>> sorted(short_names(Name("石柱土家族自治县", "Shizhu Tujia Autonomous County", "", "重庆市", "Chongqing")))
    ['shizhu', '石柱']
    """
    written = [RANK_ZH.sub("", name.zh), RANK_EN.sub("", name.en), RANK_EN.sub("", name.alias)]
    return frozenset(normal(text) for text in written if text) - full_names(name)


def matching(text: str, names: Iterable[Name]) -> Iterator[int]:
    """Positions of the names that `text` may mean: those that match in full, or else those that match in short."""
    wanted, known = normal(text), list(names)
    full = [n for n, name in enumerate(known) if wanted in full_names(name)]
    yield from full or (n for n, name in enumerate(known) if wanted in short_names(name))
