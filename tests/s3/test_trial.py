"""`manage.py check --deploy` tries the bucket, and says what is wrong with it."""

import io
import socket

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from photos import checks
from photos.models import Photo
from tests.builders import make_photo
from tests.s3.gate import Refused

pytestmark = [pytest.mark.s3, pytest.mark.django_db]


def said():
    return [(problem.id, problem.msg) for problem in checks.bucket_works()]


@pytest.fixture
def cors(let_in, settings):
    let_in(settings.SITE_URL)


def test_a_bucket_that_works_is_left_as_it_was(bucket_name, cors, keys):
    assert said() == []
    assert keys() == set()


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"bucket_name": "no-such-bucket"}, "it does not exist"),
        ({"access_key": "other"}, "the credentials are wrong"),
        ({"secret_key": "other"}, "the credentials are wrong"),
        ({"region_name": "us-west-2"}, "it is in another region"),
    ],
)
def test_what_is_wrong_is_said_in_words(bucket_name, options, use_bucket, overrides, words):
    use_bucket(**options | overrides)
    ((code, text),) = said()
    assert code == "photos.E010"
    assert words in text
    assert "other" not in text or "region" in text


def test_an_endpoint_where_nobody_listens(bucket_name, options, use_bucket):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    use_bucket(**options | {"endpoint_url": f"http://127.0.0.1:{port}"})
    assert "does not answer" in said()[0][1]


def test_a_service_that_is_busy(bucket_name, gate):
    def busy(request):
        raise Refused("503 Slow Down", "SlowDown")

    gate.bad_day = busy
    assert "too much to do" in said()[0][1]


def test_a_public_bucket_is_refused(bucket_name, cors, gate):
    gate.is_public = True
    assert ("photos.E011", said()[0][1]) == said()[0]
    assert "public" in said()[0][1]


def test_a_bucket_without_cors_rules_takes_no_uploads_from_browsers(bucket_name, settings):
    assert [code for code, _ in said()] == ["photos.W001"]
    settings.MEDIA_DIRECT_UPLOAD = False
    assert said() == []


def test_rules_for_another_site_or_without_the_header_that_browsers_need(let_in, settings, keys):
    let_in("https://other.example")
    assert "let no browser" in said()[0][1]
    let_in(settings.SITE_URL, exposed=[])
    assert "ETag" in said()[0][1]
    assert keys() == set()


def test_a_right_that_only_uploads_in_parts_need(bucket_name, cors, gate, settings):
    def denied(request):
        if request.startswith("DELETE") and "uploadId=" in request:
            raise Refused("403 Forbidden", "AccessDenied")

    gate.bad_day = denied
    assert "lack a right" in said()[0][1]
    settings.MEDIA_DIRECT_UPLOAD = False
    assert said() == []


def test_rows_in_a_bucket_that_is_not_configured_any_more(event):
    make_photo(event)
    assert said() == []
    Photo.objects.update(store="s3", folder="photos/1/a", **dict.fromkeys(Photo.columns()))
    assert [code for code, _ in said()] == ["photos.E012"]


def test_the_command_refuses_what_cannot_be_deployed(bucket_name, options, use_bucket):
    use_bucket(**options | {"bucket_name": "no-such-bucket"})
    with pytest.raises(SystemCheckError, match="no-such-bucket"):
        call_command("check", deploy=True, stdout=io.StringIO(), stderr=io.StringIO())
