"""The language that is spoken now."""

from django.utils import translation

from findme.language import current_language


def test_it_is_that_of_the_page():
    with translation.override("fr"):
        assert current_language() == "fr"


def test_it_is_the_sites_where_no_page_is_made(settings):
    settings.LANGUAGE_CODE = "fr"
    with translation.override(None):
        assert current_language() == "fr"
