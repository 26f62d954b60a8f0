"""The look keeps its promises: contrast in both themes, one truth for the dark tokens, files that fit a screenful of rooms."""

import re
from pathlib import Path

import pytest

import bashu.kernel.web

STATIC = Path(bashu.kernel.web.__file__).parent / "static" / "web"
CSS = (STATIC / "bashu.css").read_text(encoding="utf-8")
STATUSES = ["met", "missed", "on-track", "behind", "cannot-judge", "no-data"]
TEXT_ON_GROUND = [
    *[(text, ground) for text in ("ink", "muted", "accent") for ground in ("paper", "surface", "sunken")],
    *[("ink", f"{status}-soft") for status in STATUSES],
    *[(status, f"{status}-soft") for status in STATUSES],
    *[(status, "surface") for status in STATUSES],
    ("accent-ink", "accent"), ("danger-ink", "danger"), ("demo-ink", "demo"), ("ink", "accent-soft"), ("accent", "accent-soft"),
]  # fmt: skip
SHAPE_ON_GROUND = [
    ("edge", "surface"),
    ("focus", "paper"),
    ("focus", "surface"),
    *[(f"series-{n}", "surface") for n in range(1, 7)],
]


def block(opening: str) -> dict[str, str]:
    """The custom properties of the rule that begins with `opening`."""
    body = CSS.split(opening, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


THEMES = {"light": block(":root {\n  color-scheme: light;"), "dark": block(':root[data-theme="dark"] {')}


def luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance of #rrggbb."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPE_ON_GROUND)
def test_shapes_can_be_seen(theme: str, shape: str, ground: str) -> None:
    assert contrast(THEMES[theme][shape], THEMES[theme][ground]) >= 3


def test_the_chosen_dark_is_the_systems_dark() -> None:
    assert block(':root:not([data-theme="light"]) {') == THEMES["dark"]


def test_both_themes_have_the_same_tokens() -> None:
    assert THEMES["light"].keys() == THEMES["dark"].keys()


def test_every_token_used_is_declared() -> None:
    declared = set(re.findall(r"--([\w-]+):", CSS))
    used = set(re.findall(r"var\(--([\w-]+)", CSS))
    scripts = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    used |= set(re.findall(r'token\("([\w-]+)"\)', scripts))
    assert used <= declared


def test_every_icon_that_is_called_is_drawn() -> None:
    drawn = set(re.findall(r'symbol id="(\w+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    package = Path(bashu.kernel.web.__file__).parents[2]
    called = {
        name
        for path in package.rglob("templates/**/*.html")
        for name in re.findall(r'{% icon "(\w+)" %}', path.read_text("utf-8"))
    }
    assert called <= drawn
    assert {status.replace("-", "_") for status in STATUSES} <= drawn
