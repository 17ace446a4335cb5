"""Settings of the portal. Every value that may differ between machines comes from portal/environment.py."""

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from kombu import Queue

from portal.environment import ROOT, encryption_keys, load_dotenv, networks, quiet_hours, setting

load_dotenv()

BASE_DIR = ROOT
DEBUG = setting("DEBUG")
SECRET_KEY = setting("SECRET_KEY")
ALLOWED_HOSTS = setting("ALLOWED_HOSTS")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY 没有设置或太短。请设置至少 32 个随机字符："
        "export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))')；"
        "本机试用请直接运行 make run。"
    )
if DEBUG:
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["*"]
elif not ALLOWED_HOSTS:
    raise ImproperlyConfigured("DEBUG 关闭时要设置 ALLOWED_HOSTS，例如 export ALLOWED_HOSTS=zc.example.cn。")
CSRF_TRUSTED_ORIGINS = setting("CSRF_TRUSTED_ORIGINS")
ENCRYPTION_KEYS, BLIND_INDEX_KEY = encryption_keys(DEBUG, SECRET_KEY)

INSTALLED_APPS = [
    "portal.admin_app.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
    "core",
    "accounts",
    "businesses",
    "policies",
    "eligibility",
    "authoring",
    "notifications",
    "cases",
    "subsidies",
    "services",
    "needs",
    "jobs",
    "visits",
    "portal",
]

MIDDLEWARE = [
    "core.middleware.ApiErrorsAreProblems",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.RefuseNul",
    "core.middleware.ContentPolicy",  # static files carry it as well
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.CompressPages",
    "core.once.AnswersForOnePage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.signing_in.sessions.PersonalAnswers",
    "accounts.refusals.RefusalsAreWrittenDown",
    "accounts.signing_in.sessions.SessionLimits",
    "accounts.signing_in.sessions.SecondFactor",
    "accounts.signing_in.fresh.AskAgain",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.frame",
                "eligibility.context.document",
            ],
        },
    },
]

try:
    if not setting("DATABASE_URL").startswith(("sqlite://", "postgres://", "postgresql://")):
        raise ValueError("unknown scheme")
    DATABASES = {"default": environ.Env.db_url_config(setting("DATABASE_URL"))}
except ValueError as problem:
    raise ImproperlyConfigured(
        "DATABASE_URL 看不懂。写法：sqlite:////路径/文件 或 postgres://用户:密码@主机:5432/库名。"
    ) from problem
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without IMMEDIATE, code that reads and then writes dies with "database is locked" under load.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        # Statements that stay planned, up to 40 KB each: of the usual 128, which a few pages fill, none is found again.
        "cached_statements": 400,
    }
else:
    # A host that froze or vanished in the middle of a transaction must not hold its locks for ever. Pages come from
    # memory or SSDs: with the default, made for disks that turn, whole tables are read for a few thousand rows.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c idle_in_transaction_session_timeout=30s -c random_page_cost=1.1"
    )
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 2)  # seconds; a server that is away is 503
    # In seconds; with a connection goes what it was told (core/prepared.py).
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_ROLES = setting("DATABASE_ROLES")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL := setting("REDIS_URL"):
    if not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("REDIS_URL 看不懂。写法：redis://主机:6379/0。")
    CACHES = {
        "default": {
            "BACKEND": "core.caching.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},  # the throttle keeps one per address and second
        }
    }

