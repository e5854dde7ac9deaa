"""Keeps links out of the log: whoever reads a token there could answer or choose as the customer."""

import logging
import re

_LINK = re.compile(r"(/(?:[sp]|invitations|password/reset/key)/)[^/\s?\"']+")


class LinkFilter(logging.Filter):
    """Hides the token of every address that is a key by itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through, without tokens."""
        text = record.getMessage()
        hidden = _LINK.sub(r"\1…", text)
        if hidden != text:
            record.msg, record.args = hidden, ()
        return True
