"""Django settings, read from the environment.

Without any variable this is a safe development site. Production refuses to start if a required
value is missing (see ``env.py``); ``docs/operations.md`` lists every variable.
"""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from django_prose_editor.config import html_tags
from js_asset import static_lazy

from practice_site import env

# --- Paths ---------------------------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
# Everything the site writes lives here: db.sqlite3 media/ mail/ log/ keys/ errors/ static/
DATA_DIR = env.data_dir(BASE_DIR / "var")
KEYS_DIR = DATA_DIR / "keys"

# --- Mode and address ----------------------------------------------------------------------------
SITE_MODE = env.site_mode()
IS_PRODUCTION = SITE_MODE == "production"
PORT = env.read_text("PORT", "8000")
SITE_URL = env.site_url(SITE_MODE, PORT)
SITE_HOST = urlsplit(SITE_URL).hostname or ""
DEBUG = env.is_debug_enabled(SITE_MODE)

# --- Security ------------------------------------------------------------------------------------
SECRET_KEY = env.secret_key(SITE_MODE, KEYS_DIR)
SECRET_KEY_FALLBACKS = env.read_list("SECRET_KEY_FALLBACKS")
FIELD_KEYS = env.field_keys(SITE_MODE, KEYS_DIR, DATA_DIR / "db.sqlite3")
ALLOWED_HOSTS = env.allowed_hosts(SITE_MODE, SITE_URL)
TRUSTED_PROXIES = env.read_networks("TRUSTED_PROXIES")
ADMIN_PATH = env.admin_path()

USE_X_FORWARDED_HOST = False
# practice_site.middleware drops this header unless it comes from TRUSTED_PROXIES.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
# A practice's domain often has other services (webmail, a client portal), and this site cannot
# promise that they support HTTPS. So W005 and W021 are silenced.
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not no-referrer: browsers would then send "Origin: null" with the site's own forms, and the
# same-origin check could not tell them from cross-site posts.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    DEFAULT_EXCEPTION_REPORTER = "practice_site.logs.LocationOnlyReporter"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The nonce is in the header only if a page uses it: the admin's editor pages do.
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Only staff pages set cookies.
_COOKIE_PREFIX = "__Host-" if IS_PRODUCTION else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}staff"
SESSION_COOKIE_SECURE = IS_PRODUCTION
# Seconds. Sign-ins end sooner (accounts.sessions), but a form posted after that must still find its
# session.
SESSION_COOKIE_AGE = 24 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}staff-form"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = "Lax"
# Recognizes a browser in which somebody has signed in before.
STAFF_BROWSER_COOKIE_NAME = f"{_COOKIE_PREFIX}staff-browser"
CSRF_FAILURE_VIEW = "pages.practice.error_pages.csrf_failure"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Staff sign in with allauth; consultations.accounts.urls has the pages.
AUTHENTICATION_BACKENDS = ["consultations.accounts.backends.StaffBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
SECOND_FACTOR_REQUIRED = IS_PRODUCTION
ACCOUNT_ADAPTER = "consultations.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "consultations.accounts.forms.LoginForm",
    "reauthenticate": "consultations.accounts.forms.ConfirmPasswordForm",
    "change_password": "consultations.accounts.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}  # by email too: see StaffBackend
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "email*",
    "password1*",
]  # sign-up is closed, but allauth checks this
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# allauth counts in a cache, with plain IP addresses. Ours: consultations.accounts.rate_limits.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "consultations.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "consultations.accounts.forms.SecondFactorForm",
    "reauthenticate": "consultations.accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "consultations.accounts.forms.ActivateTOTPForm",
    "authenticate_webauthn": "consultations.accounts.forms.SecondFactorPasskeyForm",
    "login_webauthn": "consultations.accounts.forms.PasskeyLoginForm",
    "reauthenticate_webauthn": "consultations.accounts.forms.ReauthenticateByPasskeyForm",
    "add_webauthn": "consultations.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "consultations.accounts.forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # steps of half a minute: phones' clocks differ
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes; enough for a long article
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
VISITOR_BODY_MAX_BYTES = 1_000_000
STAFF_BODY_MAX_BYTES = 25_000_000

# --- Apps ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "practice_site.apps.PracticeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_prose_editor",
    "pages",
    "consultations",
]
# Extensions in our own script. They allow no tags here, because the cleaner decides what is kept.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [
            static_lazy("admin/practice_editor_nodes.js"),
            static_lazy("admin/practice_editor_pictures.js"),
            static_lazy("admin/practice_editor_paste.js"),
        ],
        "extensions": {
            name: html_tags([])
            for name in (
                "Abbreviation", "Blocks", "Callout", "Cite", "DefinitionList", "DefinitionTerm",
                "DefinitionText", "PasteFromElsewhere", "PictureUpload",
            )
        },
    }
]  # fmt: skip
CRISPY_ALLOWED_TEMPLATE_PACKS = "practice"
CRISPY_TEMPLATE_PACK = "practice"

