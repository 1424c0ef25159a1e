"""What must not stand in a log."""

import logging
import re

JOIN_LINK = re.compile(r"(/e/[^/\s]+/join/)[^/\s]+")


class WithoutJoinCodes(logging.Filter):
    """Takes join codes out of the addresses that Django logs: whoever reads logs is no guest."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/join/" in message:
            record.msg, record.args = JOIN_LINK.sub(r"\1…", message), ()
        return True
