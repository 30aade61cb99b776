"""What a page says in the console, fetches and answers while somebody uses it."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, Request, Response


@dataclass
class PageWatch:
    """Everything that a quiet page does not do."""

    home: str
    messages: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def complaints(self) -> list[str]:
        return self.messages + self.elsewhere + self.failed

    def responses_without_csp(self) -> list[str]:
        """Answers that carry no content security policy; what the browser made up has none."""
        return [
            response.url
            for response in self.responses
            if "default-src 'none'" not in response.headers.get("content-security-policy", "")
        ]


def watch_page(page: Page, home: str) -> PageWatch:
    seen = PageWatch(home)

    def requested(url: str) -> None:
        if not url.startswith((f"{home}/", "data:")):
            seen.elsewhere.append(url)

    def failed(request: Request) -> None:
        # Chromium drops what it still loads, such as the icon, when the next page is opened.
        if request.failure != "net::ERR_ABORTED":
            seen.failed.append(request.url)

    page.on("console", lambda message: seen.messages.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: seen.messages.append(f"{page.url}: {error}"))
    page.on("request", lambda request: requested(request.url))
    page.on("requestfailed", failed)
    page.on("response", lambda response: seen.responses.append(response))
    return seen
