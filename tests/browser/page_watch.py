"""Record a page's console messages, requests and responses while it is used."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, Request, Response


@dataclass
class PageWatch:
    """Collect console messages, failed requests and requests to other hosts."""

    home: str
    messages: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def complaints(self) -> list[str]:
        return self.messages + self.elsewhere + self.failed

    def responses_without_csp(self) -> list[str]:
        """Return the URLs of responses without our Content-Security-Policy."""
        return [
            response.url
            for response in self.responses
            if "default-src 'none'" not in response.headers.get("content-security-policy", "")
        ]


def watch_page(page: Page, home: str) -> PageWatch:
    watch = PageWatch(home)

    def requested(url: str) -> None:
        if not url.startswith((f"{home}/", "data:")):
            watch.elsewhere.append(url)

    def failed(request: Request) -> None:
        # Chromium aborts pending requests, such as the icon, when another page is opened.
        if request.failure != "net::ERR_ABORTED":
            watch.failed.append(request.url)

    page.on("console", lambda message: watch.messages.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: watch.messages.append(f"{page.url}: {error}"))
    page.on("request", lambda request: requested(request.url))
    page.on("requestfailed", failed)
    page.on("response", lambda response: watch.responses.append(response))
    return watch
