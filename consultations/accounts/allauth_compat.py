"""Everything this site uses of allauth beyond its documented API, imported in this one place.

A new release of allauth may move any of these without notice. Then the site does not start, and
the error says where to look. Documented are the adapters, forms, models, signals, exceptions of
adapters and the views of ``allauth.account``: those are imported where they are needed.
"""

import allauth

__all__ = [
    "SECRET_SESSION_KEY",
    "TOTP_PERIOD",
    "ActivateTOTPView",
    "AddWebAuthnView",
    "DeactivateTOTPView",
    "EditWebAuthnView",
    "GenerateRecoveryCodesView",
    "MFAAuthenticateView",
    "MFAIndexView",
    "MFAReauthenticateView",
    "ReauthenticateWebAuthnView",
    "ReauthenticationRequired",
    "RemoveWebAuthnView",
    "ViewRecoveryCodesView",
    "clear_login",
    "context",
    "decrypt",
    "download_recovery_codes",
    "format_hotp_value",
    "get_authentication_records",
    "hotp_value",
    "login_webauthn",
    "normalize_user_code",
    "record_authentication",
    "yield_hotp_counters_from_time",
]

try:
    from allauth.account.authentication import get_authentication_records
    from allauth.account.internal.flows.login import record_authentication
    from allauth.account.internal.stagekit import clear_login
    from allauth.core import context
    from allauth.core.exceptions import ReauthenticationRequired
    from allauth.core.internal.cryptokit import normalize_user_code
    from allauth.mfa.app_settings import TOTP_PERIOD
    from allauth.mfa.base.views import AuthenticateView as MFAAuthenticateView
    from allauth.mfa.base.views import IndexView as MFAIndexView
    from allauth.mfa.base.views import ReauthenticateView as MFAReauthenticateView
    from allauth.mfa.recovery_codes.views import (
        GenerateRecoveryCodesView,
        ViewRecoveryCodesView,
        download_recovery_codes,
    )
    from allauth.mfa.totp.internal.auth import (
        SECRET_SESSION_KEY,
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )
    from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
    from allauth.mfa.utils import decrypt
    from allauth.mfa.webauthn.views import (
        AddWebAuthnView,
        EditWebAuthnView,
        ReauthenticateWebAuthnView,
        RemoveWebAuthnView,
        login_webauthn,
    )
except ImportError as error:
    raise ImportError(
        f"django-allauth {allauth.__version__} has moved something this site uses; "
        f"see consultations/accounts/allauth_compat.py: {error}"
    ) from error
