"""Rasa's end of the web channel, named in `credentials.yml`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint

from assistant.web_channel.behind import behind
from assistant.web_channel.blueprint import WebBlueprint
from assistant.web_channel.configuration import Configuration
from assistant.web_channel.limits import Limits


class WebChannel(InputChannel):
    """Talks with the widget; README.md describes the protocol.

    Args:
        configuration: keys, origins and addresses.
        limits: how much may be sent.
    """

    def __init__(self, configuration: Configuration, limits: Limits | None = None) -> None:
        self._configuration = configuration
        self._limits = limits or Limits()

    @classmethod
    def name(cls) -> str:
        """What Rasa calls the channel, and the last part of its path."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> "WebChannel":
        """Made by Rasa at its start.

        Raises:
            ConfigurationError: a value cannot be used; names its variable.
        """
        return cls(Configuration.read(credentials))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's addresses.

        Messages reach the agent through `turn`: Rasa's callback says nothing when it fails.
        """
        return WebBlueprint(self._configuration, self._limits, behind)
