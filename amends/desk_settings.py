"""Settings of the agents' desk, of what is delivered to helpdesks, and of what is kept how long."""

from pydantic import Field
from pydantic_settings import BaseSettings

from amends.setting_types import (
    BrowserPort,
    OpeningHours,
    OptionalSecret,
    OptionalUrl,
    SmtpUrl,
    TimeZone,
    WebhookSecret,
)


class DeskSettings(BaseSettings):
    """Part of the one settings object, see `amends.settings`."""

    desk_port: BrowserPort = Field(5070, description="Port of the agents' desk.")
    desk_url: OptionalUrl = Field(
        "",
        description="Address of the desk as agents see it, such as https://desk.shop.example; "
        "empty means this machine's. With https the cookies are for https alone.",
    )
    oidc_issuer: OptionalUrl = Field(
        "",
        description="Issuer of OpenID Connect that agents sign in with; empty means local accounts "
        "alone.",
    )
    oidc_client_id: str = Field("", description="What the issuer calls the desk.")
    oidc_client_secret: OptionalSecret = Field(
        None, description="What the desk proves that to the issuer with."
    )
    webhook_url: OptionalUrl = Field(
        "", description="Where tickets are posted to (Standard Webhooks); empty means nowhere."
    )
    webhook_secret: WebhookSecret = Field(
        None, description="Signs the webhooks: whsec_ and 24 to 64 bytes in base64."
    )
    smtp_url: SmtpUrl = Field(
        None,
        description="Server for mail, such as smtp://name:password@mail.shop.example:587; "
        "smtps:// for TLS from the start; empty means that no mail is sent.",
    )
    mail_from: str = Field("", description="Sender of mail about tickets.")
    mail_to: str = Field("", description="Who gets mail about tickets, with commas between them.")
    opening_hours: OpeningHours = Field(
        "24/7",
        description="When agents are there, as OpenStreetMap writes it: Mo-Fr 09:00-17:00; PH off.",
    )
    time_zone: TimeZone = Field(
        "UTC", description="Time zone of the opening hours, as Europe/Rome."
    )
    retention_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days after which closed tickets and what was said are deleted; 0: never.",
    )
