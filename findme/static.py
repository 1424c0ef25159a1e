"""How static files are named and stored."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """With a digest in every name, in the imports between scripts too.

    Otherwise a new script could be run with an old one that it imports.
    """

    support_js_module_import_aggregation = True