# --- Middleware ----------------------------------------------------------------------------------
MIDDLEWARE = [
    # Outermost, so that static files, redirects and error pages get the same headers.
    "practice_site.middleware.ResponseHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "practice_site.middleware.TrustedProxyMiddleware",
    "practice_site.middleware.RequestLimitsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Before all that read the practice's rows.
    "pages.caching.RequestCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # After allauth's middleware, whose request attributes the sign-in pages need.
    "practice_site.middleware.StaffSessionMiddleware",
    # Innermost, so that it sees every 404 of a view.
    "practice_site.middleware.RedirectMiddleware",
]
ROOT_URLCONF = "practice_site.urls"
WSGI_APPLICATION = "practice_site.wsgi.application"

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
                "pages.practice.profile.practice_context",
                "pages.site_pages.menus.menu_context",
            ],
        },
    }
]

# --- Data ----------------------------------------------------------------------------------------
_database = env.read_text("DATABASE_URL", f"sqlite:///{DATA_DIR}/db.sqlite3")
DATABASES = {
    "default": {
        **env.parse_service_url("DATABASE_URL", _database, environ.Env.db_url_config),
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
    }
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "practice_site.sqlite_backend"
    DATABASES["default"]["OPTIONS"] = {
        # Deferred transactions die with "database is locked" when two people write at once.
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,  # seconds
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Backups are encrypted for this key (manage.py backup --new-key). If it is set, the worker makes
# one a day.
BACKUP_PUBLIC_KEY = env.read_text("BACKUP_PUBLIC_KEY")

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "practice_site.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Mail ----------------------------------------------------------------------------------------
# Without EMAIL_URL every email becomes an .eml file, so that a demo never writes to anybody.
_email = env.read_text("EMAIL_URL")
if _email:
    _mail = env.parse_service_url("EMAIL_URL", _email, environ.Env.email_url_config)
    if IS_PRODUCTION:
        env.require_encrypted_email(_mail)
    vars().update(_mail)
else:
    EMAIL_BACKEND = (
        "django.core.mail.backends.smtp.EmailBackend"
        if IS_PRODUCTION
        else "consultations.outbox.eml_files.EmailBackend"
    )
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.read_text("MAIL_FROM", f"no-reply@{urlsplit(SITE_URL).hostname}")

# --- Files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "practice_site.storage.JoinedStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Logs ----------------------------------------------------------------------------------------
LOG_LEVEL = env.log_level()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "practice_site.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
        "null": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Replaces Django's own handlers, which log paths and values, and send emails.
        "django": {"handlers": ["stderr"], "level": LOG_LEVEL, "propagate": False},
        "django.server": {"handlers": ["null"], "level": "INFO", "propagate": False},
    },
}

# --- Our own settings ----------------------------------------------------------------------------
# Review SECURITY.md, then move this by a year at most. CI fails 30 days before the date.
SECURITY_TXT_EXPIRES = date(2027, 10, 31)
CALL_MINUTES = 20
# Days, and the maximum without RETENTION_ABOVE_MAXIMUM. The first counts from closing.
CONSULTATION_RETENTION_DAYS: int = env.read_days("CONSULTATION_RETENTION_DAYS", 90, most=365)
CONSULTATION_REQUEST_EXPIRES_DAYS: int = env.read_days(
    "CONSULTATION_REQUEST_EXPIRES_DAYS", 14, most=60
)
WAITLIST_EXPIRES_DAYS: int = env.read_days("WAITLIST_EXPIRES_DAYS", 180, most=365)
COMMENT_EMAIL_RETENTION_DAYS: int = env.read_days("COMMENT_EMAIL_RETENTION_DAYS", 180, most=365)
COMMENT_SPAM_RETENTION_DAYS: int = env.read_days("COMMENT_SPAM_RETENTION_DAYS", 15, most=60)
COMMENT_TRASH_RETENTION_DAYS: int = env.read_days("COMMENT_TRASH_RETENTION_DAYS", 30, most=90)
AUDIT_RETENTION_DAYS: int = env.read_days(
    "AUDIT_RETENTION_DAYS", 365, most=730
)  # deleted by whole months
OUTBOX_RETENTION_DAYS: int = env.read_days("OUTBOX_RETENTION_DAYS", 7, most=30)  # after sending
ADDRESS_HASH_RETENTION_DAYS: int = env.read_days("ADDRESS_HASH_RETENTION_DAYS", 30, most=90)
INVITATION_RETENTION_DAYS: int = env.read_days("INVITATION_RETENTION_DAYS", 30, most=90)  # of staff
BACKUP_RETENTION_DAYS: int = env.read_days("BACKUP_RETENTION_DAYS", 35, most=90)
ERASURE_RETENTION_DAYS: int = env.read_days("ERASURE_RETENTION_DAYS", 400, most=800)
if ERASURE_RETENTION_DAYS <= BACKUP_RETENTION_DAYS:
    env.refuse_to_start("ERASURE_RETENTION_DAYS must be longer than BACKUP_RETENTION_DAYS")
RATE_LIMIT_SCALE = env.read_number("RATE_LIMIT_SCALE", 1)  # 0 = no limits
if (
    RATE_LIMIT_SCALE == 0
    and IS_PRODUCTION
    and env.read_text("BIND", "") not in ("127.0.0.1", "::1")
):
    env.refuse_to_start("RATE_LIMIT_SCALE is 0, which is for tests on the loopback address only")
