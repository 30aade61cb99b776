"""URLs for signing in and the account, all below the admin's path.

Only the pages of allauth that this site uses have a URL.
"""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from consultations.accounts import views
from consultations.accounts.allauth_compat import download_recovery_codes
from consultations.accounts.views import admin_page

CONFIRM_TITLE = _("Is it really you?")

urlpatterns = [
    # Same URL as Django's own login page, so that bookmarks and admin:login keep working.
    path("login/", admin_page(views.LoginView.as_view(), _("Sign in")), name="account_login"),
    path("logout/", LogoutView.as_view(next_page="account_login"), name="account_logout"),
    path("password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path(
        "account/",
        admin_page(views.AccountOverviewView.as_view(), _("Your sign-in")),
        name="mfa_index",
    ),
    path(
        "account/second-step/",
        admin_page(views.SecondFactorView.as_view(), _("One more step")),
        name="mfa_authenticate",
    ),
    path(
        "account/confirm/",
        admin_page(views.ReauthenticateView.as_view(), CONFIRM_TITLE),
        name="account_reauthenticate",
    ),
    path(
        "account/confirm/code/",
        admin_page(views.ReauthenticateByCodeView.as_view(), CONFIRM_TITLE),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirm/passkey/",
        admin_page(views.ReauthenticateByPasskeyView.as_view(), CONFIRM_TITLE),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/app/",
        admin_page(views.ActivateTOTPView.as_view(), _("Set up your authenticator app")),
        name="mfa_activate_totp",
    ),
    path("account/app/code.svg", views.totp_qr_code, name="account_totp_qr_code"),
    path(
        "account/app/remove/",
        admin_page(views.DeactivateTOTPView.as_view(), _("Take out your authenticator app")),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/passkeys/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_list_webauthn",
    ),
    path(
        "account/passkeys/add/",
        admin_page(views.AddPasskeyView.as_view(), _("Add a passkey")),
        name="mfa_add_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/rename/",
        admin_page(views.RenamePasskeyView.as_view(), _("Rename a passkey")),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        admin_page(views.RemovePasskeyView.as_view(), _("Take out a passkey")),
        name="mfa_remove_webauthn",
    ),
    path("account/passkeys/sign-in/", views.passkey_login, name="mfa_login_webauthn"),
    path(
        "account/recovery-codes/",
        admin_page(views.RecoveryCodesView.as_view(), _("Your recovery codes")),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        admin_page(views.RegenerateRecoveryCodesView.as_view(), _("New recovery codes")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/file/",
        download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path(
        "account/password/",
        admin_page(login_required(views.ChangePasswordView.as_view()), _("Change your password")),
        name="account_change_password",
    ),
    path("account/sign-ins/<uuid:session_id>/end/", views.end_session, name="account_end_session"),
    path(
        "account/sign-ins/end-others/", views.end_other_sessions, name="account_end_other_sessions"
    ),
    path("account/invitation/<str:token>/", views.accept_invitation, name="account_invitation"),
    path("account/reset/<str:token>/", views.reset_password, name="account_reset"),
    path("account/waiting/<uuid:held_form_id>/", views.show_held_form, name="account_held_form"),
]
