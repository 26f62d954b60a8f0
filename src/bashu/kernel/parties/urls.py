"""Addresses of parties, and of those pages of allauth that are used: signing in and out, password, second factor."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path

from bashu.kernel.parties import pages

own = [
    path("organisations/", pages.organisation_list, name="organisations"),
    path("organisations/apply", pages.organisation_apply, name="apply"),
    path("organisations/<uuid:public_id>/", pages.organisation_detail, name="organisation"),
    path("organisations/<uuid:public_id>/approve", pages.organisation_approve, name="organisation_approve"),
    path("organisations/<uuid:public_id>/suspend", pages.organisation_suspend, name="organisation_suspend"),
    path("organisations/<uuid:public_id>/invite", pages.invite, name="invite"),
    path("memberships/<uuid:public_id>/approve", pages.membership_approve, name="membership_approve"),
    path("memberships/<uuid:public_id>/end", pages.membership_end, name="membership_end"),
    path("invitation/", pages.invitation, name="invitation"),
    path("account/", pages.account, name="account"),
    path("account/leave-sessions", pages.leave_sessions, name="leave_sessions"),
    path("account/erase", pages.erase, name="erase"),
    path("account/tokens/", pages.tokens, name="tokens"),
    path("account/tokens/<uuid:public_id>/revoke", pages.token_revoke, name="token_revoke"),
]

# Names as allauth's own code looks them up. `account_signup` answers that signing up is closed.
login_pages = [
    path("login/", pages.Login.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("2fa/", factors.index, name="mfa_index"),
    path("2fa/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns = [path("", include((own, "parties"))), path("accounts/", include(login_pages))]
