"""Every message is translated, and the check that says so notices when one is not."""

import pytest

import messages

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


def faults_with(monkeypatch: pytest.MonkeyPatch, tmp_path: object, entry: str, *wanted: str) -> list[str]:
    """What the check says of a catalogue with one entry when the source has the wanted messages."""
    path = tmp_path / "django.po"  # type: ignore[operator]
    path.write_text(HEAD + entry, encoding="utf-8")
    read = messages.catalogue
    monkeypatch.setattr(messages, "catalogue", lambda: read(path))
    monkeypatch.setattr(messages, "found", lambda: [messages.Found(text, None, "x.py:1") for text in wanted])
    return [line.split(":")[0] for line in messages.faults()]


class TestCheck:
    def test_every_message_of_the_package_is_translated(self) -> None:
        assert messages.faults() == []

    def test_a_whole_catalogue_passes(self, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
        assert faults_with(monkeypatch, tmp_path, 'msgid "Port {name}"\nmsgstr "{name}港"\n', "Port {name}") == []

    @pytest.mark.parametrize(
        ("entry", "wanted", "fault"),
        [
            ("", ["Port"], "missing"),
            ('msgid "Port"\nmsgstr ""\n', ["Port"], "empty"),
            ('#, fuzzy\nmsgid "Port"\nmsgstr "港"\n', ["Port"], "fuzzy"),
            ('msgid "Port"\nmsgstr "港"\n', [], "obsolete"),
            ('#~ msgid "Port"\n#~ msgstr "港"\n', [], "obsolete"),
            ('msgid "Port {name}"\nmsgstr "{names}港"\n', ["Port {name}"], "placeholders differ in '{names}港'"),
            ('msgid "%(n)s ports"\nmsgstr "港"\n', ["%(n)s ports"], "placeholders differ in '港'"),
        ],
    )
    def test_names_the_fault(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: object, entry: str, wanted: list[str], fault: str
    ) -> None:
        assert faults_with(monkeypatch, tmp_path, entry, *wanted) == [fault]


class TestFinding:
    def test_python_calls_are_found_with_their_plurals(self) -> None:
        source = b'a = _("One")\nb = ngettext("%d port", "%d ports", n)\nc = pgettext("ship", "Call")\nd = _(word)\n'
        found = [(message.id, message.context) for message in messages.python_messages(source, "x.py")]
        assert found == [("One", None), (("%d port", "%d ports"), None), ("Call", "ship")]

    def test_templates_are_found_whatever_stands_around(self) -> None:
        source = (
            "<p>\n    {% translate 'One' %}</p>\n  {% if a %}\n"
            "{% blocktranslate trimmed with n=m %}\n {{ n }} calls\n{% endblocktranslate %}"
        )
        assert [message.id for message in messages.template_messages(source, "x.html")] == ["One", "%(n)s calls"]
