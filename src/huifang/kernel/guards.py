"""Database triggers that keep a table append-only, against mistakes and against anyone who edits by hand."""

import pgtrigger

# The test suite empties tables between tests; nothing else sets this.
_TRUNCATE = """
IF current_setting('huifang.may_truncate', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION 'append-only: % cannot be emptied', TG_TABLE_NAME;
END IF;
RETURN NULL;
"""


def append_only() -> list[pgtrigger.Trigger]:
    """The triggers that refuse update, delete and truncate; for ``Meta.triggers``."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="no_truncate",
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            func=_TRUNCATE,
        ),
    ]
