"""What is said of each kind of file by its first bytes: by the server and by the uploader's script
(upload/fingerprint.test.js) the same, from one table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photos.imaging import foreign, formats, images
from photos.imaging.images import UnusableImage

TABLE = json.loads((Path(__file__).parent / "upload" / "kinds.json").read_text("utf-8"))
LIMITS = {"max_bytes": 1000, "max_megapixels": 50}
# Whatever else is wrong with them, they are of a kind that we read.
OF_OURS = {"truncated", "unreadable", "too_small"}


def test_the_table_has_what_scripts_are_told():
    told = formats.starts() | {"others": foreign.kinds()}
    assert TABLE["known"] == json.loads(json.dumps(told)), "write it anew: json.dumps of this"


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_the_server_says_the_same(case):
    data = bytes.fromhex(case["start"]).ljust(400, b"\0")
    with pytest.raises(UnusableImage) as refused:
        images.inspect(data, **LIMITS, name=case["name"])
    code = refused.value.told_by(case["name"]).code
    assert code == case["code"] or (case["code"] is None and code in OF_OURS)


def test_every_format_has_a_row():
    of_ours = [bytes.fromhex(case["start"]) for case in TABLE["cases"] if case["code"] is None]
    assert set(map(formats.kind_of, of_ours)) == set(formats.FORMATS)
