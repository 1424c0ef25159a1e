"""What `manage.py run` makes sure of before it starts anything. Each step may be repeated."""

import hashlib
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

ORGANIZER_EMAIL = "organizer@findme.example"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104
STATIC_STAMP = ".findme-fingerprint"


def ensure_organizer() -> str | None:
    """Make an organizer if the site has no superuser; the new password, or None."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(9)
    users.create_superuser(email=ORGANIZER_EMAIL, password=password, name="Organizer")
    return password


def collect_static_files() -> bool:
    """Collect and compress them; False if nothing changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / STATIC_STAMP
    current = static_fingerprint()
    if stamp.exists() and stamp.read_text() == current:
        return False
    # Cleared: else a file stays that is not older than the one that should replace it.
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    root.mkdir(exist_ok=True)
    stamp.write_text(current)
    return True


def static_fingerprint() -> str:
    """A hash of names, times and sizes of all static files; reads none of them."""
    digest = hashlib.sha256()
    for path in sorted(_static_files()):
        state = path.stat()
        digest.update(f"{path}\0{state.st_mtime_ns}\0{state.st_size}\n".encode())
    return digest.hexdigest()


def _static_files() -> Iterator[Path]:
    for finder in get_finders():
        for name, storage in finder.list(None):
            yield Path(storage.path(name))


def addresses(host: str, port: int) -> dict[str, str]:
    """SITE_URL and ALLOWED_HOSTS that fit where the site listens.

    Listening everywhere, the site is for the phones in the room too: its URL is the one that they
    can reach.
    """
    names = ["localhost", "127.0.0.1", "[::1]"]
    shown = host
    if host in EVERYWHERE:
        shown = _network_address()
        names += [shown, socket.gethostname()]
    names.append(bracketed(shown))
    return {
        "SITE_URL": f"http://{bracketed(shown)}:{port}",
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(names)),
    }


def apply_addresses(host: str, port: int) -> None:
    """For this process and its children; what the environment or `.env` says stays."""
    for name, value in addresses(host, port).items():
        os.environ.setdefault(name, value)
    # Read at import, before the options were known; pages of this process are never served.
    settings.SITE_URL = os.environ["SITE_URL"].rstrip("/")


def local_address(host: str, port: int) -> tuple[str, int]:
    """Where this machine reaches the site itself."""
    return ("127.0.0.1" if host in EVERYWHERE else host), port


def site_host() -> str:
    """The name the site certainly answers to."""
    return urlsplit(str(settings.SITE_URL)).netloc


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _network_address() -> str:
    """This machine's address towards the network; connecting UDP sends nothing."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"
