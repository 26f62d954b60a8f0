"""Every page as a visitor has it: sound in both languages, dark and light, wide and narrow, for eyes, keyboards and screen readers."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from demonstration import Node
from e2e.visitor import WIDE, Visitor

PHONE = {"width": 390, "height": 844}
OFFICE = "coordinator.joint@demo.example"
PUBLIC = {
    "overview": "/", "search": "/search/?q=永川", "document": "/documents/D2/", "target": "/targets/T03/", "growth": "/targets/T09/",
    "tasks": "/tasks/", "tasks as a table": "/tasks/?view=table", "projects": "/projects/", "task": "/tasks/LO3/",
    "plans": "/plans/", "plan": "/plans/2024/", "changes": "/changes/?month=2025-11", "report": "/report/2024/", "journal": "/journal/",
    "sign in": "/accounts/login/", "forgotten password": "/accounts/password/reset/", "operations": "/api/v1/docs",
    "what can I get": "/policy/?investment=50000000&research_spending=12000000&disturbed_area=10000", "rules": "/policy/rules/",
    "rule": "/policy/rules/environment_air/", "support item": "/policy/items/sc-talent/",
    "what if": "/policy/whatif/?number=soil_rate&province=SC&value=1.2&period=2025", "nothing here": "/nowhere/",
    "power": "/power/", "power compared": "/power/compare/", "benefit": "/power/benefit/",
    "facts of the grids": "/power/facts/",
}  # fmt: skip
OWN = {
    "inbox": "/inbox/", "report a figure": "/targets/T05/report/", "import": "/readings/import/", "state of a task": "/tasks/LO3/state/",
    "account": "/account/", "second factor": "/accounts/2fa/", "organisations": "/organisations/", "jobs": "/jobs/",
    "what-if studies": "/policy/whatif/studies/", "upload enterprises": "/policy/whatif/new/",
    "new case": "/power/cases/new/", "apply": "/organisations/apply", "password": "/accounts/password/change/",
}  # fmt: skip
LINKED = {  # pages whose address only another page knows: (where, link)
    "reading": ("/targets/T03/", "#readings tbody a"),
    "journal entry": ("/changes/?month=2025-11", "main a[href*='/journal/entries/']"),
    "organisation": ("/organisations/", "main tbody a"),
}
# Latin words that stand on Chinese pages, and why.
LATIN = {
    "Bashu": "the product's name", "API": "has no other name", "CSV": "file format", "XLSX": "file format", "PDF": "file format",
    "PNG": "file format", "JPEG": "file format", "UTF": "character encoding", "MB": "unit", "English": "the language's own name",
    "JSON": "file format", "OpenAPI": "standard", "HTTP": "protocol", "TOTP": "standard", "Merkle": "a person's name",
    "GB": "national standards", "GET": "HTTP method", "POST": "HTTP method", "Python": "a program's name", "XML": "file format",
    "SHA": "algorithm", "RFC": "standards", "GeoJSON": "file format", "README": "a file's name", "Authorization": "HTTP header",
    "Bearer": "its value", "Idempotency": "HTTP header", "Key": "HTTP header", "If": "HTTP header", "Match": "HTTP header",
    "App": "so in the quoted document", "Safari": "browser", "Chrome": "browser", "Firefox": "browser", "Edge": "browser",
    "places": "a room of the code", "json": "file format", "problem": "problem+json",
    "Kohlberg": "a person's name", "IPCC": "an organisation's name",
    "keys": "a folder's name", "page": "field of the API", "size": "field of the API", "count": "field of the API",
    "kg": "unit", "SO": "a substance", "NO": "a substance", "CO": "a substance", "HCl": "a substance", "H": "a substance",
    "S": "a substance",
    "COD": "a measure of water", "BOD": "a measure of water", "demo": "so made-up enterprises are named", "docs": "a folder's name",
    "policy": "a file's name", "md": "a file's ending",
    "PyPSA": "a program's name", "TEU": "unit",
    "next": "field of the API", "previous": "field of the API", "items": "field of the API",
}  # fmt: skip
HAN = {"永川": "the words that were searched for"}

# Text nodes and spoken attributes, but for code, times, what people typed or files are called, and what says that it is in
# another language than the page.
WALK = """() => {
  const page = document.documentElement.lang, found = [];
  const skipped = 'script,style,noscript,pre,code,time,.code,.formula,svg,option[lang],a[download],[translate=no]';
  const foreign = (e) => { const own = e.closest('[lang]'); return own && own !== document.documentElement && own.lang !== page; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement, words = node.textContent.trim();
    if (words && !e.closest(skipped) && !foreign(e)) found.push(words);
  }
  if (page === 'en') return found;  // names inside attributes and the title cannot be marked as Chinese
  for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'data-confirm'])
    for (const e of document.querySelectorAll(`[${name}]`))
      if (!e.closest('pre,.code') && !foreign(e)) found.push(e.getAttribute(name));
  return [...found, document.title];
}"""
# Not words: placeholders, addresses, records' labels and other codes of several parts, codes like EQ1, digests.
CODES = re.compile(r"\{\w+\}|[\w.+-]+@[\w.-]+|https?:\S+|\b\w+(?:[./:_-]\w+)+|\b[A-Z]{1,3}\d{1,3}\b|\b[0-9a-f]{8,}\b")
BROAD = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 1 && !e.closest('.scroll *'))
    .slice(0, 5).map(e => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(e.getBoundingClientRect().right)} > ${wide}`);
}"""
AXE = """options => axe.run(document, options).then(result => result.violations
  .filter(rule => ['serious', 'critical'].includes(rule.impact))
  .map(rule => `${rule.id}: ${rule.nodes.slice(0, 3).map(node => `${node.html.slice(0, 160)} ${node.any[0]?.message || ''}`).join(' | ')}`)
)"""


