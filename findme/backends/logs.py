"""A filter of the log that takes join codes and secret links out of addresses."""

import logging
import re

SECRET_LINK = re.compile(r"(/e/[^/\s]+/(?:join|live)/|/notices/)[^/\s]+")
PARTS = ("/join/", "/live/", "/notices/")


class WithoutSecretLinks(logging.Filter):
    """Takes the codes of invitations and slideshows, and signed links, out of logged addresses.

    Whoever reads logs is no guest.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if any(part in message for part in PARTS):
            record.msg, record.args = SECRET_LINK.sub(r"\1…", message), ()
        return True
