"""Every form that a visitor or a guest can send is held by a limit, or says why it needs none."""

from __future__ import annotations

import ast
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from findme.limits import LIMITS
from tests.builders import make_photo
from tests.fakes import picture

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ["findme", "events", "photos", "faces"]

# By the address's name: the limits that hold it, or a sentence.
LETTERS = "code_mail code_mail_first code_mail_more"
CODES = f"sign_in request_login_code {LETTERS} stranger_mail"
OWN_ROWS = "It changes rows of the guest's own, at the price of looking at a page."
ONE_ROW = "It writes one row for a guest and a photo, however often it is sent."
MAIL = "mail"  # what it does ends with a letter
COUNTING = ("limits.consume", "limits.demand")
# It counts what is wrong on its own pages of the second factor.
COUNTED_BY_ALLAUTH = {"login_failed", "reauthenticate"}
FACTOR = "It is for who opens the desk: guests are sent away."
HELD = {
    "enter_code": "wrong_code",
    "join": f"wrong_link new_account {CODES}",
    "account_login": CODES,
    "account_request_login_code": CODES,
    "account_confirm_login_code": LETTERS,
    "account_logout": "It ends the session.",
    "account_signup": "It leads to another page.",
    "prove": CODES,
    "end_session": OWN_ROWS,
    "end_sessions": OWN_ROWS,
    "set_language": "It sets a cookie, or a field of the guest's own account.",
    "selfie": "selfie_change",
    "check_selfie": "selfie_check",
    "keep_selfie": OWN_ROWS,
    "reuse_selfies": OWN_ROWS,
    "remove_selfie": OWN_ROWS,
    "answer_consent": MAIL,
    "children": "add_child",
    "bring_child": OWN_ROWS,
    "look_as": "It turns the guest's own session to one of their children.",
    "remove_child": MAIL,
    "ask_to_hide": "hide_request",
    "take_hiding_back": ONE_ROW,
    "uploads": "guest_upload",
    "remove_upload": OWN_ROWS,
    "mark_favourites": ONE_ROW,
    "say_verdict": ONE_ROW,
    "answer_question": ONE_ROW,
    "take_answer_back": ONE_ROW,
    "together": OWN_ROWS,
    "download_selection": "A list is one query; of archives each process has ARCHIVES_AT_ONCE.",
    "download_mine": "A list is one query; of archives each process has ARCHIVES_AT_ONCE.",
    "download_favourites": "A list is one query; of archives each process has ARCHIVES_AT_ONCE.",
    "download_together": "A list is one query; of archives each process has ARCHIVES_AT_ONCE.",
    "direct_begin": "It is for who may add photos: guests are refused.",
    "direct_complete": "It is for who may add photos: guests are refused.",
    "privacy_withdraw": MAIL,
    "delete_account": f"delete_account {MAIL}",
    "set_notices": MAIL,
    "open_notice": "It needs a signed address with a secret that works once.",
    "stop_notices": "It needs a signed address, and removes one row.",
    "mfa_authenticate": "login_failed",
    "mfa_reauthenticate": "reauthenticate",
    "mfa_reauthenticate_webauthn": "reauthenticate",
    "mfa_index": FACTOR,
    "mfa_activate_totp": FACTOR,
    "mfa_deactivate_totp": FACTOR,
    "mfa_view_recovery_codes": FACTOR,
    "mfa_generate_recovery_codes": FACTOR,
    "mfa_download_recovery_codes": FACTOR,
    "mfa_list_webauthn": "It leads to another page.",
    "mfa_add_webauthn": FACTOR,
    "mfa_edit_webauthn": FACTOR,
    "mfa_remove_webauthn": FACTOR,
    "admin:login": "desk_password",
    "admin:photos_photo_known": "It is for who may add photos: guests are refused.",
    "admin:photos_photo_progress": "It is for who may add photos: guests are refused.",
    "admin:photos_photo_batch": "It is for who may add photos: guests are refused.",
    "admin:photos_photo_receive": "It is for who may add photos: guests are refused.",
    "admin:logout": "It ends the session.",
}


