"""French is complete. English is the source."""

import io
import re
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.template import templatize

from events.models import Event

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["findme", "events", "photos", "faces"]
# By function: where among its arguments stand context ("c"), string and plural.
MARKS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Names, which are the same in every language; those of the desk's icons are drawn as pictures.
NAMES = re.compile(r"(· )?FindMe|PNG|SVG|([a-z]+(_[a-z]+)+ ?)+|[^A-Za-z]*")


@pytest.fixture(scope="module")
def french():
    return polib.pofile(str(ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"))


def marked(source):
    """Context, string and plural of each string that Python source marks for translation."""
    found = extract("python", io.BytesIO(source.encode()), keywords=MARKS)
    for _line, strings, _comments, context in found:
        texts = [strings] if isinstance(strings, str) else [text for text in strings if text]
        yield context, *texts


def marked_in_template(source):
    """Django writes a template's strings as Python; the rest is filler, of which lines are kept."""
    python = templatize(source)
    return marked("\n".join(line.strip() for line in python.splitlines()))


def strings_of_the_sources():
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            yield from marked(path.read_text())
    for path in (ROOT / "templates").rglob("*.*"):
        yield from marked_in_template(path.read_text())


def test_every_string_of_the_sources_is_in_the_catalogue(french):
    known = {(entry.msgctxt, *filter(None, (entry.msgid, entry.msgid_plural))) for entry in french}
    assert set(strings_of_the_sources()) - known == set()


def test_strings_are_found_however_they_are_marked():
    template = """{% load i18n %}<b title="{% translate 'One' context 'c' %}">{{ x|yesno:_("a,b") }}
        {% blocktranslate trimmed count n=n %}
          {{ n }} photo
        {% plural %}
          {{ n }} photos
        {% endblocktranslate %}"""
    found = set(marked_in_template(template))
    assert found == {("c", "One"), (None, "a,b"), (None, "%(n)s photo", "%(n)s photos")}
    assert set(marked('ngettext("%d a", "%d b", n), _("x")')) == {
        (None, "%d a", "%d b"),
        (None, "x"),
    }


def test_no_string_is_missing_or_uncertain(french):
    assert [entry.msgid for entry in french.untranslated_entries()] == []
    assert [entry.msgid for entry in french.fuzzy_entries()] == []
    assert not french.metadata_is_fuzzy  # such a file is not compiled at all


def test_no_string_stands_twice(french):
    """What is appended may be there already; compilers take either."""
    seen = [(entry.msgctxt, entry.msgid) for entry in french]
    assert [one for one in seen if seen.count(one) > 1] == []


def test_variables_are_kept(french):
    variables = re.compile(r"%\(\w+\)[sd]")
    for entry in french:
        translations = [entry.msgstr, *entry.msgstr_plural.values()]
        wanted = set(variables.findall(entry.msgid + (entry.msgid_plural or "")))
        found = set().union(*(variables.findall(text) for text in translations))
        assert found <= wanted, entry.msgid
        assert found or not wanted, entry.msgid


# What a French editor would mark, by what it is.
MISTAKES = {
    "a form for two genders in brackets": r"\((e|es|ne|se|trice)s?\)",
    "no space that does not break before a high sign": r"[^\u00a0\u202f][;?!»]",
    "no such space before a colon": r"[^\u00a0\u202f]:(?!//)",
    "no such space after an opening quotation mark": r"«[^\u00a0\u202f]",
    "another such space than everywhere else": r"\u202f",
    "no such space between thousands": r"\d \d{3}\b",
    "an apostrophe or quotation mark of a typewriter": r"\w'\w|(?<!=)\"(?![ >])",
    "the page says “my” where it speaks to the guest": (
        r"(?i)\bmes (photos|données|demandes|selfies)\b|\bmon (compte|adresse)\b"
    ),
    "a “de” or “que” that a name may swallow": (
        r"\b(de|que) %\((name|names|event|person|child|guardian)\)s"
    ),
    "wanted by the police": r"(?<!visages )\brecherchée?\b(?! qu’)",
    "a word that the glossary has another for": (
        r"(?i)code QR|consentement|fermé\b|\bprouve|gabarit|boîte (mail|aux lettres)|téléverse"
    ),
}


def mistakes(text):
    return {what for what, pattern in MISTAKES.items() if re.search(pattern, text)}


def test_the_french_has_no_mistake_that_a_rule_can_find(french):
    texts = {text for entry in french for text in (entry.msgstr, *entry.msgstr_plural.values())}
    assert {text: found for text in texts if (found := mistakes(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "Vous êtes recherché",
        "Vous êtes connecté(e)",
        "Et ensuite ?",
        "Prêt!",
        "Exemple: rien",
        "« Général\u00a0»",
        "«\u00a0Général »",
        "Quoi\u202f?",
        "1 000 photos",
        "l'heure",
        'dit "oui"',
        "Voir mes photos",
        "Supprimer mon compte",
        "Le code QR",
        "Une photo de %(name)s",
    ],
)
def test_such_a_mistake_is_found(text):
    assert len(mistakes(text)) == 1
    assert not mistakes('«\u00a0Qui\u00a0?\u00a0» Voici\u00a0: <b class="x">l’heure</b>, https://x')


SPOKEN_ATTRIBUTES = re.compile(r'\s(?:alt|title|aria-label|placeholder)="([^"]*)"')
NO_TEXT = re.compile(
    r"{#.*?#}|{%\s*blocktrans.*?{%\s*endblocktrans\w*\s*%}|{%.*?%}|{{.*?}}"
    r"|<script.*?</script>|<style.*?</style>",
    re.DOTALL,
)
TAG = re.compile(r'<[^>]*>|[\w-]+="[^"]*"')  # some partials are attributes alone


def unmarked(template):
    """What is shown or read out of a template as it stands in it, in whatever language."""
    text = NO_TEXT.sub(" ", template)
    pieces = (" ".join(p.split()) for p in SPOKEN_ATTRIBUTES.findall(text) + TAG.split(text))
    return {piece for piece in pieces if not NAMES.fullmatch(piece)}


def test_no_text_of_a_page_is_left_unmarked():
    pages = [path for path in (ROOT / "templates").rglob("*.html") if path.name != "offline.html"]
    found = {str(path): texts for path in pages if (texts := unmarked(path.read_text()))}
    assert found == {}


def test_unmarked_text_is_seen():
    page = """<p title="Seen">{% translate "Marked" %} Plain <b class="x">bold</b>{{ x }}</p>"""
    assert unmarked(page) == {"Seen", "Plain", "bold"}


COUNTING = re.compile(r"{%\s*blocktranslate\b[^%]*\bcount [^%]*%}")


def is_of_the_desk(page):
    rooms = page.relative_to(ROOT / "templates").parts
    uploader = {"_desk_summary.html", "_upload_notices.html", "_uploader.html", "upload.html"}
    return rooms[0] == "admin" or "desk" in rooms or ("intake" in rooms and page.name in uploader)


def test_guests_read_every_number_of_photos_with_its_thousands_apart():
    """`count` chooses the plural by the bare number; what is read is another variable."""
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    guests = [page for page in pages if not is_of_the_desk(page)]
    counting = [tag for page in guests for tag in COUNTING.findall(page.read_text())]
    assert len(counting) > 10
    assert [tag for tag in counting if '|floatformat:"0g"' not in tag] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["1,234 photos", "12,345 new photos"]), ("fr", ["1 234 photos", "12 345 nouvelles"])],
)
def test_numbers_are_grouped_as_the_language_does_it(language, said):
    event = Event(slug="party")
    with translation.override(language):
        bar = render_to_string(
            "photos/gallery/_photo_count.html", {"event": event, "photo_count": 1234}
        )
        news = render_to_string("photos/gallery/_news.html", {"news": 12345, "news_url": "/"})
    # French has a space that does not break, of one kind or another.
    shown = " ".join((bar + news).split())
    assert [words for words in said if words not in shown] == []
