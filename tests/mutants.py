"""Mutation tests for the most important guarantees.

Each function below is the broken version of one function of the project. ``make mutants`` installs
them one at a time in a copy of the project and runs the one test that must then fail. A test that
still passes protects nothing.

A broken version is written like a wrapper: it gets the original function as its first argument.
So it names functions and their parameters only, and survives any change of their bodies.
tests/test_mutants.py checks the list against the code and against docs/test-suite.md.
"""

import ast
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]

INSTALL_TEMPLATE = """

# The broken version of {qualified_name}, installed by tests/mutants.py.
import functools as _functools

{source}

_original = {qualified_name}


@_functools.wraps(_original)
def _mutant(*args, **kwargs):
    return {broken_name}(_original, *args, **kwargs)


{qualified_name} = _mutant
"""


@dataclass(frozen=True)
class Mutant:
    promise: str
    target: str  # "package.module:function" or "package.module:Class.method"
    broken: Callable[..., Any]
    test: str  # the test that must fail, as pytest names it

    @property
    def qualified_name(self) -> str:
        return self.target.partition(":")[2]

    @property
    def file(self) -> str:
        return self.target.partition(":")[0].replace(".", "/") + ".py"

    def replacement_source(self) -> str:
        """Return the code that replaces the function by its broken version."""
        function = ast.parse(textwrap.dedent(inspect.getsource(self.broken))).body[0]
        assert isinstance(function, ast.FunctionDef)
        function.decorator_list = []
        return INSTALL_TEMPLATE.format(
            qualified_name=self.qualified_name,
            source=ast.unparse(function),
            broken_name=function.name,
        )

    def mutate(self, source: str) -> str:
        """Insert the replacement right behind the function, or behind its class.

        So it is in place before the rest of the module, such as a table of functions, uses it.
        """
        name = self.qualified_name.partition(".")[0]
        [definition] = [
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
        ]
        lines = source.splitlines(keepends=True)
        lines.insert(definition.end_lineno or len(lines), self.replacement_source())
        return "".join(lines)


MUTANTS: list[Mutant] = []


def mutant(promise: str, *, target: str, test: str) -> Callable[..., Any]:
    """Register a broken version of ``target``; its imports belong inside its body."""

    def register(broken: Callable[..., Any]) -> Callable[..., Any]:
        MUTANTS.append(Mutant(promise, target, broken, test))
        return broken

    return register


@mutant(
    "What visitors write is encrypted in the database",
    target="consultations.privacy.encryption:encrypt",
    test="tests/test_data_map.py::test_encrypted_columns_store_no_plaintext",
)
def append_plaintext(original, plaintext, *, associated_data):
    return original(plaintext, associated_data=associated_data) + plaintext.encode()


@mutant(
    "An encrypted value moved to another row cannot be read there",
    target="consultations.privacy.fields:EncryptedTextField.associated_data",
    test="tests/consultations/privacy/test_fields.py::"
    "test_value_moved_to_another_row_cannot_be_decrypted",
)
def bind_to_column_only(original, self, instance):
    return self.label


@mutant(
    "With wrong keys the site does not start",
    target="consultations.privacy.canary:verify_keys",
    test="tests/consultations/privacy/test_canary.py::test_wrong_keys_fail_the_check",
)
def accept_any_keys(original):
    original()
    return True


@mutant(
    "A practitioner sees only their own consultations",
    target="consultations.booking.models:ConsultationQuerySet.visible_to",
    test="tests/consultations/accounts/test_permission_bypass.py::"
    "test_practitioner_sees_only_own_consultations_in_every_list",
)
def show_all_consultations(original, self, user):
    return self.all()


@mutant(
    "An author can read no consultation",
    target="consultations.accounts.roles:get_role_permissions",
    test="tests/consultations/accounts/test_admin_permissions.py::"
    "test_each_role_can_open_exactly_its_own_admin_urls",
)
def give_authors_the_permissions_of_intake(original, role):
    from consultations.accounts.roles import INTAKE

    return original(INTAKE if role.key == "author" else role)


@mutant(
    "Where a second factor is required, staff without one can open no page",
    target="practice_site.middleware:StaffSessionMiddleware.get_redirect",
    test="tests/consultations/accounts/test_second_factor.py::"
    "test_required_second_factor_redirects_every_page_to_setup",
)
def require_no_second_factor(original, self, request):
    from django.test import override_settings

    with override_settings(SECOND_FACTOR_REQUIRED=False):
        return original(self, request)


