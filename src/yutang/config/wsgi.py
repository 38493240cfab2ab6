"""The WSGI entry that the web server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from yutang.kit.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
application = get_wsgi_application()
# The rooms are loaded with the addresses: now, and not while the first person waits.
_ = get_resolver().url_patterns
settle()
