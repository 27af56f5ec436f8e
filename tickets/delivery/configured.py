"""The connectors that the settings name."""

from amends.settings import Settings, SettingsError
from tickets.delivery.chat import ChatConnector
from tickets.delivery.connectors import Connector, Connectors
from tickets.delivery.mail import MailConnector
from tickets.delivery.webhook import WebhookConnector


def connectors(settings: Settings) -> Connectors:
    """The chat always, webhook and mail where they are set.

    Raises:
        SettingsError: one is set in part; names what is missing.
    """
    helpdesks = [*_webhook(settings), *_mail(settings)]
    return {"chat": (ChatConnector(settings),), "ticket": tuple(helpdesks)}


def hears_tickets(settings: Settings) -> bool:
    """Whether anybody but the desk hears of tickets."""
    return bool(settings.webhook_url or settings.smtp_url)


def _webhook(settings: Settings) -> list[Connector]:
    if not settings.webhook_url:
        return []
    if settings.webhook_secret is None:
        raise SettingsError(
            "AMENDS_WEBHOOK_SECRET: expected a secret that signs what is posted to "
            'AMENDS_WEBHOOK_URL, found none. `echo "whsec_$(openssl rand -base64 32)"` prints one.'
        )
    return [WebhookConnector(settings.webhook_url, settings.webhook_secret)]


def _mail(settings: Settings) -> list[Connector]:
    if settings.smtp_url is None:
        return []
    for name in ("mail_from", "mail_to"):
        value = getattr(settings, name)
        if "@" not in value or not value.isprintable():
            raise SettingsError(
                f"AMENDS_{name.upper()}: expected an address such as support@shop.example, because "
                f"AMENDS_SMTP_URL is set; found {value!r}."
            )
    mail = MailConnector(
        settings.smtp_url, settings.mail_from, settings.mail_to, settings.desk_address
    )
    return [mail]
