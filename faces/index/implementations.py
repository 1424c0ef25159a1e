"""The implementations of the face index, by the kind that settings and rows name.

Another one is its module, an entry here, and a line for the type checker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

from faces.index.contract import FaceIndex, RemoteIndex, TemplateIndex
from faces.index.models import EventIndex

if TYPE_CHECKING:
    from faces.index.local import LocalIndex
    from faces.index.rekognition import RekognitionIndex

    # Each is held to the contract here, its constructor too.
    _local: list[Callable[[EventIndex], TemplateIndex]] = [LocalIndex]
    _remote: list[Callable[[EventIndex], RemoteIndex]] = [RekognitionIndex]

IMPLEMENTATIONS = {
    "local": "faces.index.local.LocalIndex",
    "rekognition": "faces.index.rekognition.RekognitionIndex",
}


def implementation(kind: str) -> type[FaceIndex]:
    """The class of this kind of index; a kind that is not listed is a dotted path.

    Imported when it is asked for: nobody loads the client of a service that is not used. Raises
    `ImportError` where there is none.
    """
    found: type[FaceIndex] = import_string(IMPLEMENTATIONS.get(kind, kind))
    return found
