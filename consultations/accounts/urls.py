"""Signing in, all of it below the admin's address; of allauth's pages those that are used."""

from allauth.mfa.recovery_codes.views import download_recovery_codes
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from consultations.accounts import views
from consultations.accounts.views import page

CONFIRM = _("Is it really you?")

urlpatterns = [
    # Where Django's own page was: bookmarks and admin:login stay right.
    path("login/", page(views.LoginView.as_view(), _("Sign in")), name="account_login"),
    path("logout/", LogoutView.as_view(next_page="account_login"), name="account_logout"),
    path("password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("account/", page(views.Overview.as_view(), _("Your sign-in")), name="mfa_index"),
    path(
        "account/second-step/",
        page(views.SecondStep.as_view(), _("One more step")),
        name="mfa_authenticate",
    ),
    path(
        "account/confirm/",
        page(views.Confirm.as_view(), CONFIRM),
        name="account_reauthenticate",
    ),
    path(
        "account/confirm/code/",
        page(views.ConfirmByCode.as_view(), CONFIRM),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirm/passkey/",
        page(views.ConfirmByPasskey.as_view(), CONFIRM),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/app/",
        page(views.SetUpApp.as_view(), _("Set up your authenticator app")),
        name="mfa_activate_totp",
    ),
    path("account/app/code.svg", views.app_picture, name="account_app_picture"),
    path(
        "account/app/remove/",
        page(views.RemoveApp.as_view(), _("Take out your authenticator app")),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/passkeys/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_list_webauthn",
    ),
    path(
        "account/passkeys/add/",
        page(views.AddPasskey.as_view(), _("Add a passkey")),
        name="mfa_add_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/rename/",
        page(views.RenamePasskey.as_view(), _("Rename a passkey")),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        page(views.RemovePasskey.as_view(), _("Take out a passkey")),
        name="mfa_remove_webauthn",
    ),
    path("account/passkeys/sign-in/", views.passkey_login, name="mfa_login_webauthn"),
    path(
        "account/recovery-codes/",
        page(views.RecoveryCodes.as_view(), _("Your recovery codes")),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        page(views.RenewCodes.as_view(), _("New recovery codes")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/file/",
        download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path(
        "account/password/",
        page(login_required(views.ChangePassword.as_view()), _("Change your password")),
        name="account_change_password",
    ),
    path("account/sign-ins/<uuid:which>/end/", views.end_one, name="account_end_sign_in"),
    path("account/sign-ins/end-others/", views.end_others, name="account_end_others"),
    path("account/invitation/<str:token>/", views.invitation, name="account_invitation"),
    path("account/reset/<str:token>/", views.reset, name="account_reset"),
    path("account/waiting/<uuid:which>/", views.held_form, name="account_held_form"),
]
