"""The steps of escalation and delivery at which a part is killed."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from ledger import Shopper
from stage import COMPLAINTS, Stage

HELPDESK_S = 40.0

Step = Callable[[Stage, str], Coroutine[Any, Any, Sequence[Shopper]]]
"""Kills the part at this step and starts it anew; gives the shoppers that it concerned."""


async def first_complaint(stage: Stage, part: str) -> Sequence[Shopper]:
    """Shoppers complain for the first time, each a little later than the one before."""
    shoppers = [*await stage.web(4), stage.rest()]
    random.shuffle(shoppers)
    await _killed_amid(stage, part, [_complains(one) for one in shoppers])
    return shoppers


async def committed_but_not_answered(stage: Stage, part: str) -> Sequence[Shopper]:
    """A case is in the database, and nobody was told."""
    shoppers = [*await stage.web(4), stage.rest()]
    random.shuffle(shoppers)
    deeds = [_complains(one) for one in shoppers]
    await stage.kill_amid(deeds, partial(stage.kill_at_commit, part), at_once=True)
    await asyncio.to_thread(stage.parts.start, part)
    await stage.finish()
    return shoppers


async def more_while_waiting(stage: Stage, part: str) -> Sequence[Shopper]:
    """Shoppers who wait for a person write again."""
    shoppers = [*await stage.web(4), stage.rest()]
    await stage.waiting(shoppers)
    await _killed_amid(stage, part, [_complains(one) for one in shoppers])
    return shoppers


async def agent_comes_and_goes(stage: Stage, part: str) -> Sequence[Shopper]:
    """An agent claims cases, and leaves others by handing back and resolving."""
    shoppers = await stage.web(4)
    references = await stage.waiting(shoppers)
    chats = list(zip(references, shoppers, strict=True))
    for chat in chats[2:]:
        await stage.comes(*chat)
    deeds = [partial(stage.comes, *chat) for chat in chats[:2]]
    deeds += [partial(stage.agent.hand_back, references[2])]
    deeds += [partial(stage.agent.resolve, references[3])]
    random.shuffle(deeds)
    await _killed_amid(stage, part, deeds)
    for reference in references[:2]:
        await stage.agent.resolve(reference)
    return shoppers


async def agent_and_shopper_talk(stage: Stage, part: str) -> Sequence[Shopper]:
    """An agent replies while the shopper writes."""
    shoppers = await stage.web(3)
    chats = list(zip(await stage.waiting(shoppers), shoppers, strict=True))
    for chat in chats:
        await stage.comes(*chat)
        await stage.replies(*chat, "Hello, I am looking into it.")
    deeds: list[Callable[[], Awaitable[object]]] = []
    for chat in chats:
        deeds += [_complains(chat[1]), partial(stage.replies, *chat, "I have found your order.")]
    await _killed_amid(stage, part, deeds)
    for reference, shopper in chats:
        await stage.replies(reference, shopper, "You get your money back today.")
        await stage.agent.resolve(reference)
    return shoppers


async def before_it_is_taken(stage: Stage, part: str) -> Sequence[Shopper]:
    """Events are in the outbox, and the deliveries look for them now and then."""
    shoppers = await stage.web(2)
    await _killed_amid(stage, part, [_complains(one) for one in shoppers])
    return shoppers


async def sent_but_not_received(stage: Stage, part: str) -> Sequence[Shopper]:
    """The helpdesk has the request and dies with it."""
    return await _at_helpdesk(stage, part, "before")


async def received_but_not_noted(stage: Stage, part: str) -> Sequence[Shopper]:
    """The helpdesk takes the event; that it did never comes back."""
    return await _at_helpdesk(stage, part, "after")


async def _at_helpdesk(stage: Stage, part: str, moment: str) -> Sequence[Shopper]:
    killed = threading.Event()

    def kill() -> None:
        stage.parts.kill(part)
        killed.set()

    shoppers = await stage.web(2)
    setattr(stage.helpdesk, moment, kill)
    await stage.kill_amid([_complains(one) for one in shoppers], partial(killed.wait, HELPDESK_S))
    assert killed.is_set(), f"no webhook came within {HELPDESK_S:g} s"
    await asyncio.to_thread(stage.parts.start, part)
    await stage.finish()
    return shoppers


async def _killed_amid(
    stage: Stage, part: str, deeds: Sequence[Callable[[], Awaitable[object]]]
) -> None:
    await stage.kill_amid(deeds, partial(stage.parts.kill, part))
    await asyncio.to_thread(stage.parts.start, part)
    await stage.finish()


def _complains(shopper: Shopper) -> Callable[[], Awaitable[object]]:
    return partial(shopper.says, random.choice(COMPLAINTS))
