"""What the store is told of pictures, by the rows that hold them."""

from itertools import chain

from faces.models import Selfie
from photos.models import Photo
from photos.store import removals
from photos.store.models import every_kind, holders, objects_in


def test_models_share_neither_kinds_nor_folders():
    kinds = list(chain.from_iterable(model.kinds for model in holders()))
    assert len(kinds) == len(set(kinds)) == len(every_kind())
    assert len({model.folder_parent for model in holders()}) == len(holders())


def test_a_folder_may_hold_what_its_models_rows_do():
    photos = {"original", "preview.jpg", "medium.webp", "thumbnail.webp"}
    assert objects_in(f"{Photo.folder_parent}/7/abc") == photos
    assert objects_in(f"{Selfie.folder_parent}/abc") == {"selfie.jpg"}
    assert objects_in("trial/abc") == photos | {"selfie.jpg"}


def test_what_is_removed_with_one_request_is_no_more_than_s3_takes():
    assert removals.AT_ONCE * len(every_kind()) <= 1000