@mutant(
    "Known and unknown logins are refused after the same amount of work",
    target="consultations.accounts.backends:StaffBackend.authenticate",
    test="tests/consultations/accounts/test_login.py::test_known_and_unknown_logins_cost_the_same_work",
)
def refuse_unknown_logins_at_once(
    original, self, request, username=None, password=None, **credentials
):
    from consultations.accounts.backends import find_user

    if find_user(username or credentials.get("email") or "") is None:
        return None
    return original(self, request, username, password, **credentials)


@mutant(
    "An erased person stays erased after a backup is restored",
    target="consultations.data_rights.tombstones:replay_tombstones",
    test="tests/consultations/data_rights/test_tombstones.py::"
    "test_replay_erases_restored_rows_of_erased_people_only",
)
def replay_nothing(original, *, now, others=None):
    return 0


@mutant(
    "An export holds exactly one person's data, also where two share a phone",
    target="consultations.data_rights.records:find_consultations",
    test="tests/consultations/data_rights/test_records.py::test_export_holds_exactly_one_persons_data",
)
def export_everybody(original, person):
    return original(person).model.objects.all()


@mutant(
    "Only the owner of an address learns whether we hold data about it",
    target="consultations.data_rights.views:request_link",
    test="tests/consultations/data_rights/test_views.py::"
    "test_known_and_unknown_emails_get_the_same_response",
)
def tell_known_addresses_apart(original, request):
    from consultations.booking.models import Consultation
    from consultations.privacy.fingerprints import email_fingerprints

    response = original(request)
    fingerprints = email_fingerprints(request.POST.get("email", ""))
    if Consultation.objects.filter(email_fingerprint__in=fingerprints).exists():
        response["Location"] += "&known"
    return response


@mutant(
    "The audit log cannot be changed",
    target="consultations.audit.triggers:create_triggers",
    test="tests/consultations/audit/test_chain.py::test_database_refuses_changes",
)
def create_no_update_trigger(original):
    from unittest import mock

    from consultations.audit import triggers

    with mock.patch.dict(triggers.TRIGGERS):
        triggers.TRIGGERS.pop("audit_entry_no_update")
        original()


@mutant(
    "A change of the audit log is found",
    target="consultations.audit.chain:verify_chain",
    test="tests/consultations/audit/test_chain.py::test_changed_column_is_located",
)
def call_every_chain_whole(original):
    from dataclasses import replace

    return replace(original(), broken_at=None, reason="")


@mutant(
    "No slot is booked twice",
    target="consultations.booking.claims:claim_slot",
    test="tests/consultations/booking/test_slot_races.py",
)
def ignore_taken_slots(original, consultation, practitioners, *args, **options):
    from consultations.booking.claims import SlotTaken

    try:
        return original(consultation, practitioners, *args, **options)
    except SlotTaken:
        return practitioners[0]


@mutant(
    "A form's address opens no other person's request",
    target="consultations.booking.submission:_is_same_person",
    test="tests/consultations/booking/test_form_key.py"
    "::test_another_person_gets_a_request_of_their_own",
)
def take_everyone_for_the_sender(original, row, details):
    return True


@mutant(
    "No email repeats what a visitor wrote",
    target="consultations.booking.emails:visitor_context",
    test="tests/test_privacy.py::test_marked_words_never_appear_in_plaintext",
)
def mail_the_note(original, consultation, practice, **extra):
    return {**original(consultation, practice, **extra), "added_text": consultation.note}


@mutant(
    "No log line contains a word a visitor wrote",
    target="practice_site.logs:JsonFormatter.format",
    test="tests/test_privacy.py::test_broken_view_leaks_nothing",
)
def log_exception_messages(original, self, record):
    import json

    line = json.loads(original(self, record))
    if record.exc_info:
        line["error"] = str(record.exc_info[1])
    return json.dumps(line)


@mutant(
    "A private link that we did not sign opens nothing",
    target="consultations.privacy.control_links:read_token",
    test="tests/consultations/privacy/test_control_links.py",
)
def accept_unsigned_tokens(original, purpose, token):
    public_id, _dash, version = token.rpartition("~")[0].partition("-")
    return (public_id, int(version)) if version.isdigit() else None