def patterns(resolver: URLResolver, space: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += patterns(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif entry.name:
            found.append((space + entry.name, entry))
    return found


def arguments(pattern: URLPattern) -> dict[str, object]:
    """Values for an address that leads somewhere or nowhere."""
    converters = pattern.pattern.converters.items()
    of_regex = getattr(pattern.pattern.regex, "groupindex", {}) if not converters else {}
    values = {
        name: 1 if type(kind).__name__ == "IntConverter" else "x" for name, kind in converters
    }
    return values | dict.fromkeys(of_regex, "events")


def takes_post(client: Client, name: str, pattern: URLPattern) -> bool:
    """By a method that no page knows: whoever looks at methods answers which ones it takes. Who
    does not takes all, unless nobody is let in."""
    address = reverse(name, kwargs=arguments(pattern))
    answer = client.generic("TRACE", address, HTTP_ORIGIN="http://testserver")
    if name.startswith("admin:") and answer.get("Location", "").startswith("/admin/login/"):
        return False
    return answer.status_code != 405 or "POST" in answer["Allow"]


@pytest.mark.django_db
def test_whatever_can_be_posted_has_a_limit_or_a_reason(as_user, guest):
    addresses = [one for one in patterns(get_resolver()) if not one[0].startswith("admin:jsi18n")]
    clients = [Client(), as_user(guest)]
    posted = {
        name
        for name, pattern in addresses
        if any(takes_post(client, name, pattern) for client in clients)
    }
    assert posted - HELD.keys() == set()
    assert HELD.keys() - posted == set()


def counted_in(source: str) -> set[str]:
    """The names with which a module calls `limits.consume` or `limits.demand`, as they stand there
    or as constants of the module."""
    tree = ast.parse(source)
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    constants = {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in assigned}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [
        ast.unparse(name)
        for call in calls
        if ast.unparse(call.func) in COUNTING
        for name in branches(call.args[1])
    ]
    return {constants.get(name, name).strip("'") for name in names}


def branches(argument: ast.expr) -> list[ast.expr]:
    return [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]


def test_a_name_that_only_stands_somewhere_is_not_counted():
    source = (
        'FIRST = "a"\nMORE = "b"\nlimits.may(r, "c")\nx = "d"\nlimits.demand(r, "e")\n'
        'limits.consume(r, FIRST if limits.may(r, "f") else MORE)\nother.demand(r, "g")'
    )
    assert counted_in(source) == {"a", "b", "e"}


def test_the_limits_that_hold_are_those_of_the_table_and_are_counted():
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    counted = COUNTED_BY_ALLAUTH.union(*(counted_in(path.read_text()) for path in paths))
    holding = {name for held in HELD.values() if not held.endswith(".") for name in held.split()}
    assert holding - LIMITS.keys() == set()
    assert LIMITS.keys() - counted == set()


def join(event, client, photo):
    guest = {"name": "Nina", "email": f"{uuid4().hex}@example.com"}
    return Client().post(event.get_join_url(), guest)


def look_at_selfie(event, client, photo):
    file = SimpleUploadedFile("me.jpg", picture([1]), "image/jpeg")
    return client.post(reverse("check_selfie", args=[event.slug]), {"image": file})


def ask_to_hide(event, client, photo):
    return client.post(reverse("ask_to_hide", args=[event.slug, photo.pk]), {"fragment": 1})


@pytest.mark.parametrize(
    ("limit", "rate", "post"),
    [
        ("new_account", "1/h/ip+key", join),
        ("selfie_check", "1/h/key", look_at_selfie),
        ("hide_request", "1/h/user", ask_to_hide),
    ],
)
def test_a_form_beyond_its_limit_is_answered_429(event, guest, as_user, limited, limit, rate, post):
    limited(**{limit: rate})
    client = as_user(guest)
    answers = [post(event, client, make_photo(event)).status_code for _ in range(2)]
    assert (answers[0] < 400, answers[1]) == (True, 429)


# --- docs/limits.md ---

LENGTHS = {"s": "s", "m": "min", "h": "h", "d": "day"}
SOURCES = {"ip": "address", "user": "account"}


def rate_in_words(rate: str, key: str) -> str:
    amount, duration, per = rate.strip().split("/")
    number, unit = duration[:-1], LENGTHS[duration[-1]]
    who = " and ".join(SOURCES.get(source, key or "key") for source in per.split("+"))
    return f"{amount} in {number or 1} {unit}, each {who}"


def row_of(name: str) -> str:
    limit = LIMITS[name]
    rates = "; ".join(rate_in_words(rate, limit.key) for rate in limit.rates.split(","))
    return f"| `{name}` | {limit.counts} | {rates} | `{limit.code}` |"


def test_the_page_of_limits_is_the_table():
    page = (ROOT / "docs" / "limits.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [row_of(name) for name in LIMITS]
