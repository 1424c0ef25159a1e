"""Texts are compressed for whoever takes it; nothing else is."""

import gzip
from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import reverse
from whitenoise.storage import CompressedManifestStaticFilesStorage

from findme.backends.compression import TextCompressed
from findme.backends.static import GuestsFirst, StaticFiles
from tests.builders import make_photo

TEXT = b"hello " * 100


def compressed(answer, accepted="gzip, br"):
    asked = RequestFactory().get("/", headers={"accept-encoding": accepted})
    return TextCompressed(lambda request: answer)(asked)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "text/csv"])
def test_a_text_is_compressed_for_who_takes_it_and_the_same_for_others(kind):
    answer = compressed(HttpResponse(TEXT, content_type=kind, headers={"ETag": '"a"'}))
    assert (gzip.decompress(answer.content), answer["ETag"]) == (TEXT, 'W/"a"')
    assert int(answer["Content-Length"]) == len(answer.content) < 250
    plain = compressed(HttpResponse(TEXT, content_type=kind), "identity")
    assert (plain.content, answer["Vary"], plain["Vary"]) == (TEXT, *["Accept-Encoding"] * 2)


def test_the_same_page_is_never_as_long_as_it_was():
    lengths = {len(compressed(HttpResponse(TEXT)).content) for _ in range(20)}
    assert len(lengths) > 5  # or what a page says could be guessed by its length


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(TEXT, content_type="image/webp"),
        HttpResponse(TEXT, content_type="application/zip"),
        StreamingHttpResponse([TEXT], content_type="text/event-stream"),
        FileResponse([TEXT], content_type="image/jpeg"),
    ],
    ids=["picture", "archive", "stream", "file"],
)
def test_what_is_compressed_already_or_streamed_is_sent_as_it_is(answer):
    sent = compressed(answer)
    assert sent.getvalue() == TEXT
    assert not sent.has_header("Content-Encoding")


def test_static_files_of_guests_are_compressed_both_ways_the_desks_once(tmp_path):
    paths = [tmp_path / name for name in ("site/a.css", "site/a.js.map", "unfold/a.css")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(TEXT)
    compressor = GuestsFirst([tmp_path / "site"], quiet=True)
    made = [[Path(one).suffix for one in compressor.compress(str(path))] for path in paths]
    assert made == [[".br", ".gz"], [".gz"], [".gz"]]
    assert type(StaticFiles().create_compressor(quiet=True)) is GuestsFirst
    assert "create_compressor" in vars(CompressedManifestStaticFilesStorage)  # it is not documented


@pytest.mark.django_db
def test_pages_of_guests_are_compressed_and_revalidated_all_the_same(event, client, as_user, guest):
    make_photo(event)
    asked = {"accept-encoding": "gzip"}
    assert client.get(event.get_join_url(), headers=asked)["Content-Encoding"] == "gzip"
    inside, address = as_user(guest), reverse("general", args=[event.slug])
    inside.get(address)  # brings the cookie that a later page's version is made with
    answer = inside.get(address, headers=asked)
    assert answer["Content-Encoding"] == "gzip"
    again = inside.get(address, headers=asked | {"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
