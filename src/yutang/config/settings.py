"""Django settings. Everything that differs between installations comes from the environment (see docs/settings.md)."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

from yutang.config import env
from yutang.lake.engines.choosing import engine_named, query_memory, query_threads

YUTANG_HOME = env.home()
DEBUG = env.flag("YUTANG_DEBUG")
YUTANG_KEEP_FILES_DAYS = env.number_of_days("YUTANG_KEEP_FILES_DAYS", default=30)
YUTANG_KEEP_EVENTS_MONTHS = env.whole_number("YUTANG_KEEP_EVENTS_MONTHS", default=0, least=0, most=1_200)
YUTANG_KEEP_ORDERS_MONTHS = env.months_of_orders("YUTANG_KEEP_ORDERS_MONTHS")
#: Refused here where it names no engine, and not by the first question.
YUTANG_ENGINE = engine_named()
query_memory(), query_threads()
#: Connections to PostgreSQL that the threads of one web server or worker share; 0: each thread keeps its own.
YUTANG_POOL = env.whole_number("YUTANG_POOL", default=4, least=0, most=1_000)
YUTANG_WEBHOOK_NETWORKS = env.networks("YUTANG_WEBHOOK_NETWORKS")
#: Address under which customers reach this installation; empty: messages carry no own links.
YUTANG_PUBLIC_URL = os.environ.get("YUTANG_PUBLIC_URL", "").strip().rstrip("/")
YUTANG_SMS = {
    "gateway": os.environ.get("YUTANG_SMS_GATEWAY", "").strip(),
    "key_id": os.environ.get("YUTANG_SMS_KEY_ID", ""),
    "secret": os.environ.get("YUTANG_SMS_SECRET", ""),
    "sign": os.environ.get("YUTANG_SMS_SIGN", ""),
    "app_id": os.environ.get("YUTANG_SMS_APP_ID", ""),
    "base_url": os.environ.get("YUTANG_SMS_BASE_URL", ""),
}
#: Page of the phones and mailboxes of the sandbox; `yutang up` sets it where it starts them.
YUTANG_POSTBOX = os.environ.get("YUTANG_POSTBOX", "").strip()
#: Ways that go there; the others go to real phones or mailboxes.
YUTANG_POSTBOX_WAYS = frozenset(os.environ.get("YUTANG_POSTBOX_WAYS", "sms email").split())
YUTANG_MAIL: dict[str, Any] = {
    "host": os.environ.get("YUTANG_MAIL_HOST", "").strip(),
    "port": env.whole_number("YUTANG_MAIL_PORT", default=587, most=65_535),
    "security": os.environ.get("YUTANG_MAIL_SECURITY", "starttls"),
    "username": os.environ.get("YUTANG_MAIL_USERNAME", ""),
    "password": os.environ.get("YUTANG_MAIL_PASSWORD", ""),
    "sender": os.environ.get("YUTANG_MAIL_SENDER", "").strip(),
    "sender_name": os.environ.get("YUTANG_MAIL_SENDER_NAME", ""),
    "bounces_to": os.environ.get("YUTANG_MAIL_BOUNCES_TO", ""),
}


def _kept_secret(name: str) -> str:
    """Return the secret in ``$YUTANG_HOME/name``, made on first use with owner-only rights."""
    path = YUTANG_HOME / name
    try:
        return _read_or_made(path)
    except OSError as error:
        raise env.HomeCannotBeUsed(folder=str(YUTANG_HOME), detail=error.strerror or type(error).__name__) from error


def _read_or_made(path: Path) -> str:
    if not path.exists():
        YUTANG_HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written aside and linked into place, so that of two processes that start at once both read a whole secret.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


SECRET_KEY = os.environ.get("YUTANG_SECRET_KEY") or _kept_secret("secret_key")
ALLOWED_HOSTS = [h for h in os.environ.get("YUTANG_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("YUTANG_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "yutang.console",
    "yutang.pages",
    "yutang.api",
    "yutang.demo",
    "yutang.privacy",
    "yutang.journeys",
    "yutang.communities",
    "yutang.content",
    "yutang.groupbuy",
    "yutang.codes",
    "yutang.referral",
    "yutang.coupons",
    "yutang.payments",
    "yutang.membership",
    "yutang.channels",
    "yutang.wecom",
    "yutang.webhooks",
    "yutang.segments",
    "yutang.experiments",
    "yutang.insight",
    "yutang.worklist",
    "yutang.risk",
    "yutang.economics",
    "yutang.orders",
    "yutang.visits",
    "yutang.customers",
    "yutang.ingest",
    "yutang.foundation",
    "axes",
    "django_htmx",
    "django_tasks",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "yutang.vitals.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "yutang.console.middleware.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "yutang.api.middleware.ProgramsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "yutang.console.uploads.UploadMiddleware",
    "yutang.console.middleware.PlainTextMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "yutang.console.watch.SessionWatchMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yutang.console.middleware.RefusalMiddleware",
    "yutang.console.middleware.PreparedFiguresMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yutang.config.urls"
WSGI_APPLICATION = "yutang.config.wsgi.application"
AUTH_USER_MODEL = "foundation.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        # The usual 0.7 lets a name pass that is written twice.
        "OPTIONS": {"user_attributes": ("username", "display_name"), "max_similarity": 0.6},
    },
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "console/account/locked.html"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yutang.console.shell.shell",
            ],
        },
    }
]

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; "
    # Bringing the log into the file waits for the disk: every few seconds under load, and not several times a second.
    "PRAGMA wal_autocheckpoint=4000; "
    # A log that a large import made long is cut when it begins anew.
    "PRAGMA journal_size_limit=67108864;"
)
_database: dict[str, Any] = {**env.database(), "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": _SQLITE_PRAGMAS}
    # Two processes share the file in tests of the worker, so it must be a file there too.
    _database["TEST"] = {"NAME": os.environ.get("YUTANG_TEST_DATABASE", str(YUTANG_HOME / "test.sqlite3"))}
elif env.flag("YUTANG_TRANSACTION_POOLER"):
    # Behind PgBouncer the next statement may meet another session, which knows no cursor and no plan of this one.
    _database["DISABLE_SERVER_SIDE_CURSORS"] = True
else:
    # What `bulk` is told to ask often is planned once a connection, from the so many-th time on.
    _database["OPTIONS"] = {**_database.get("OPTIONS", {}), "prepare_threshold": 5}
DATABASES: dict[str, Any] = {"default": _database}
if _replica := env.replica(of=_database):
    DATABASES["replica"] = {
        **_replica,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": _database.get("DISABLE_SERVER_SIDE_CURSORS", False),
    }
    DATABASE_ROUTERS = ["yutang.foundation.replica.ReportRouter"]
#: Reports are read from the primary when the replica is further behind. Seconds.
YUTANG_REPLICA_LAG_SECONDS = env.whole_number("YUTANG_REPLICA_LAG_SECONDS", default=30, most=86_400)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: Beside everything else, what WeCom tells: a worker of its own has time for it also while large files are imported.
_QUEUES = ["default", "wecom"]
TASKS = {"default": {"BACKEND": "yutang.foundation.jobs.backend.JobTableBackend", "QUEUES": _QUEUES}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = YUTANG_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("YUTANG_HTTPS")
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "yutang.console.rooms.errors.stale_form"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
YUTANG_LARGEST_UPLOAD_MB = env.whole_number("YUTANG_LARGEST_UPLOAD_MB", default=2048, most=1_000_000)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

#: The app of WeCom, where the environment says which; else the store does.
YUTANG_WECOM = {
    "corp_id": os.environ.get("YUTANG_WECOM_CORP_ID", "").strip(),
    "agent_id": os.environ.get("YUTANG_WECOM_AGENT_ID", "").strip(),
    "secret": os.environ.get("YUTANG_WECOM_SECRET", "").strip(),
    "token": os.environ.get("YUTANG_WECOM_CALLBACK_TOKEN", "").strip(),
    "aes_key": os.environ.get("YUTANG_WECOM_CALLBACK_KEY", "").strip(),
}

#: The merchant's official account in WeChat, by which visitors of pages say who they are; without one the sandbox plays it.
YUTANG_WECHAT = {
    "app_id": os.environ.get("YUTANG_WECHAT_APP_ID", "").strip(),
    "secret": os.environ.get("YUTANG_WECHAT_SECRET", "").strip(),
    "authorize_url": os.environ.get("YUTANG_WECHAT_AUTHORIZE_URL", "https://open.weixin.qq.com").strip().rstrip("/"),
    "api_url": os.environ.get("YUTANG_WECHAT_API_URL", "https://api.weixin.qq.com").strip().rstrip("/"),
}

#: The merchant's account with WeChat Pay; without one there is only the cashier for trying out.
YUTANG_WECHAT_PAY = {
    "merchant_id": os.environ.get("YUTANG_WECHAT_PAY_MERCHANT_ID", "").strip(),
    "app_id": os.environ.get("YUTANG_WECHAT_PAY_APP_ID", "").strip(),
    "serial": os.environ.get("YUTANG_WECHAT_PAY_SERIAL", "").strip(),
    "key_file": os.environ.get("YUTANG_WECHAT_PAY_KEY_FILE", "").strip(),
    "api_key": os.environ.get("YUTANG_WECHAT_PAY_API_KEY", ""),
    "public_key_file": os.environ.get("YUTANG_WECHAT_PAY_PUBLIC_KEY_FILE", "").strip(),
    "public_key_id": os.environ.get("YUTANG_WECHAT_PAY_PUBLIC_KEY_ID", "").strip(),
    "gateway": os.environ.get("YUTANG_WECHAT_PAY_GATEWAY", "https://api.mch.weixin.qq.com").strip(),
}

YUTANG_METRICS_TOKEN = os.environ.get("YUTANG_METRICS_TOKEN", "")
YUTANG_LOG_REQUESTS = env.flag("YUTANG_LOG_REQUESTS")
#: Requests and queries that take longer are told in the log.
YUTANG_SLOW_REQUEST_SECONDS, YUTANG_SLOW_QUERY_SECONDS = 1.0, 0.2
#: Where the processes keep their counters for each other; prometheus_client reads it when it is imported.
YUTANG_METRICS = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(YUTANG_HOME / "metrics")))

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "yutang.vitals.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"yutang.requests": {"level": "INFO"}},
}
