"""The WSGI entry that the web server loads."""

from __future__ import annotations

import contextlib
import os

from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError
from django.urls import get_resolver

from yutang.kit.memory import settle
from yutang.kit.special import load_methods

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
os.umask(0o077)
application = get_wsgi_application()
# The rooms are loaded with the addresses: now, and not while the first person waits.
_ = get_resolver().url_patterns
load_methods()


def _share_connections() -> None:
    """Let the threads of this process share connections, before the first of them asks the store."""
    from yutang.foundation.pooling import most_shared, share_connections

    share_connections(most=most_shared())


def _refuse_other_keys() -> None:
    """End here when the keys are not those of the store: what is written with them would be lost."""
    from yutang.foundation.sealed_records import ensure_keys

    # A store that does not answer yet is asked by the first request.
    with contextlib.suppress(DatabaseError):
        ensure_keys()


_refuse_other_keys()
# Afterwards, so that the thread that only loads keeps none of them.
_share_connections()
settle()
