"""What settings read from outside: environment variables, `.env`, and the state kept in `var/`."""

import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
# A guest of the demo event, for trying it: made by `demo`, named by `run`.
DEMO_SELFIE = VAR / "demo" / "selfie.jpg"

env = environ.Env()
environ.Env.read_env(ROOT / ".env")


def secret_key() -> str:
    """`SECRET_KEY` from the environment, else a random one kept in `var/secret_key`.

    There is no built-in key to forget to change. Hosts that share a database must share
    `SECRET_KEY`: it signs sessions and queued jobs.
    """
    if key := env.str("SECRET_KEY", default=""):
        if len(key) < 32:
            raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
        return str(key)
    path = VAR / "secret_key"
    try:
        if not path.exists():
            _create_once(path, secrets.token_urlsafe(48))
        return path.read_text()
    except OSError as error:
        message = f"Set SECRET_KEY: it is not in the environment, and {path} is not usable."
        raise ImproperlyConfigured(message) from error


def database_url() -> str:
    """`DATABASE_URL`, else the embedded server's, which is started if it is not running."""
    if url := env.str("DATABASE_URL", default=""):
        return str(url)
    from findme import embedded_postgres

    return embedded_postgres.start()


def _create_once(path: Path, text: str) -> None:
    """Write a private file that two starting processes agree on: whole, linked into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key counts
    finally:
        draft.unlink()
