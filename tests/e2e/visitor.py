"""A person at a browser: where he goes, what he fills in, and the errors his browser met."""

from typing import TYPE_CHECKING, Any

from demonstration import Node

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

WIDE = {"width": 1440, "height": 900}
PATIENCE = 15_000  # milliseconds that a page may take on a busy machine


class Visitor:
    """One browser context with one page."""

    def __init__(self, browser: "Browser", node: Node, language: str = "zh-hans", theme: str = "light") -> None:
        self.node = node
        self.context = browser.new_context(
            viewport=WIDE, locale="zh-CN" if language == "zh-hans" else "en-GB", timezone_id="Asia/Shanghai"
        )
        self.context.set_default_timeout(PATIENCE)
        cookies = {"bashu_language": language, "bashu_theme": theme}
        self.context.add_cookies(
            [{"name": name, "value": value, "url": node.address} for name, value in cookies.items()]
        )
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def heard(self, message: Any) -> None:
        """Keep what the browser complains of: script errors and what the content security policy refused."""
        if message.type == "error":
            self.faults.append(f"{self.page.url}: {message.text}")

    def go(self, path: str, status: int = 200) -> "Response":
        """Open a page of the node; its status must be as said. A refusal's own line on the console is no fault then."""
        response = self.page.goto(self.node.address + path, wait_until="load")
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        if status >= 400:
            self.forgive(f"status of {status}")
        return response

    def forgive(self, words: str) -> None:
        """Forget complaints that a test asked for."""
        self.faults = [fault for fault in self.faults if words not in fault]

    def send(self, status: int = 200) -> None:
        """Press the page's prominent button and wait for the answer; a refusal's status must be as said."""
        self.press("main .primary", status)

    def press(self, selector: str, status: int = 200) -> None:
        """Press a button that leads to a page with this status."""
        with self.page.expect_navigation(wait_until="load") as navigation:
            self.page.click(selector)
        answered = navigation.value.status
        assert answered == status, f"{self.page.url} answered {answered}: {self.page.inner_text('main')[:400]}"
        if status >= 400:
            self.forgive(f"status of {status}")

    def sign_in(self, email: str, password: str | None = None, status: int = 200) -> None:
        """Sign in; without a password, with that of the demonstration's log-in."""
        self.go("/accounts/login/")
        self.page.fill("#id_login", email)
        self.page.fill("#id_password", self.node.password(email) if password is None else password)
        self.send(status)

    def go_sensitive(self, path: str, email: str) -> None:
        """Open a page that asks for the password once more."""
        self.go(path)
        assert "/reauthenticate/" in self.page.url, f"{path} did not ask again"
        self.page.fill("#id_password", self.node.password(email))
        self.send()

    def text(self, selector: str = "main") -> str:
        """The visible text of an element."""
        return self.page.inner_text(selector)

    def await_text(self, path: str, selector: str, words: str) -> None:
        """Open a page until an element's text holds the words: for what the sealer does a moment after the answer."""
        for _ in range(60):
            self.go(path)
            if words in self.text(selector):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{path} never said {words!r}: {self.text(selector)[:400]}")


class Visitors:
    """The visitors of one test."""

    def __init__(self, browser: Any, node: Node) -> None:
        self.browser = browser
        self.node = node
        self.here: list[Visitor] = []

    def enter(self, email: str = "", **options: str) -> Visitor:
        """A new visitor, signed in with a log-in of the demonstration when one is named."""
        visitor = Visitor(self.browser, self.node, **options)
        self.here.append(visitor)
        if email:
            visitor.sign_in(email)
        return visitor

    def leave(self) -> None:
        """Close every browser context; complaints of any fail the test."""
        for visitor in self.here:
            visitor.context.close()
        faults = [fault for visitor in self.here for fault in visitor.faults]
        assert not faults, faults
