"""A browser as far as the desk's tests need one: cookies, and the tokens of its forms."""

import re

from fastapi.testclient import TestClient

ADDRESS = "http://127.0.0.1:5070"
PASSWORD = "four words nobody pairs"
FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
HEADER = re.compile(r"hx-headers='\{\"X-CSRF-Token\": \"([^\"]+)\"\}'")


class Browser(TestClient):
    """Keeps cookies; follows no redirect unless asked to."""

    def __init__(self, app, address="192.0.2.1", base_url=ADDRESS, **options):
        options = {"follow_redirects": False, "client": (address, 50000), **options}
        super().__init__(app, base_url=base_url, **options)

    def token(self, path="/account"):
        """The CSRF token of a page."""
        found = FIELD.search(self.get(path).text)
        assert found, f"no form at {path}"
        return found[1]

    def submit(self, path, page="/account", **fields):
        """Send the form of a page."""
        return self.post(path, data={"csrf_token": self.token(page), **fields})

    def sign_in(self, login, password=PASSWORD, **fields):
        """Fill in the sign-in page."""
        return self.submit("/sign-in", "/sign-in", login=login, password=password, **fields)
