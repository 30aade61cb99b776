"""Write every page of the demo site to files, for ``bin/check-html``.

Run as ``python -m tests.browser.render_pages DIRECTORY``.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.browser.demo_site import DemoSite, PageResponse, running_demo
from tests.browser.page_states import ARTICLE_PATH, PAGE_STATES


def demo_pages(site: DemoSite) -> Iterator[tuple[str, PageResponse]]:
    for path in site.public_pages():
        yield path, site.get(path)
    for surface in PAGE_STATES:
        if surface.press == "":
            yield surface.name, site.get(surface.address(site))
    yield "faulty request", site.request("POST", "/consultation/details/", {"name": ""})
    yield (
        "faulty comment",
        site.request("POST", f"{ARTICLE_PATH}comments/", {"name": "x@example.org"}),
    )
    yield (
        "somebody elsewhere",
        site.request("POST", "/consultation/details/", {"location": "elsewhere"}),
    )
    cancelled = site.ask()
    site.request("POST", f"{cancelled}cancel/", {})
    yield "request taken back", site.get(cancelled)
    withdrawn = site.comment(ARTICLE_PATH, text="Soon to be gone.")
    site.request("POST", f"{withdrawn}withdraw/", {})
    yield "comment taken back", site.get(withdrawn)
    for file in sorted((site.data / "errors").glob("*.html")):
        yield f"error {file.stem}", PageResponse(200, {}, file.read_text(encoding="utf-8"))


def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="practice-pages-") as data,
        running_demo(Path(data)) as site,
    ):
        for number, (name, answer) in enumerate(demo_pages(site), start=1):
            label = "".join(c if c.isalnum() else "-" for c in name).strip("-") or "home"
            file = folder / f"{number:03}-{label[:60]}.html"
            file.write_text(answer.text, encoding="utf-8")
    print(f"{number} pages")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