@mutant(
    "Data is deleted when its retention period ends, and not before",
    target="consultations.data_rights.retention:expired_consultations",
    test="tests/consultations/data_rights/test_retention.py::"
    "test_each_category_is_purged_exactly_on_its_day",
)
def purge_a_day_late(original, now):
    from datetime import timedelta

    return original(now - timedelta(days=1))


@mutant(
    "Only staff can read a comment until it is approved",
    target="consultations.comments.workflow:submit_comment",
    test="tests/consultations/comments/test_views.py",
)
def publish_at_once(original, *, name, text, now, **options):
    from consultations.comments.models import Comment, Status

    comment = original(name=name, text=text, now=now, **options)
    Comment.objects.filter(pk=comment.pk).update(
        status=Status.APPROVED, published_name=name, published_html=text, published_at=now
    )
    return comment


@mutant(
    "A visitor gets no cookie",
    target="practice_site.middleware:ResponseHeadersMiddleware.__call__",
    test="tests/test_privacy.py::test_marked_words_never_appear_in_plaintext",
)
@mutant(
    "No response sets a cookie for a visitor",
    target="practice_site.middleware:ResponseHeadersMiddleware.__call__",
    test="tests/test_response_headers.py::test_every_response_has_security_and_cache_headers",
)
def set_a_cookie(original, self, request):
    response = original(self, request)
    response.set_cookie("seen", "yes")
    return response


@mutant(
    "A data export needs the password and a reason",
    target="consultations.data_rights.forms:ConfirmActionForm.clean_password",
    test="tests/consultations/data_rights/test_admin.py::"
    "test_export_and_erasure_require_password_and_reason",
)
def accept_any_password(original, self):
    return self.cleaned_data["password"]


@mutant(
    "A truncated backup is refused",
    target="consultations.backups.encryption:_decrypt_age",
    test="tests/consultations/backups/test_encryption.py::test_every_truncation_is_detected",
)
def read_damage_as_the_end(original, encrypted, clear, private):
    from contextlib import suppress

    from consultations.backups.encryption import DamagedFile

    with suppress(DamagedFile):
        original(encrypted, clear, private)


@mutant(
    "A forged X-Forwarded-For header has no effect",
    target="practice_site.middleware:TrustedProxyMiddleware.__call__",
    test="tests/test_network_rate_limits.py::test_forged_headers_do_not_evade_rate_limit",
)
def trust_every_sender(original, self, request):
    if forwarded := request.META.get("HTTP_X_FORWARDED_FOR", ""):
        request.META["REMOTE_ADDR"] = forwarded.split(",")[0].strip()
    return original(self, request)


@mutant(
    "Production does not start with an unsafe configuration",
    target="practice_site.env:allowed_hosts",
    test="tests/test_unsafe_configuration.py::test_unsafe_configuration_is_refused_with_one_line",
)
def allow_any_host(original, mode, url):
    return original("demo", url)


def fails_test(mutant: Mutant, project_copy: Path) -> bool:
    """Install the broken version in the copy, run its test, and restore the file."""
    file = project_copy / mutant.file
    source = file.read_text(encoding="utf-8")
    file.write_text(mutant.mutate(source), encoding="utf-8")
    try:
        result = subprocess.run(
            ["bin/run-tests", "--no-browser", "-q", "-x", mutant.test],
            cwd=project_copy,
            env={**os.environ, "WORKERS": "0", "VENV": str(PROJECT / ".venv")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        file.write_text(source, encoding="utf-8")
    # Exit code 1: tests failed. Any other (no such test, a syntax error) proves nothing.
    return result.returncode == 1 and " failed" in result.stdout


def main(numbers: list[str]) -> int:
    """Try the mutants of these numbers, or all; 1 if a test passed in spite of one."""
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="practice-mutants-") as scratch:
        project_copy = Path(scratch) / "project"
        ignored = shutil.ignore_patterns(".git", ".venv*", "var", "__pycache__", ".*_cache")
        shutil.copytree(PROJECT, project_copy, ignore=ignored)
        for number, mutant in enumerate(MUTANTS, start=1):
            if numbers and str(number) not in numbers:
                continue
            started = time.monotonic()
            is_caught = fails_test(mutant, project_copy)
            survivors += not is_caught
            outcome = "test fails, as it must" if is_caught else "TEST STILL PASSES"
            seconds = time.monotonic() - started
            print(f"{number:2} {outcome} ({seconds:.0f} s): {mutant.promise}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
