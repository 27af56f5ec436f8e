"""The issuer of OpenID Connect that agents can sign in with, if the shop has one."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, Request, Response
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware

from amends.errors import AmendsError
from amends.service_tokens import service_key
from amends.settings import Settings
from desk.security.cookies import is_https

PATH = "/sign-in/oidc"
CALLBACK = f"{PATH}/callback"
AGE_S = 600
TIMEOUT_S = 10
# Never "none", and none that is signed with the shared secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class IssuerError(AmendsError):
    """Nobody was signed in: the issuer, or what came from it, is not as it has to be."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as the issuer says.

    Attributes:
        subject: What it calls them, for good.
        email: Their address, only if it made sure that it is theirs.
    """

    subject: str
    email: str | None


class Issuer:
    """Sends browsers there and checks what they come back with.

    Args:
        settings: Where it is and what it calls the desk.

    Raises:
        IssuerError: it has not been set what it calls the desk.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.oidc_client_id:
            raise IssuerError(
                "AMENDS_OIDC_CLIENT_ID: expected what the issuer calls the desk, found nothing. "
                "Set it, or leave AMENDS_OIDC_ISSUER empty."
            )
        self.address = settings.oidc_issuer
        self._callback = f"{settings.desk_address}{CALLBACK}"
        self._client = _client(settings)

    async def send(self, request: Request) -> Response:
        """Send a browser there.

        Raises:
            IssuerError: it cannot be reached or is another one.
        """
        try:
            await self._check_metadata()
            answer: Response = await self._client.authorize_redirect(request, self._callback)
        except (AuthlibBaseError, httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise _unexpected(self.address, error) from error
        return answer

    async def identity(self, request: Request) -> Identity:
        """Who has come back from there.

        Raises:
            IssuerError: nobody whose coming back can be trusted.
        """
        try:
            checks = {
                "iss": {"essential": True, "value": await self._check_metadata()},
                "aud": {"essential": True, "value": self._client.client_id},
            }
            token = await self._client.authorize_access_token(request, claims_options=checks)
            claims = token["userinfo"]
        except (
            AuthlibBaseError, JoseError, httpx2.HTTPError, KeyError, ValueError, RuntimeError
        ) as error:  # fmt: skip
            raise _unexpected(self.address, error) from error
        is_verified = claims.get("email_verified") is True
        email = claims.get("email") if is_verified else None
        return Identity(str(claims["sub"]), email if isinstance(email, str) else None)

    async def _check_metadata(self) -> str:
        metadata = await self._client.load_server_metadata()
        if str(metadata.get("issuer")).rstrip("/") != self.address:
            raise ValueError(f"an issuer that calls itself {metadata.get('issuer')!r}")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        good = [name for name in offered if name in ALGORITHMS]
        metadata["id_token_signing_alg_values_supported"] = good or ["RS256"]
        return str(metadata["issuer"])


def install(app: FastAPI, settings: Settings) -> None:
    """Give the app its issuer, None without one, and the cookie that a sign-in there needs.

    Raises:
        IssuerError: a setting is missing.
        ServiceKeyError: there is no key to sign the cookie with.
    """
    app.state.issuer = Issuer(settings) if settings.oidc_issuer else None
    if app.state.issuer is None:
        return
    app.add_middleware(
        SessionMiddleware,
        secret_key=_derived_key(settings),
        session_cookie="__Secure-amends_oidc" if is_https(settings) else "amends_oidc",
        path=PATH,
        max_age=AGE_S,
        same_site="lax",
        https_only=is_https(settings),
    )


def _client(settings: Settings) -> Any:  # noqa: ANN401 - authlib has no types
    secret = settings.oidc_client_secret
    method = "client_secret_basic" if secret else "none"
    return OAuth().register(
        "issuer",
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": method,
            "timeout": TIMEOUT_S,
        },
    )


def _derived_key(settings: Settings) -> str:
    # Another purpose, another key: neither can be used in place of the other.
    return hmac.new(service_key(settings).encode(), b"amends desk oidc", sha256).hexdigest()


def _unexpected(address: str, error: Exception) -> IssuerError:
    # Its words may hold codes and tokens; its kind says enough.
    return IssuerError(
        f"Expected an answer of {address} that can be trusted, found {type(error).__name__}. "
        "Check AMENDS_OIDC_ISSUER, AMENDS_OIDC_CLIENT_ID and AMENDS_OIDC_CLIENT_SECRET."
    )
