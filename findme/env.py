"""What settings read from outside: environment variables, `.env`, and the state kept in `var/`."""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
# A guest of the demo event, for trying it: made by `demo`, named by `run`.
DEMO_SELFIE = VAR / "demo" / "selfie.jpg"
# Ten years; with far more, days would be reckoned that no calendar has.
LONGEST_BIN_DAYS = 3650
# An address at which no database answers.
NO_DATABASE = "postgres://postgres@127.0.0.1:1/none"

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
    from findme.running import embedded_postgres

    if embedded_postgres.problem is not None:
        return NO_DATABASE
    return embedded_postgres.start()


def database_folder() -> str:
    """Where the embedded server has its files; nothing where the database is another's."""
    if env.str("DATABASE_URL", default=""):
        return ""
    from findme.running import embedded_postgres

    return str(embedded_postgres.home())


def bin_days() -> int:
    """How long what organizers delete can be restored; 0: it goes at once."""
    days = env.int("FINDME_BIN_DAYS", default=30)
    if not 0 <= days <= LONGEST_BIN_DAYS:
        raise ImproperlyConfigured(f"FINDME_BIN_DAYS must be from 0 to {LONGEST_BIN_DAYS}.")
    return int(days)


def bucket() -> dict[str, Any]:
    """What django-storages has to know of the bucket for photos; no name, no bucket.

    Every option is given, so that none falls back to a setting that makes objects public.
    """
    endpoint = env.str("MEDIA_S3_ENDPOINT", default="") or None
    return {
        "bucket_name": env.str("MEDIA_S3_BUCKET", default=""),
        "region_name": env.str("MEDIA_S3_REGION", default="") or None,
        "endpoint_url": endpoint,
        "location": env.str("MEDIA_S3_PREFIX", default="").rstrip("/"),
        # Without "virtual" boto3 names the global host, whatever the region.
        "addressing_style": env.str("MEDIA_S3_ADDRESSING", default="virtual"),
        "checksums": env.str("MEDIA_S3_CHECKSUMS", default="when_supported"),
        # Empty: the host's own role, or the profile that boto3 finds.
        "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
        "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
        "security_token": env.str("AWS_SESSION_TOKEN", default="") or None,
        "custom_domain": env.str("MEDIA_CLOUDFRONT_DOMAIN", default="") or None,
        "cloudfront_key_id": env.str("MEDIA_CLOUDFRONT_KEY_ID", default="") or None,
        "cloudfront_key": _pem(env.str("MEDIA_CLOUDFRONT_KEY", default="")),
        "querystring_auth": True,
        "default_acl": None,
        "object_parameters": {},
        "gzip": False,
        # Names are new and random; asking whether one is free would cost a request each.
        "file_overwrite": True,
    }


def picture_origins(options: dict[str, Any]) -> list[str]:
    """Where pages may show pictures from besides the site itself: for the content policy."""
    if options["bucket_name"] and (domain := options["custom_domain"]):
        return [f"https://{domain}"]
    return upload_origins(options)


def upload_origins(options: dict[str, Any]) -> list[str]:
    """Where browsers may send originals besides the site itself: for the content policy."""
    if not options["bucket_name"]:
        return []
    # Asked of what makes the addresses: the host depends on the region, the name and the endpoint.
    from botocore import exceptions
    from botocore.config import Config
    from botocore.session import Session

    style = {"addressing_style": options["addressing_style"]}
    try:
        client = Session().create_client(
            "s3",
            region_name=options["region_name"],
            endpoint_url=options["endpoint_url"],
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106 (only the host is wanted)
            config=Config(signature_version="s3v4", s3=style),
        )
        params = {"Bucket": options["bucket_name"], "Key": "none"}
        address = urlsplit(client.generate_presigned_url("get_object", Params=params))
    except (exceptions.BotoCoreError, ValueError):
        return []  # the system checks say what is wrong
    return [f"{address.scheme}://{address.netloc}"]


def rekognition_prices() -> dict[str, float]:
    """Dollars for a call; what is not named is free. It is the price of a month's first million
    images, which is the same in most regions."""
    operations = (
        "AssociateFaces",
        "DisassociateFaces",
        "IndexFaces",
        "SearchFaces",
        "SearchFacesByImage",
        "SearchUsers",
        "SearchUsersByImage",
    )
    price = env.float("REKOGNITION_DOLLARS_PER_CALL", default=0.001)
    return dict.fromkeys(operations, price)


def _pem(text: str) -> bytes | None:
    """A key, whose lines environments often hold as one with \\n in it."""
    return text.replace("\\n", "\n").encode() or None


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
