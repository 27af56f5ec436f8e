"""What stands behind the channel in Rasa's server."""

from collections.abc import Callable

from rasa.core.agent import Agent

from assistant.web_channel import trackers
from assistant.web_channel.actions_endpoint import protect
from assistant.web_channel.configuration import Configuration
from assistant.web_channel.inbox import Inbox
from assistant.web_channel.kept import Kept
from assistant.web_channel.parts import Behind
from assistant.web_channel.rooms import Rooms
from assistant.web_channel.session_tokens import Tokens
from assistant.web_channel.talking import Talking
from assistant.web_channel.telling import Push, Telling
from assistant.web_channel.turn import Turns
from assistant.web_channel.words import Words

KEPT = "web_kept.db"


def behind(
    configuration: Configuration,
    tokens: Tokens,
    words: Words,
    agent: Callable[[], Agent],
    rooms: Rooms,
) -> Behind:
    """The real ones; nothing is opened yet."""

    async def paused(sender: str) -> bool:
        return await trackers.is_paused(agent(), sender)

    def protected() -> None:
        trackers.guard(agent())
        protect(agent(), words)

    talking = Talking(configuration.tickets_url, paused)

    # Each needs the other: what is kept for the app is answered with a notice, which may be kept.
    async def tell(push: Push) -> None:
        await telling.tell(push)

    inbox = Inbox(configuration.actions_url, tokens.service, tell)
    kept = Kept(
        configuration.state_dir / KEPT,
        {"inbox": inbox.deliver, "tracker": trackers.delivery(agent)},
    )
    telling = Telling(rooms, talking, kept, agent)
    return Behind(Turns(agent, talking, kept, words), talking, kept, protected)
