"""Sizes of files in words."""

import pytest
from django.utils import translation

from findme.formats.sizes import byte_size


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0\u00a0bytes", "0\u00a0octet"),
        (999, "999\u00a0bytes", "999\u00a0octets"),
        (1_234, "1.2\u00a0kB", "1,2\u00a0ko"),
        (500_000_000, "500\u00a0MB", "500\u00a0Mo"),
        (2_000_000_000, "2.0\u00a0GB", "2,0\u00a0Go"),
        (41_000_000_000_000, "41.0\u00a0TB", "41,0\u00a0To"),
    ],
)
def test_sizes_are_said_by_thousands(count, english, french):
    for language, words in (("en", english), ("fr", french)):
        with translation.override(language):
            assert byte_size(count) == words
