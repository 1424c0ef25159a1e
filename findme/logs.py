"""What must not stand in a log."""

import logging
import re

SECRET_LINK = re.compile(r"(/e/[^/\s]+/(?:join|live)/)[^/\s]+")


class WithoutJoinCodes(logging.Filter):
    """Takes the codes of invitations and slideshows out of the addresses that Django logs.

    Whoever reads logs is no guest.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/join/" in message or "/live/" in message:
            record.msg, record.args = SECRET_LINK.sub(r"\1…", message), ()
        return True
