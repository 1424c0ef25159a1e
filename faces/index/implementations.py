"""The implementations of the face index, by the kind that settings and rows name.

Another one is an entry here and its module.
"""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

IMPLEMENTATIONS = {
    "local": "faces.index.local.LocalIndex",
    "rekognition": "faces.index.rekognition.RekognitionIndex",
}


def implementation(kind: str) -> Any:
    """The class of this kind of index; a kind that is not listed is a dotted path.

    Imported when it is asked for: nobody loads the client of a service that is not used.
    """
    return import_string(IMPLEMENTATIONS.get(kind, kind))


def is_remote_kind(kind: str) -> bool:
    """`FaceIndex.is_remote`, where there is a kind and no index yet."""
    return bool(implementation(kind).is_remote)
