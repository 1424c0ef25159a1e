"""The content policy is the library's, put together once."""

import pytest
from csp.constants import HEADER
from csp.decorators import csp_exempt, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

from findme.backends.policy import ContentPolicy


def plain(request):
    return HttpResponse()


def with_nonce(request):
    return HttpResponse(str(request.csp_nonce))


def own_header(request):
    return HttpResponse(headers={HEADER: "default-src 'none'"})


def policy(middleware, view):
    answer = middleware(view)(RequestFactory().get("/"))
    said = answer.get(HEADER)
    nonce = answer.content.decode()
    return said and said.replace(nonce, "NONCE") if nonce else said


@pytest.mark.parametrize(
    "view",
    [
        plain,
        with_nonce,
        own_header,
        csp_exempt()(plain),
        csp_update({"img-src": ["example.com"]})(plain),
    ],
)
def test_every_answer_has_the_policy_that_the_library_gives_it(view):
    assert policy(ContentPolicy, view) == policy(CSPMiddleware, view)


def test_a_change_of_the_settings_counts(settings):
    middleware = ContentPolicy(plain)
    before = middleware(RequestFactory().get("/"))[HEADER]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["'none'"]}}
    assert before != middleware(RequestFactory().get("/"))[HEADER] == "default-src 'none'"
