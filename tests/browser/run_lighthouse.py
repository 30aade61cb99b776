"""Run Lighthouse on every kind of page of the demo site, for ``bin/check-lighthouse``.

Run as ``python -m tests.browser.run_lighthouse LIGHTHOUSE [CATEGORIES]``. For pages that are
noindex on purpose (private pages, the 404 page), the SEO audit for indexing is ignored.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.browser.demo_site import DemoSite, PageResponse, running_demo
from tests.browser.page_states import PAGE_STATES

CATEGORIES = "accessibility,seo"
CHROME_FLAGS = "--chrome-flags=--headless --no-sandbox --disable-gpu"
NOINDEX_AUDITS = frozenset({"is-crawlable", "http-status-code"})


def main(lighthouse: str, categories: str = CATEGORIES) -> int:
    with (
        tempfile.TemporaryDirectory(prefix="practice-lighthouse-") as data,
        running_demo(Path(data)) as site,
    ):
        return audit_all_pages(site, lighthouse, categories)


def audit_all_pages(site: DemoSite, lighthouse: str, categories: str) -> int:
    short, pages = 0, [surface for surface in PAGE_STATES if not surface.press]
    for surface in pages:
        path = surface.address(site)
        report = run_lighthouse(site.url + path, lighthouse, categories)
        faults = failed_audits(report, is_kept_out=is_noindex(site.get(path)))
        short += bool(faults)
        print(surface.name, *(faults or ["has nothing to mend"]), sep=": ", flush=True)
    print(f"{len(pages)} pages, {short} with something to mend")
    return 1 if short else 0


def is_noindex(answer: PageResponse) -> bool:
    """Return whether a page is marked noindex."""
    return "noindex" in answer.headers.get("x-robots-tag", "") or 'content="noindex' in answer.text


def run_lighthouse(address: str, lighthouse: str, categories: str) -> dict[str, Any]:
    command = [
        lighthouse, address, "--quiet", CHROME_FLAGS, f"--only-categories={categories}",
        "--output=json", "--output-path=stdout", "--ignore-status-code",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=True, timeout=180)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def failed_audits(report: dict[str, Any], *, is_kept_out: bool) -> list[str]:
    """Return the failed audits that affect the score, or the error if the page did not load."""
    if error := report.get("runtimeError"):
        return [str(error.get("code"))]
    faults = []
    for category in report["categories"].values():
        for part in category["auditRefs"]:
            score = report["audits"][part["id"]]["score"]
            is_meant = is_kept_out and part["id"] in NOINDEX_AUDITS
            if part["weight"] and score is not None and score < 1 and not is_meant:
                faults.append(f"{part['id']} ({score})")
    return faults


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
