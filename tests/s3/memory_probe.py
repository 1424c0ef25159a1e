"""Run by `test_memory`: what a large original costs this process, step by step, as JSON.

python tests/s3/memory_probe.py BODY BOUNDARY EVENT_ID SLUG SESSION FIRST_STORE
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

RESET_PEAK = "5"  # man 5 proc, clear_refs


def main(body: str, boundary: str, event_id: str, slug: str, session: str, first: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing was collected
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    from photos import renditions
    from photos.models import Photo
    from photos.store.configured import storage

    application = get_wsgi_application()
    second = {"s3": "database", "database": "s3"}[first]

    def upload() -> None:
        token = "t" * 32
        with Path(body).open("rb") as file:
            ask(
                application,
                f"/admin/photos/photo/upload/{event_id}/",
                session,
                method="POST",
                body=file,
                CONTENT_TYPE=f"multipart/form-data; boundary={boundary}",
                CONTENT_LENGTH=str(Path(body).stat().st_size),
                HTTP_COOKIE=f"sessionid={session}; csrftoken={token}",
                HTTP_X_CSRFTOKEN=token,
            )

        # What a scan does later: it decodes, and so needs the whole file.
        small = renditions.Renditions(preview=b"preview", thumbnail=b"thumbnail", blurhash="LKO2")
        renditions.publish(Photo.objects.get().pk, small)

    def download() -> None:
        photo = Photo.objects.get()
        address = f"/e/{slug}/photos/{photo.pk}/original"
        assert ask(application, address, session) == photo.byte_size

    def move(to: str) -> Callable[[], None]:
        return lambda: call_command("move_media", to=to, verbosity=0)

    # What libraries and the first page take is not the photo's.
    assert storage().client
    ask(application, f"/e/{slug}/", session)
    steps = [
        (f"upload to {first}", upload),
        (f"download from {first}", download),
        (f"move to {second}", move(second)),
        (f"download from {second}", download),
        (f"move to {first}", move(first)),
    ]
    sys.stdout.write(json.dumps({name: round(growth(step), 1) for name, step in steps}))


def growth(step: Callable[[], None]) -> float:
    """How many MB the resident set grew at most."""
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    before = status("VmRSS")
    step()
    return (status("VmHWM") - before) / 1024


def status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def ask(application, address, session, *, method="GET", body=None, **environ) -> int:
    """The length of the answer, which is read and dropped."""
    statuses: list[str] = []
    answer = application(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": address,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": body or io.BytesIO(),
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
