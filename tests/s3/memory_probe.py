"""Run by `test_memory`: what a large original costs this process, step by step, as JSON.

python tests/s3/memory_probe.py BODY BOUNDARY EVENT_ID SLUG SESSION FIRST_STORE
"""

from __future__ import annotations

import ctypes
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PART = 5 * 2**20  # the smallest
RESET_PEAK = "5"  # man 5 proc, clear_refs


def main(body: str, boundary: str, event_id: str, slug: str, session: str, first: str) -> None:
    application = set_up()
    from photos.store.configured import storage

    # What libraries and the first page take is not the photo's.
    assert storage().client
    ask(application, f"/e/{slug}/", session)

    second = {"s3": "database", "database": "s3"}[first]
    steps = [
        (
            f"upload to {first}",
            lambda: upload(application, event_id, session, Path(body), boundary),
        ),
        (f"download from {first}", download_original),
        (f"export from {first}", lambda: exported(slug)),
        (f"guest's download from {first}", lambda: taken_home(application, slug, session)),
        (f"move to {second}", lambda: move(second)),
        (f"download from {second}", download_original),
        (f"guest's download from {second}", lambda: taken_home(application, slug, session)),
        (f"move to {first}", lambda: move(first)),
    ]
    if first == "s3":
        steps.insert(0, ("what went straight to s3", arrived(event_id, Path(body), boundary)))
    sys.stdout.write(json.dumps({name: round(growth(step), 1) for name, step in steps}))


def set_up() -> Any:
    import django

    django.setup()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing was collected
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    return get_wsgi_application()


def upload(application: Any, event_id: str, session: str, body: Path, boundary: str) -> None:
    """Send the form, and give the photo renditions.

    A scan would make them: it decodes, and so needs the whole file.
    """
    from photos.imaging import renditions
    from photos.intake import publishing
    from photos.models import Photo

    token = "t" * 32
    with body.open("rb") as file:
        ask(
            application,
            f"/admin/photos/photo/upload/{event_id}/",
            session,
            REQUEST_METHOD="POST",
            CONTENT_TYPE=f"multipart/form-data; boundary={boundary}",
            CONTENT_LENGTH=str(body.stat().st_size),
            HTTP_COOKIE=f"sessionid={session}; csrftoken={token}",
            HTTP_X_CSRFTOKEN=token,
            **{"wsgi.input": file},
        )
    small = renditions.Renditions(
        preview=b"preview", medium=b"medium", thumbnail=b"thumbnail", blurhash="LKO2"
    )
    publishing.publish(Photo.objects.get().pk, small)


def arrived(event_id: str, body: Path, boundary: str) -> Callable[[], None]:
    """Bring the form's file to the bucket as browsers do; measured is how it becomes a photo."""
    import urllib3

    from events.models import Event
    from photos.intake import direct_upload

    event = Event.objects.get(pk=event_id)
    user = event.memberships.get(role="photographer").user
    with body.open("rb") as file:
        for _ in range(3):
            file.readline()
        size = body.stat().st_size - file.tell() - len(f"\r\n--{boundary}--\r\n")
        upload = direct_upload.begin(event=event, uploader=user, name="a.jpg", byte_size=size)
        parts = []
        for number, start in enumerate(range(0, size, PART), 1):
            address = direct_upload.sign_part(upload, number)
            piece = file.read(min(PART, size - start))
            answer = urllib3.request("PUT", address, body=piece)
            parts.append({"PartNumber": number, "ETag": answer.headers["ETag"]})
    return lambda: complete(upload, parts)


def complete(upload: Any, parts: list[dict[str, Any]]) -> None:
    from photos.intake import direct_upload
    from photos.models import Photo

    assert direct_upload.complete(upload, parts).outcome == "accepted"
    Photo.objects.all().delete()  # the next step brings it again


def download_original() -> None:
    from photos.models import Photo
    from photos.store import reading

    photo = Photo.objects.get()
    pieces = reading.stream(photo, "original", 0, photo.byte_size)
    assert sum(len(piece) for piece in pieces) == photo.byte_size


def exported(slug: str) -> None:
    """By the command, as an archive; the desk sends the same."""
    import tempfile

    from django.core.management import call_command

    with tempfile.TemporaryDirectory() as folder:
        call_command("export_event", slug, folder, "--zip", "2GB", verbosity=0)
        (archive,) = Path(folder).glob("*.zip")
        assert archive.stat().st_size > 2**25


def taken_home(application: Any, slug: str, session: str) -> None:
    """The same without place and serial number: all of it, as here there are none."""
    from django.urls import reverse

    from photos.models import Photo

    photo = Photo.objects.get()
    length = ask(application, reverse("download", args=[slug, photo.pk]), session)
    assert length == photo.byte_size


def move(to: str) -> None:
    from django.core.management import call_command

    call_command("move_media", to=to, verbosity=0)


def growth(step: Callable[[], None]) -> float:
    """How many MB the resident set grew at most, what earlier steps freed being given back."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc
        libc.malloc_trim(0)
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    before = status("VmRSS")
    step()
    return (status("VmHWM") - before) / 1024


def status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def ask(application: Any, address: str, session: str, **environ: Any) -> int:
    """The length of the answer, which is read and dropped."""
    statuses: list[str] = []
    answer = application(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": address,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "HTTP_COOKIE": f"sessionid={session}",
            **environ,
        },
        lambda status, headers, error=None: statuses.append(status),
    )
    length = sum(len(piece) for piece in answer)
    answer.close()
    assert statuses[0].startswith("200"), statuses
    return length


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main(*sys.argv[1:])
