"""Every component shows hostile text as text, and says in words what it shows in colour."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import SafeString

from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags import bashu as tags

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></script>{{ 7|add:7 }}"


class Form(forms.Form):
    name = forms.CharField(label=EVIL, help_text=EVIL)
    sure = forms.BooleanField(label=EVIL)


def evil_form() -> Form:
    form = Form({"name": "", "_key": EVIL})
    form.add_error(None, EVIL)
    form.add_error("name", EVIL)
    return form


def evil_table() -> Table:
    rows = [{"name": EVIL, "status": EVIL, "value": EVIL, "url": EVIL}]
    columns = [
        Column("name", EVIL, search=True, link="url"),
        Column("status", EVIL, kind=Kind.STATUS),
        Column("value", EVIL, kind=Kind.NUMBER),
    ]
    return Table(columns, rows, RequestFactory().get("/page", {"t.q": EVIL, "other": EVIL}), name="t")


CALLS = {
    "tile": "{% tile evil evil unit=evil status=evil note=evil url=evil %}",
    "badge": "{% badge evil %}",
    "series": "{% series evil lines required=points unit=evil note=evil %}",
    "bars": "{% bars evil bars unit=evil note=evil %}",
    "region_map": "{% region_map evil evil regions=regions spots=spots unit=evil note=evil layer=evil code=evil %}",
    "scatter": "{% scatter evil dots x=evil y=evil shade=evil note=evil %}",
    "line_map": "{% line_map evil evil stops ways legend=legend layer=evil code=evil note=evil %}",
    "timeline": "{% timeline events %}",
    "data_table": "{% data_table table caption=evil empty=evil %}",
    "job_progress": "{% job_progress evil evil done=1 total=2 message=evil cancel=evil %}",
    "source_note": "{% source_note evil evil evil url=evil at=evil %}",
    "field": "{% for bound in form %}{% field bound %}{% endfor %}",
    "form_faults": "{% form_faults form %}",
    "command_fields": "{% command_fields version=3 %}",
    "breadcrumbs": "{% breadcrumbs evil evil evil %}",
}


class Reader(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.handlers: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs).get("type"))
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.styles += [name for name, _ in attrs if name == "style"]


def render(call: str) -> str:
    request = RequestFactory().get("/page")
    context = {
        "evil": EVIL,
        "form_key": EVIL,
        "request": request,
        "lines": {EVIL: [tags.Point(date(2025, 1, 1), 1, EVIL, "/x")]},
        "points": [tags.Point(date(2025, 1, 1), 1, EVIL)],
        "bars": [tags.Bar(EVIL, 1, EVIL)],
        "regions": [tags.Region(EVIL, EVIL, 1, EVIL, EVIL)],
        "spots": [tags.Spot(EVIL, 106, 29, EVIL, EVIL)],
        "dots": [tags.Dot(EVIL, datetime(2025, 1, 1, tzinfo=UTC), 1, 1, EVIL)],
        "stops": [tags.Stop(EVIL, 106, 29, EVIL, EVIL)],
        "ways": [tags.Line(EVIL, (106, 29), (107, 30), EVIL, EVIL)],
        "legend": {1: EVIL},
        "events": [tags.Event(EVIL, EVIL, EVIL, EVIL, EVIL)],
        "table": evil_table(),
        "form": evil_form(),
    }
    return Template("{% load bashu %}" + call).render(Context(context))


class TestHostileText:
    @pytest.mark.parametrize("name", CALLS)
    def test_is_shown_and_never_run(self, name: str) -> None:
        html = render(CALLS[name])
        reader = Reader()
        reader.feed(html)
        assert set(reader.scripts) <= {"application/json"}
        assert reader.handlers == []
        assert reader.styles == []
        assert "<img src=x" not in html
        ours = r'(id|data-from|for|value)="[^"]*"|/static/[0-9a-f]+/'  # may hold any digits
        assert "14" not in re.sub(ours, "", html)

    def test_the_list_above_has_every_component(self) -> None:
        inline = {"icon", "url_or_none", "pages"}  # words of ours only
        assert set(tags.register.tags) - inline == set(CALLS)


class TestWords:
    @pytest.mark.parametrize("status", tags.STATUSES)
    def test_a_judgement_is_colour_drawing_and_word(self, status: str) -> None:
        html = render("{% badge '" + status + "' %}")
        assert f'class="badge {status}"' in html
        assert f"#{status}" in html
        assert str(tags.STATUSES[status]) in html

    def test_chinese_on_an_english_page_is_marked_and_markup_stays(self) -> None:
        told = tags.spoken(SafeString("Deyang, 德阳 &amp; more"))
        assert told == 'Deyang, <span lang="zh-Hans">德阳</span> &amp; more'
        assert tags.spoken("<b>德阳") == '&lt;b&gt;<span lang="zh-Hans">德阳</span>'
        assert tags.spoken(SafeString('<a href="/">德阳</a>')) == '<a href="/">德阳</a>'

    def test_an_unknown_judgement_is_no_data(self) -> None:
        assert "no_data" in render("{% badge 'fine' %}")

    def test_an_unknown_figure_is_a_dash_that_is_read_out(self) -> None:
        assert 'class="unseen"' in render("{% tile 'a' None unit='t' %}")

    def test_an_unknown_source_status_is_unverified(self) -> None:
        assert 'class="badge unverified"' in render("{% source_note 'q' 's' 'certain' %}")

    def test_every_chart_has_its_figures_as_a_table(self) -> None:
        for name in ("series", "bars", "region_map"):
            assert "<table>" in render(CALLS[name])

    def test_faults_are_tied_to_their_field(self) -> None:
        html = render(CALLS["field"])
        assert 'aria-invalid="true"' in html
        assert 'aria-describedby="id_name-help id_name-fault"' in html
        assert 'id="id_name-fault"' in html

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0, "0"),
            (1234567, "1,234,567"),
            (3.70, "3.7"),
            (-0.0001, "0"),
            (-2.5, "\N{MINUS SIGN}2.5"),
            ("x", "x"),
            (True, "True"),
        ],
    )
    def test_figures_are_grouped_and_carry_no_idle_zero(self, value: object, text: str) -> None:
        assert tags.figure(value) == text
