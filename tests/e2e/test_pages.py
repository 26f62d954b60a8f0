"""Every page as a visitor has it: sound in both languages, dark and light, wide and narrow, for eyes, keyboards and screen readers."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from demonstration import Node
from e2e.visitor import WIDE, Visitor

PHONE = {"width": 390, "height": 844}
OFFICE = "coordinator.joint@demo.example"
FIRM, BUYER, RAIL, PORTS = (
    "enterprise.sc@demo.example",
    "enterprise.cq@demo.example",
    "rail.sc@demo.example",
    "ports.cq@demo.example",
)
CUSTOMS, CUSTOMS_SC, SICHUAN, AREA = (
    "customs.cq@demo.example",
    "customs.sc@demo.example",
    "authority.sc@demo.example",
    "area.joint@demo.example",
)
GRID, OTHER_GRID = "operator.cq@demo.example", "operator.sc@demo.example"
PUBLIC = {
    "overview": "/", "search": "/search/?q=永川", "document": "/documents/D2/", "target": "/targets/T03/", "growth": "/targets/T09/",
    "tasks": "/tasks/", "tasks as a table": "/tasks/?view=table", "projects": "/projects/", "task": "/tasks/LO3/",
    "plans": "/plans/", "plan": "/plans/2024/", "changes": "/changes/?month=2025-11", "report": "/report/2024/", "journal": "/journal/",
    "sign in": "/accounts/login/", "forgotten password": "/accounts/password/reset/", "operations": "/api/v1/docs",
    "what can I get": "/policy/?investment=50000000&research_spending=12000000&disturbed_area=10000", "rules": "/policy/rules/",
    "rule": "/policy/rules/environment_air/", "support item": "/policy/items/sc-talent/",
    "what if": "/policy/whatif/?number=soil_rate&province=SC&value=1.2&period=2025", "nothing here": "/nowhere/",
    "power": "/power/", "power compared": "/power/compare/", "benefit": "/power/benefit/",
    "scenario tree": "/power/trees/",
    "facts of the grids": "/power/facts/", "certificates": "/power/certificates/", "settlements": "/power/settlements/",
    "delegated powers": "/policy/powers/", "land quota": "/policy/powers/land/", "tariffs": "/policy/powers/tariffs/",
    "planner": "/logistics/", "network": "/logistics/network/", "hub": "/logistics/network/hubs/GUOYUAN/",
    "ways": "/logistics/?origin=510600&destination=SGSIN&depart=2025-12-01&ft20=2", "corridors in figures": "/logistics/figures/",
}  # fmt: skip
OWN = {
    "inbox": "/inbox/", "report a figure": "/targets/T05/report/", "import": "/readings/import/", "state of a task": "/tasks/LO3/state/",
    "account": "/account/", "second factor": "/accounts/2fa/", "organisations": "/organisations/", "jobs": "/jobs/",
    "what-if studies": "/policy/whatif/studies/", "upload enterprises": "/policy/whatif/new/",
    "issue certificates": "/power/certificates/issue/", "metered hours": "/power/certificates/hours/",
    "plan land": "/policy/powers/land/plan/",
    "enterprise profiles": "/policy/profiles/", "desk of support": "/policy/desk/",
    "push offers": "/policy/desk/push/", "versions of the network": "/logistics/network/versions/",
    "close a hub": "/logistics/network/hubs/GUOYUAN/close/", "all bookings": "/logistics/bookings/", "all legs": "/logistics/desk/",
    "new case": "/power/cases/new/", "apply": "/organisations/apply", "password": "/accounts/password/change/",
}  # fmt: skip
# Ways that several pages share.
CONFIRMED = ("/logistics/bookings/?state=confirmed", "main tbody a")
PROFILE = ("/policy/mine/", "main a[href*='/profiles/']")
APPEALED = ("/policy/desk/", "main section:not(:has(#table-queue)) tbody a")
LENT = ("/policy/powers/", "main tr:has(.state.in_force):has(td:nth-child(2):text-matches('四川|Sichuan')) a")
PROPOSED = ("/power/settlements/", "main tr:has-text('2025-08-18') a")
LINKED: dict[str, tuple[str, ...]] = {  # pages of others, or whose address only another page knows: (who, where, link, link, …)
    "reading": (OFFICE, "/targets/T03/", "#readings tbody a"),
    "journal entry": (OFFICE, "/changes/?month=2025-11", "main a[href*='/journal/entries/']"),
    "organisation": (OFFICE, "/organisations/", "main tbody a"),
    "logistics:consignment": (FIRM, "/logistics/bookings/?state=under_way", "main tbody a"),
    "logistics:amend": (FIRM, *CONFIRMED, "main a[href$='/amend/']"),
    "logistics:cancel": (FIRM, *CONFIRMED, "main a[href$='/cancel/']"),
    "logistics:boxes": (FIRM, *CONFIRMED, "main a[href$='/boxes/']"),
    "logistics:document_attach": (FIRM, *CONFIRMED, "main a[href$='/documents/']"),
    "logistics:document_check": (FIRM, *CONFIRMED, "main a[href$='/check/']"),
    "logistics:declare": (FIRM, *CONFIRMED, "main a[href$='/declare/']"),
    "logistics:notifications": (FIRM, "/logistics/notices/"),
    "logistics:operator_desk": (RAIL, "/logistics/desk/"),
    "logistics:event_report": (RAIL, "/logistics/desk/", "main a[href$='/report/']"),
    "logistics:leg_reject": (RAIL, "/logistics/desk/", "main a[href$='/reject/']"),
    "logistics:events_import": (PORTS, "/logistics/events/"),
    "logistics:customs_desk": (CUSTOMS, "/logistics/customs/"),
    "logistics:declaration": (CUSTOMS, "/logistics/customs/", "main table a.button"),
    "logistics:declaration_step": (CUSTOMS, "/logistics/customs/", "main table a.button", "main .actions a[href*='/declarations/']"),
    "logistics:transit_open": (CUSTOMS_SC, "/logistics/customs/", "main a[href$='/transit/']"),
    "logistics:restore": (OFFICE, "/logistics/network/versions/", "main a[href$='/restore/']"),
    "logistics:closure_lift": (OFFICE, "/logistics/network/hubs/WANZHOU/", "main a[href$='/lift/']"),
    "logistics:transit_discharge": (CUSTOMS, "/logistics/customs/", "main a[href$='/discharge/']"),
    "policy:mine": (FIRM, "/policy/mine/"),
    "policy:whatif_study": (OFFICE, "/policy/whatif/studies/", "main tbody a"),
    "policy:profile": (FIRM, *PROFILE),
    "policy:profile_record": (FIRM, *PROFILE, "main a[href$='/record/']"),
    "policy:profile_table": (FIRM, *PROFILE, "main a[href$='/table/']"),
    "policy:profile_take": (FIRM, *PROFILE, "main a[href$='/take/']"),
    "policy:apply": (FIRM, "/policy/mine/", "main a[href$='/apply/']"),
    "policy:offer_accept": (FIRM, "/policy/mine/", "main a[href$='/accept/']"),
    "policy:offer_decline": (FIRM, "/policy/mine/", "main a[href$='/decline/']"),
    "policy:application": (OFFICE, "/policy/desk/", "#table-queue tbody a"),
    "policy:application_withdraw": (FIRM, "/policy/mine/", "main a[href*='/applications/']", "main a[href$='/withdraw/']"),
    "policy:appeal_change": (OFFICE, *APPEALED, "main a[href$='/change/']"),
    "policy:appeal_uphold": (OFFICE, *APPEALED, "main a[href$='/uphold/']"),
    "policy:delegation_grant": (SICHUAN, "/policy/powers/lend/"),
    "policy:delegation": (SICHUAN, "/policy/powers/", "main tbody a"),
    "policy:delegation_revoke": (SICHUAN, *LENT, "main a[href$='/revoke/']"),
    "policy:delegation_act": (AREA, *LENT, "main a[href$='/act/']"),
    "policy:land_allocate": (OFFICE, "/policy/powers/land/", "main a[href$='/allocate/']"),
    "policy:land_reserve": (OFFICE, "/policy/powers/land/", "main a[href$='/reserve/']"),
    "policy:land_use": (OFFICE, "/policy/powers/land/", "main a[href$='/use/']"),
    "policy:land_release": (OFFICE, "/policy/powers/land/", "main a[href$='/release/']"),
    "power:tree_start": (OFFICE, "/power/trees/", "main a[href$='/tree/']"),
    "power:unit": (OFFICE, "/power/certificates/", "main a[href*='/units/']"),
    "power:holding_retire": (FIRM, "/power/certificates/", "main a[href$='/retire/']"),
    "power:holding_offer": (FIRM, "/power/certificates/", "main a[href$='/offer/']"),
    "power:transfer_withdraw": (FIRM, "/power/certificates/", "main a[href$='/withdraw/']"),
    "power:transfer_accept": (BUYER, "/power/certificates/", "main a[href$='/accept/']"),
    "power:transfer_decline": (BUYER, "/power/certificates/", "main a[href$='/decline/']"),
    "power:matching": (BUYER, "/power/matching/"),
    "power:consumption_import": (BUYER, "/power/matching/", "main a[href*='/consumption/']"),
    "power:settlement": (OFFICE, "/power/settlements/", "main tbody a"),
    "power:settlement_propose": (GRID, "/power/settlements/propose/"),
    "power:settlement_sign": (OTHER_GRID, *PROPOSED, "main a[href$='/sign/']"),
    "power:settlement_decline": (OTHER_GRID, *PROPOSED, "main a[href$='/decline/']"),
    "power:settlement_withdraw": (GRID, *PROPOSED, "main a[href$='/withdraw/']"),
}  # fmt: skip
# Pages of three systems that the demonstration leads nobody to, and why; and addresses that are no pages.
NOT_HERE = {
    "logistics:book": "begins with a quote that is sent: tests/e2e/test_booking.py",
    "logistics:rebook": "takes what is sent", "logistics:confirm": "takes what is sent",
    "logistics:notifications_read": "takes what is sent",
    "logistics:suggestions": "a piece of the planner", "logistics:export": "a file", "logistics:events_template": "a file",
    "power:run_hours": "a file", "power:case_publish": "takes what is sent",
}  # fmt: skip
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
    "CNCKG": "a code that the planner explains", "Deyang": "a name that the planner takes", "ZIP": "file format", "Parquet": "file format",
    "hour": "column of a file", "unit": "column of a file", "HS": "the Harmonized System", "ISO": "standards",
    "UN": "an organisation's name",
    "EUR": "currency", "USD": "currency", "CNY": "currency",
    "bashu": "a command", "power": "its word", "share": "its word",
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
# Not words: placeholders, addresses, records' labels and other codes of several parts, codes like EQ1, digests, credit codes.
CODES = re.compile(
    r"\{\w+\}|[\w.+-]+@[\w.-]+|https?:\S+|\b\w+(?:[./:_-]\w+)+|\b[A-Z]{1,3}\d{1,3}\b|\b[0-9a-f]{8,}\b|\b[0-9A-Z]{18}\b",
    re.ASCII,
)
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
    """One page: its name, who reads it (nobody signed in when empty), where he begins and the links that he follows."""

    name: str
    reader: str
    path: str
    links: tuple[str, ...] = ()


PAGES = [
    *(Page(name, "", path) for name, path in PUBLIC.items()),
    *(Page(name, OFFICE, path) for name, path in OWN.items()),
    *(Page(name, reader, path, tuple(links)) for name, (reader, path, *links) in LINKED.items()),
]


# Charts draw themselves anew in the frame after their place has changed its size.
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


Readers = Callable[[str], Visitor]


@pytest.fixture(scope="module", params=["zh-hans", "en"])
def readers(request: pytest.FixtureRequest, browser: Any, node: Node) -> Iterator[Readers]:
    """`readers(email)`: that person at a browser of his own, a stranger when empty; all read in one language."""
    here: dict[str, Visitor] = {}

    def reader(email: str) -> Visitor:
        if email not in here:
            here[email] = Visitor(browser, node, request.param)
            if email:
                here[email].sign_in(email)
        return here[email]

    yield reader
    for visitor in here.values():
        visitor.context.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_is_sound(page: Page, readers: Readers, axe: str):
    reader = readers(page.reader)
    reader.page.set_viewport_size(WIDE)
    path = page.path
    for link in page.links:
        path = address_of(reader, path, link)
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


def test_every_page_of_three_systems_is_looked_at():
    from django.urls import get_resolver, resolve

    served = {
        f"{system.namespace}:{pattern.name}"
        for system in get_resolver().url_patterns
        if getattr(system, "namespace", None) in {"logistics", "policy", "power"}
        for pattern in system.url_patterns
    }
    acts = {name for name in served if name.startswith("policy:application_")}  # one template; one of them is looked at
    opened = [page.path.partition("?")[0] for page in PAGES if not page.links and page.name != "nothing here"]
    looked_at = {page.name for page in PAGES} | {resolve(path).view_name for path in opened}
    assert served - acts - looked_at == NOT_HERE.keys()


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