# The database is the queue of record and Celery the doorbell: a lost task is found again by a sweep.
TASKS_IN_THREADS = True  # without Redis; tests switch it off
# Celery spells an address on a Unix socket another way than Django's cache.
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=") or None
)
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_CONSUMER = "core.consumer:TaskConsumer"
# Work stops by itself after 40 seconds and goes on with the next doorbell.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 60, 90
# These go over the whole register; killed or begun twice, they go on where they stood.
CELERY_TASK_ANNOTATIONS = {
    name: {"soft_time_limit": 60 * 60, "time_limit": 61 * 60}
    for name in (
        "accounts.tasks.purge_accounts",
        "businesses.business_types.recompute_types",
        "businesses.distinctive.follow_the_list",
        "businesses.tasks.poll_imports",
        "businesses.tasks.work_on",
        "authoring.tasks.go_on_with_impact",
        "authoring.tasks.work_on_impact",
    )
}
# A doorbell taken by a worker that died rings again after this long; the sweep comes sooner. Named in three places,
# as Celery's documentation asks.
CELERY_VISIBILITY_TIMEOUT = 3 * CELERY_TASK_TIME_LIMIT
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Whoever publishes tries once and does not wait for a Redis that does not answer: the work is in the database. Workers
# and beat wait longer (portal/celery.py).
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"
# A worker takes from the first queue that has something: nobody waits for a push to a hundred thousand, and programs
# that do not answer hold up nobody. In a large city each gets workers of its own (celery -Q).
CELERY_TASK_QUEUES = [Queue(name) for name in ("interactive", "push", "delivery", "webhooks")]
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_ROUTES = {
    "notifications.tasks.send_webhooks": {"queue": "webhooks"},
    "notifications.tasks.gather": {"queue": "delivery"},
    "notifications.tasks.deliver": {"queue": "delivery"},
    "notifications.tasks.*": {"queue": "push"},
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "queue_order_strategy": "priority",
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "socket_connect_timeout": 0.25,
    "socket_timeout": 0.25,
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULE: dict = {
    # Shortly after midnight: shops have grown a day older, listings have begun and ended.
    "judge types": {
        "task": "businesses.business_types.recompute_types",
        "schedule": crontab(hour=0, minute=20),
    },
    "follow the distinctive list": {
        "task": "businesses.distinctive.follow_the_list",
        "schedule": crontab(hour=0, minute=10),
    },
    "relay": {"task": "notifications.tasks.relay", "schedule": setting("RELAY_SECONDS")},
    "follow the day": {"task": "notifications.tasks.follow_the_day", "schedule": crontab(hour=0, minute=5)},
    "follow missed days": {"task": "notifications.tasks.follow_the_day", "schedule": crontab(minute="*/10")},
    "poll imports": {"task": "businesses.tasks.poll_imports", "schedule": 60},
    "go on with impact": {"task": "authoring.tasks.go_on_with_impact", "schedule": 60},
    # Applications follow the clock: overdue corrections and promises, money used up, offers still to be told.
    "sweep cases": {"task": "cases.tasks.sweep_cases", "schedule": crontab(minute="*/10")},
    # Days and ages have moved on; what is new is matched at once (jobs/pairs/matching.py).
    "match work": {"task": "jobs.tasks.match_all", "schedule": crontab(hour=1, minute=10)},
    # Every night it looks whether the figures that stand are a week old.
    "reckon effect": {"task": "portal.tasks.reckon_effect", "schedule": crontab(hour=3, minute=10)},
    "forget searches": {"task": "policies.tasks.forget_searches", "schedule": crontab(hour=2, minute=40)},
    "purge accounts": {"task": "accounts.tasks.purge_accounts", "schedule": 60 * 60},
}

PUSH_CHUNK = setting("PUSH_CHUNK")
if PUSH_CHUNK < 1 or CELERY_BEAT_SCHEDULE["relay"]["schedule"] < 1:
    raise ImproperlyConfigured("PUSH_CHUNK 和 RELAY_SECONDS 要是 1 或更大的整数。")
METRICS_TOKEN = setting("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 32:
    raise ImproperlyConfigured("METRICS_TOKEN 太短，至少 32 个字符。可以用 openssl rand -base64 32 生成。")
IMPORT_FOLDER = setting("IMPORT_FOLDER")
PRIVATE_FOLDER = setting("PRIVATE_FOLDER")
UPLOAD_SCANNER = setting("UPLOAD_SCANNER")
if UPLOAD_SCANNER and not UPLOAD_SCANNER.startswith(("clamd://", "unix:///")):
    raise ImproperlyConfigured("UPLOAD_SCANNER 看不懂。写法：clamd://主机:3310 或 unix:///路径。")

SESSION_ENGINE = "accounts.signing_in.session_store"  # keys are kept as digests
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "login"
# Signing in: owners by our own codes (accounts/signing_in/codes.py), staff by name, password and second factor with
# allauth.
ACCOUNT_ADAPTER = "accounts.signing_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # nobody signs up; allauth checks for them
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# allauth counts in the cache, one per process without Redis, and by address: ours are in accounts/signing_in/limits.py.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
MFA_ADAPTER = "accounts.signing_in.adapter.SecondFactorAdapter"
MFA_TOTP_TOLERANCE = 1  # phones whose clock is half a minute off
STAFF_SECOND_FACTOR = setting("STAFF_SECOND_FACTOR")
SMS_PROVIDER = setting("SMS_PROVIDER").lower()
SMS_URL = setting("SMS_URL")
SMS_TOKEN = setting("SMS_TOKEN")
SITE_URL = setting("SITE_URL")
if EMAIL_URL := setting("EMAIL_URL"):
    if not EMAIL_URL.startswith(("smtp://", "smtps://", "smtp+tls://", "smtp+ssl://")):
        raise ImproperlyConfigured("EMAIL_URL 看不懂。写法：smtp+tls://用户:密码@主机:587。")
    vars().update(environ.Env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = setting("EMAIL_FROM")
QUIET_HOURS = quiet_hours(setting("QUIET_HOURS"))
WEBHOOK_ALLOW_NETS = networks("WEBHOOK_ALLOW_NETS")
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"
# Programs get tokens by client credentials alone; of a token and of a secret only a digest is kept.
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "SCOPES_BACKEND_CLASS": "accounts.api.auth.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 60 * 60,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    # Grants that are not offered, closed all the same.
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60  # seconds for which a link to set a password holds
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 9}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.signing_in.passwords.HardToGuess"},
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a rule of 200 conditions in the editor

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-root"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if DEBUG
    else {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Beside what is served: the list of all files is nobody's business.
        "OPTIONS": {"manifest_storage": FileSystemStorage(location=BASE_DIR / "static-manifest")},
    },
}
WHITENOISE_MAX_AGE = 60 * 60

EDITION_SECONDS = 1.0  # How long another process may go on with the catalogue or fact list it has in memory.

# One policy for every page. connect-src 'self' is also what browsers ask for robots.txt with.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
HTTPS = setting("HTTPS") and not DEBUG
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^(livez|readyz|metrics)$"]  # machines beside this one ask without the proxy
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
TRUSTED_PROXY = setting("TRUSTED_PROXY")
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    # The first names the scheme that a 401 offers.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.auth.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    # Whatever is open to anyone says so itself.
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.auth.MayAsk"],
    "DEFAULT_METADATA_CLASS": "core.api.bodies.Methods",
    "DEFAULT_PARSER_CLASSES": ["core.api.bodies.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.bodies.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["core.api.bodies.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pages.CodePagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.parameters.StrictFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.pace.PerSecondThrottle"],
    "DEFAULT_SCHEMA_CLASS": "core.api.document.OperationSchema",
    "EXCEPTION_HANDLER": "core.api.refusals.answer_with_problem",
    "DEFAULT_VERSIONING_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,  # ?format= is an unknown parameter like any other
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
ANONYMOUS_REQUESTS_PER_SECOND = setting("ANONYMOUS_REQUESTS_PER_SECOND")
if ANONYMOUS_REQUESTS_PER_SECOND < 100:
    raise ImproperlyConfigured("ANONYMOUS_REQUESTS_PER_SECOND 不能低于 100：整条街的店可能共用一个地址。")
UNVERIFIED_PARAMETERS = frozenset(setting("UNVERIFIED_PARAMETERS"))

SPECTACULAR_SETTINGS = {
    "TITLE": "六盘水政策直通车接口",
    "DESCRIPTION": "与网页同一套规则、同一个答案。金额是字符串，日期是 YYYY-MM-DD，错误是 application/problem+json。",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The schema names facts that staff have added, so it needs the database, which need not exist yet when
    # settings are checked. Tests hold it valid.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_PATCH": False,  # a component is named as its model is
    "POSTPROCESSING_HOOKS": ["core.api.document.without_marks"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "TAGS": [
        {"name": "evaluations", "description": "资格与计算"},
        {"name": "catalogue", "description": "政策目录"},
        {"name": "businesses", "description": "商户登记"},
        {"name": "applications", "description": "申请"},
        {"name": "services", "description": "服务：办一件事、接单、信息授权"},
        {"name": "visits", "description": "检查：哪个单位哪天来查什么"},
        {"name": "jobs", "description": "用工：招工、找活、对接"},
        {"name": "notifications", "description": "消息"},
        {"name": "tokens", "description": "令牌"},
        {"name": "me", "description": "我的信息"},
    ],
}

DEFAULT_EXCEPTION_REPORTER_FILTER = "core.reports.NamesOnly"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "mask_numbers": {"()": "core.log.MaskNumbers"},
        "mask_searches": {"()": "core.log.MaskSearches"},
        "refusals_are_a_line": {"()": "core.log.RefusalsAreALine"},
    },
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_numbers"]},
        "addresses": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refusals_are_a_line", "mask_searches", "mask_numbers"],
        },
    },
    "root": {"handlers": ["console"], "level": setting("LOG_LEVEL").upper()},
    # Django's own handlers would write past the filter.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "oauthlib": {"level": "INFO"},  # at DEBUG it writes tokens
        "oauth2_provider": {"level": "INFO"},
        # What was asked for, line by line; gunicorn writes the first only where --access-logfile is given.
        "gunicorn.access": {"handlers": ["addresses"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["addresses"], "level": "INFO", "propagate": False},
        "django.request": {"handlers": ["addresses"], "propagate": False},
    },
}
