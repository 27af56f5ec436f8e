"""An issuer of OpenID Connect that keeps its side of the contract, and refuses who does not."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "desk", "the-client's-secret"
KID = "key-1"


class IssuerServer:
    """What it knows, and how it misbehaves.

    Attributes:
        person: Claims about whoever signs in.
        changes: Claims of the token that are changed at the end, None to leave one out.
        forged: Signs with a key of nobody.
        unsigned: Signs not at all.
        claimed_issuer: What it calls itself in its metadata.
    """

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.url = self.claimed_issuer = ""
        self.key, self.other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.person = {"sub": "sub-1", "email": "ada@shop.example", "email_verified": True}
        self.changes: dict[str, object] = {}
        self.forged = self.unsigned = False
        self.refused: list[str] = []
        self._grants: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.claimed_issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            # As some issuers do offer.
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        expected = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self.callback,
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in expected.items() if query.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge") if not query.get(name)]
        if wrong or "openid" not in query.get("scope", "").split():
            self.refused.append(f"authorize: {wrong}")
            return f"{self.callback}?error=invalid_request&state={query.get('state')}"
        code = secrets.token_urlsafe()
        self._grants[code] = query
        return f"{self.callback}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, authorization: str, form: dict[str, str]) -> dict[str, object] | None:
        """Tokens for a code; None, and why, for a request that breaks the contract."""
        grant = self._grants.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        faults = {
            "client": basic != f"{CLIENT}:{SECRET}",
            "grant_type": form.get("grant_type") != "authorization_code",
            "code": grant is None,
            "redirect_uri": form.get("redirect_uri") != self.callback,
            "verifier": grant is not None and challenge != grant["code_challenge"],
        }
        if any(faults.values()) or grant is None:
            self.refused.append(f"token: {[name for name, wrong in faults.items() if wrong]}")
            return None
        tokens = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer"}
        return {**tokens, "expires_in": 60, "id_token": self._id_token(grant["nonce"])}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.claimed_issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce,
            **self.person, **self.changes,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            return jwt.encode(claims, None, "none")
        key = self.other if self.forged else self.key
        return jwt.encode(claims, key, "RS256", {"kid": KID})

    def keys(self) -> dict[str, object]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}


@contextmanager
def serving(callback: str) -> Iterator[IssuerServer]:
    """Start it on a free port of this machine."""
    issuer = IssuerServer(callback)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(issuer))
    issuer.url = issuer.claimed_issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()


def _handler(issuer: IssuerServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("location", issuer.authorize(_flat(parts.query)))
                self.send_header("content-length", "0")
                self.end_headers()
                return
            pages = {"/.well-known/openid-configuration": issuer.metadata, "/jwks": issuer.keys}
            self._answer(pages[parts.path]() if parts.path in pages else None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer(issuer.token(self.headers.get("authorization", ""), _flat(body)))

        def _answer(self, content: dict[str, object] | None) -> None:
            body = json.dumps(content or {"error": "invalid_grant"}).encode()
            self.send_response(400 if content is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
