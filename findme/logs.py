"""What must not stand in a log."""

import logging
import re

SECRETS = re.compile(r"(/e/[^/\s]+/join/|/notices/)[^/\s]+")


class WithoutJoinCodes(logging.Filter):
    """Takes join codes and signed links out of the addresses that Django logs: whoever reads
    logs is no guest."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/join/" in message or "/notices/" in message:
            record.msg, record.args = SECRETS.sub(r"\1…", message), ()
        return True
