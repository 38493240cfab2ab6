"""Log lines as JSON, one a line: when, how bad, which logger, which request, and what the event tells."""

from __future__ import annotations

import logging
from typing import Any

import structlog


def _with_request(logger: Any, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    from yutang.vitals.requests import request_id

    if request_id.get():
        event["request_id"] = request_id.get()
    return event


def formatter() -> logging.Formatter:
    """Return the formatter that writes records as JSON."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