class Page(NamedTuple):
    """One page: its name, its address or the way to it, and whether one signs in first."""

    name: str
    path: str
    signed_in: bool


PAGES = [
    *(Page(name, path, False) for name, path in PUBLIC.items()),
    *(Page(name, path, True) for name, path in OWN.items()),
    *(Page(name, "", True) for name in LINKED),
]


# Charts draw themselves anew in the frame after their place has changed its size.
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module", params=["zh-hans", "en"])
def readers(request: pytest.FixtureRequest, browser: Any, node: Node) -> Iterator[tuple[Visitor, Visitor]]:
    """A stranger and somebody of the joint office, who read in one language."""
    found = Visitor(browser, node, request.param), Visitor(browser, node, request.param)
    found[1].sign_in(OFFICE)
    yield found
    for reader in found:
        reader.context.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_is_sound(page: Page, readers: tuple[Visitor, Visitor], axe: str):
    reader = readers[page.signed_in]
    reader.page.set_viewport_size(WIDE)
    path = page.path or address_of(reader, *LINKED[page.name])
    reader.faults.clear()
    reader.go(path, 404 if page.name == "nothing here" else 200)
    faults = {"wide": reader.page.evaluate(BROAD), "language": foreign_words(reader)}
    reader.page.set_viewport_size(PHONE)
    reader.page.evaluate(TWO_FRAMES)
    faults["narrow"] = reader.page.evaluate(BROAD)
    reader.page.evaluate(axe)
    if is_english(reader):  # dark and narrow here, light and wide in Chinese: colours do not depend on words
        reader.page.emulate_media(color_scheme="dark")
        reader.page.evaluate("document.documentElement.dataset.theme = 'dark'")
        faults["axe, dark and narrow"] = reader.page.evaluate(AXE, {"resultTypes": ["violations"]})
    else:
        reader.page.set_viewport_size(WIDE)
        faults["axe, light and wide"] = reader.page.evaluate(AXE, {"resultTypes": ["violations"]})
    faults["console"] = reader.faults
    found = {kind: what for kind, what in faults.items() if what}
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


def address_of(reader: Visitor, where: str, link: str) -> str:
    """The address behind the first such link."""
    reader.go(where)
    return str(reader.page.get_attribute(link, "href"))


def foreign_words(reader: Visitor) -> list[str]:
    """Words of another language than the page's, each with the text it stands in."""
    word, known = (re.compile(r"[\u4e00-\u9fff]+"), HAN) if is_english(reader) else (re.compile("[A-Za-z]{2,}"), LATIN)
    texts = set(reader.page.evaluate(WALK))
    return sorted(
        f"{found} | {text[:100]}" for text in texts for found in word.findall(CODES.sub("", text)) if found not in known
    )


def is_english(reader: Visitor) -> bool:
    """Whether the page says that it is in English."""
    return bool(reader.page.evaluate("document.documentElement.lang") == "en")
