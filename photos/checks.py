"""System checks of photos: storage settings that lose or show photos, said in words.

The settings alone are looked at by every `manage.py check`; the bucket itself is tried by
`manage.py check --deploy`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from photos.store import trial
from photos.store.configured import ALIAS, storage
from photos.store.contract import DATABASE, S3
from photos.store.faults import StoreUnavailable
from photos.store.windows import VALID_WINDOWS

ADDRESSING = ("virtual", "path", "auto")
CHECKSUMS = ("when_supported", "when_required")
# The longest a signature of version 4 can be valid.
LONGEST_SECONDS = 7 * 24 * 3600
SHORTEST_WINDOW_SECONDS = 300


@register()
def media_store_is_usable(**kwargs: Any) -> list[CheckMessage]:
    store, has_bucket = settings.MEDIA_STORE, bool(settings.BUCKET["bucket_name"])
    if store not in (DATABASE, S3):
        return [Error(f"MEDIA_STORE is “{store}”; known are: database, s3.", id="photos.E001")]
    if store == S3 and not has_bucket:
        hint = "Name the bucket, or leave MEDIA_STORE at “database”."
        return [
            Error("MEDIA_STORE is “s3”, but MEDIA_S3_BUCKET is empty.", hint=hint, id="photos.E002")
        ]
    return [*_window(), *(_options(settings.BUCKET) if has_bucket else [])]


@register()
def pictures_are_never_public(**kwargs: Any) -> list[CheckMessage]:
    """Whatever somebody wrote into STORAGES: no public object, no unsigned address."""
    if ALIAS not in settings.STORAGES:
        return []
    options = settings.STORAGES[ALIAS].get("OPTIONS", {})
    problems = []
    if options.get("default_acl") not in (None, "private"):
        problems.append(f"default_acl “{options['default_acl']}” would make objects public")
    if not options.get("querystring_auth", True):
        problems.append("querystring_auth=False would make addresses unsigned")
    if options.get("custom_domain") and not (
        options.get("cloudfront_key_id") and options.get("cloudfront_key")
    ):
        problems.append(
            "MEDIA_CLOUDFRONT_DOMAIN without MEDIA_CLOUDFRONT_KEY_ID and MEDIA_CLOUDFRONT_KEY "
            "would make addresses unsigned"
        )
    return [Error(f"Photos would be public: {what}.", id="photos.E003") for what in problems]


@register(Tags.security, deploy=True)
def bucket_works(**kwargs: Any) -> list[CheckMessage]:
    """Store, read, sign and remove a small object as FindMe does."""
    if not settings.BUCKET["bucket_name"]:
        return _rows_without_bucket()
    try:
        storage()
    except (ImproperlyConfigured, ValueError):
        return []  # said by the checks of the settings
    try:
        found = trial.problems()
    except StoreUnavailable as error:
        said = trial.ADVICE[error.code]
        text = f"The bucket “{settings.BUCKET['bucket_name']}” cannot be used: {said}."
        return [Error(text, hint=error.detail or None, id="photos.E010")]
    return [Error(text, id="photos.E011") for text in found] + _cors()


def _window() -> list[CheckMessage]:
    seconds = settings.MEDIA_URL_SECONDS
    longest = LONGEST_SECONDS // VALID_WINDOWS
    if SHORTEST_WINDOW_SECONDS <= seconds <= longest:
        return []
    text = f"MEDIA_URL_SECONDS is {seconds}; it may be {SHORTEST_WINDOW_SECONDS} to {longest}."
    return [Error(text, id="photos.E004")]


def _options(options: dict[str, Any]) -> list[CheckMessage]:
    problems = []
    prefix, domain = options["location"], options["custom_domain"] or ""
    if options["addressing_style"] not in ADDRESSING:
        problems.append(f"MEDIA_S3_ADDRESSING is none of {', '.join(ADDRESSING)}")
    if options["checksums"] not in CHECKSUMS:
        problems.append(f"MEDIA_S3_CHECKSUMS is none of {', '.join(CHECKSUMS)}")
    if prefix.startswith("/") or ".." in prefix.split("/"):
        problems.append("MEDIA_S3_PREFIX must not begin with a slash, nor go upwards")
    if not (options["region_name"] or options["endpoint_url"]):
        problems.append("MEDIA_S3_REGION is empty: addresses would name the wrong host")
    if (options["endpoint_url"] or "https://").partition("://")[0] not in ("http", "https"):
        problems.append("MEDIA_S3_ENDPOINT must begin with https:// (or http://)")
    if "/" in domain or ":" in domain:
        problems.append("MEDIA_CLOUDFRONT_DOMAIN is a host's name, without https:// and path")
    if bool(options["access_key"]) != bool(options["secret_key"]):
        problems.append("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together")
    problems += _cloudfront_key(options)
    return [Error(f"{what}.", id="photos.E005") for what in problems]


def _cloudfront_key(options: dict[str, Any]) -> list[str]:
    if not (options["cloudfront_key"] and options["cloudfront_key_id"]):
        return []
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(options["cloudfront_key"], password=None)
    except (ValueError, TypeError):
        return ["MEDIA_CLOUDFRONT_KEY is no private key in PEM (lines may be joined by \\n)"]
    return []


def _rows_without_bucket() -> list[CheckMessage]:
    count = trial.rows_in_buckets()
    if not count:
        return []
    text = f"The pictures of {count} rows are in a bucket, but MEDIA_S3_BUCKET is empty."
    hint = "Configure it again; `manage.py move_media --to database` brings them back."
    return [Error(text, hint=hint, id="photos.E012")]


def _cors() -> list[CheckMessage]:
    if not settings.MEDIA_DIRECT_UPLOAD:
        return []
    what = trial.cors_problem(settings.SITE_URL)
    hint = "See docs/operations.md, or set MEDIA_DIRECT_UPLOAD=false."
    return [checks.Warning(what, hint=hint, id="photos.W001")] if what else []
