"""The promises that matter most, each with a line that breaks it and the test that must then fail.

``make mutants`` copies the project, breaks one line at a time, and runs that one test: it has to
go red. A test that stays green holds nothing. tests/test_mutants.py sees to it that the lines named
here are those of the code, and that docs/test-suite.md lists every promise.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Mutant:
    promise: str
    file: str
    line: str
    broken: str
    test: str


MUTANTS = [
    Mutant(
        "What visitors write is encrypted in the database",
        "consultations/privacy/encryption.py",
        "    sealed = _cipher_for_key_id(key_id).encrypt(\n"
        '        nonce, clear.encode("utf-8"), header + cell.encode("utf-8")\n    )',
        '    sealed = clear.encode("utf-8") + bytes(16)',
        "tests/test_data_map.py::test_encrypted_columns_store_no_plaintext",
    ),
    Mutant(
        "A cell moved to another row cannot be read there",
        "consultations/privacy/fields.py",
        '        return f"{self.label}:{instance.uuid}"  # type: ignore[attr-defined]',
        "        return self.label",
        "tests/consultations/privacy/test_fields.py::test_value_moved_to_another_row_cannot_be_decrypted",
    ),
    Mutant(
        "With wrong keys the site does not start",
        "consultations/privacy/canary.py",
        "    except DecryptionError:\n        return _repair_if_damaged(row, encrypted)",
        "    except DecryptionError:\n        return True",
        "tests/consultations/privacy/test_canary.py::test_wrong_keys_fail_the_check",
    ),
    Mutant(
        "A practitioner reads their own consultations alone",
        "consultations/booking/models.py",
        "        return self.filter(practitioner__user=user.pk) if user.pk else self.none()",
        "        return self.all()",
        "tests/consultations/accounts/test_permission_bypass.py::"
        "test_practitioner_sees_only_own_consultations_in_every_list",
    ),
    Mutant(
        "An author cannot read one consultation",
        "consultations/accounts/roles.py",
        '        "pages.view_article",\n        "pages.add_article",',
        '        "consultations.view_consultation",\n        "consultations.work_for_everybody",',
        "tests/consultations/accounts/test_admin_permissions.py::test_each_role_can_open_exactly_its_own_admin_urls",
    ),
    Mutant(
        "Where a second factor is required, staff without one open nothing",
        "consultations/accounts/middleware.py",
        "        if settings.SECOND_FACTOR_REQUIRED and not "
        'getattr(row, "has_second_factor", False):',
        "        if not row:",
        "tests/consultations/accounts/test_second_factor.py::"
        "test_required_second_factor_redirects_every_page_to_setup",
    ),
    Mutant(
        "Known and unknown logins are refused after the same work",
        "consultations/accounts/backends.py",
        "            User().set_password(password)",
        "            pass",
        "tests/consultations/accounts/test_login.py::test_known_and_unknown_logins_cost_the_same_work",
    ),
    Mutant(
        "Who was erased stays erased after a backup has been put back",
        "consultations/data_rights/tombstones.py",
        "        if _record_digest(key, row) in erased_at or "
        "(until is not None and row.created_at <= until):",
        "        if until is not None and row.created_at > until:",
        "tests/consultations/data_rights/test_tombstones.py::"
        "test_replay_erases_restored_rows_of_erased_people_only",
    ),
    Mutant(
        "An export holds all and only theirs, also where two share a phone",
        "consultations/data_rights/records.py",
        "        return Consultation.objects.filter(email_fingerprint__in=fingerprints)",
        "        return Consultation.objects.exclude(email_fingerprint__in=[])",
        "tests/consultations/data_rights/test_records.py::test_export_holds_exactly_one_persons_data",
    ),
    Mutant(
        "Whether we hold anything is told to the address itself only",
        "consultations/data_rights/views.py",
        "    if limits.consume(ADDRESS_LIMITS, normalize_email(address), now=now):",
        "    if export.collect_records(person_with_email(address)):",
        "tests/consultations/data_rights/test_views.py::"
        "test_known_and_unknown_emails_get_the_same_response",
    ),
    Mutant(
        "The audit log cannot be changed",
        "consultations/audit/triggers.py",
        '    "audit_entry_no_update": (ENTRY_TABLE, "UPDATE", ""),\n',
        "",
        "tests/consultations/audit/test_chain.py::test_database_refuses_changes",
    ),
    Mutant(
        "A changed audit log shows",
        "consultations/audit/chain.py",
        "            if not is_same_digest(entry.mac, entry_mac(key, previous, entry)):",
        "            if entry.mac == previous:",
        "tests/consultations/audit/test_chain.py::test_changed_column_is_located",
    ),
    Mutant(
        "No two people get one time",
        "consultations/booking/claims.py",
        "                TimeClaim.objects.bulk_create(\n"
        "                    TimeClaim(consultation=consultation, practitioner=person, cell=cell)\n"
        "                    for cell in wanted\n"
        "                )",
        "                facts = {'consultation': consultation, 'practitioner': person}\n"
        "                claims = [TimeClaim(**facts, cell=cell) for cell in wanted]\n"
        "                TimeClaim.objects.bulk_create(claims, ignore_conflicts=True)",
        "tests/consultations/booking/test_slot_races.py",
    ),
    Mutant(
        "No mail repeats what somebody wrote",
        "consultations/booking/emails.py",
        '    return {\n        "practice": practice,\n        "reference": consultation.reference,',
        '    return {\n        "practice": practice,\n        "reference": consultation.note,',
        "tests/test_privacy.py::test_marked_words_never_appear_in_plaintext",
    ),
    Mutant(
        "No log line holds a word of a visitor",
        "practice_site/logs.py",
        '            line["error"] = record.exc_info[0].__name__',
        '            line["error"] = str(record.exc_info[1])',
        "tests/test_privacy.py::test_broken_view_leaks_nothing",
    ),
    Mutant(
        "A visitor's link that we did not sign opens nothing",
        "consultations/privacy/control_links.py",
        "        value = _signer(purpose).unsign(token)",
        '        value = token.rpartition("~")[0]',
        "tests/consultations/privacy/test_control_links.py",
    ),
    Mutant(
        "What is past its time is deleted, and nothing before",
        "consultations/data_rights/retention.py",
        "        limit = now - timedelta(days=consent.consent_retention_days(version))",
        "        limit = now - timedelta(days=consent.consent_retention_days(version) + 1)",
        "tests/consultations/data_rights/test_retention.py::"
        "test_each_category_is_purged_exactly_on_its_day",
    ),
    Mutant(
        "A comment is read by nobody but staff until it is approved",
        "consultations/comments/workflow.py",
        "            status=result.status,\n            name=name,",
        "            status=Status.APPROVED,\n            published_html=text,\n"
        "            published_name=name,\n            published_at=now,\n            name=name,",
        "tests/consultations/comments/test_views.py",
    ),
    Mutant(
        "A visitor gets no cookie",
        "practice_site/middleware.py",
        "            response.cookies.clear()",
        "            response.cookies['seen'] = '1'",
        "tests/test_privacy.py::test_marked_words_never_appear_in_plaintext",
    ),
    Mutant(
        "A person's data leave only after the password and a reason",
        "consultations/data_rights/forms.py",
        "        if not self.user.check_password(password):",
        "        if not password:",
        "tests/consultations/data_rights/test_admin.py::"
        "test_export_and_erasure_require_password_and_reason",
    ),
    Mutant(
        "A cut backup is refused",
        "consultations/backups/encryption.py",
        "        if error.errno is not None:",
        "        if error.errno is None:\n            return",
        "tests/consultations/backups/test_encryption.py::test_every_truncation_is_detected",
    ),
    Mutant(
        "A forged X-Forwarded-For changes nothing",
        "practice_site/middleware.py",
        '        if not self.is_trusted(request.META.get("REMOTE_ADDR", "")):',
        "        if not forwarded:",
        "tests/test_network_rate_limits.py::test_forged_headers_do_not_evade_rate_limit",
    ),
    Mutant(
        "Production with an unsafe configuration does not start",
        "practice_site/env.py",
        '    if any(host.strip(".") in ("", "*") for host in hosts):',
        '    if "everybody" in hosts:',
        "tests/test_unsafe_configuration.py::test_unsafe_configuration_is_refused_with_one_line",
    ),
    Mutant(
        "No answer sets a cookie for a visitor",
        "practice_site/middleware.py",
        "            response.cookies.clear()",
        '            response.set_cookie("seen", "yes")',
        "tests/test_response_headers.py::test_every_response_has_security_and_cache_headers",
    ),
]


def is_caught(mutant: Mutant, copy: Path) -> bool:
    """Break the line in the copy, run the test, mend the line again."""
    file = copy / mutant.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(mutant.line, mutant.broken, 1), encoding="utf-8")
    try:
        done = subprocess.run(
            ["bin/run-tests", "--no-browser", "-q", "-x", mutant.test],
            cwd=copy,
            env={**os.environ, "WORKERS": "0", "VENV": str(PROJECT / ".venv")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        file.write_text(whole, encoding="utf-8")
    # 1: tests failed. Anything else (no such test, a syntax error) proves nothing.
    return done.returncode == 1 and " failed" in done.stdout


def main(wanted: list[str]) -> int:
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="practice-mutants-") as scratch:
        copy = Path(scratch) / "project"
        leave_out = shutil.ignore_patterns(".git", ".venv*", "var", "__pycache__", ".*_cache")
        shutil.copytree(PROJECT, copy, ignore=leave_out)
        for number, mutant in enumerate(MUTANTS, start=1):
            if wanted and str(number) not in wanted:
                continue
            begun = time.monotonic()
            red = is_caught(mutant, copy)
            survivors += not red
            word = "red, as it must be" if red else "STAYS GREEN"
            seconds = time.monotonic() - begun
            print(f"{number:2} {word} ({seconds:.0f} s): {mutant.promise}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
