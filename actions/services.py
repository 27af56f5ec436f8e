"""What the actions of one process share: model, ticket store, replies.

The SDK pickles action instances, so that state lives here, made at first use.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from amends.orders import ShopConnector
from amends.orders.attempts import Attempts
from amends.orders.connect import connect
from amends.serve.session_key import session_key
from amends.settings import get_settings
from nlu.adapter_in_use import adapter_in_use
from nlu.batching import BatchingAssessor
from nlu.category_file import CategoryFile, read_categories
from nlu.languages import Languages
from nlu.reader import Reader
from nlu.reloading import Reloading
from templates import ButtonTitles, Replies
from tickets.database import open_engine
from tickets.store import TicketStore

if TYPE_CHECKING:
    from nlu.encoder import SharedEncoder
    from nlu.evidence import EvidencedAssessor
    from nlu.policies import Policies

EVIDENCE_SHARE = 0.5
"""Of the time that an assessment may take; what is left of it is a reserve for a busy machine."""


def _load_assessor(adapter: Path) -> "EvidencedAssessor":
    # Imported here: torch would slow every start of the SDK, which imports the actions twice.
    from nlu.assessor import Assessor  # noqa: PLC0415
    from nlu.evidence import EvidencedAssessor  # noqa: PLC0415

    settings = get_settings().model_copy(update={"adapter": adapter})
    limit_s = settings.assess_deadline_s * EVIDENCE_SHARE
    return EvidencedAssessor(Assessor.load(settings, encoder()), limit_s)


_LOADING = threading.Lock()


def encoder() -> "SharedEncoder":
    """The sentence encoder, loaded once whoever asks first."""
    with _LOADING:
        return _encoder()


@lru_cache(maxsize=1)
def _encoder() -> "SharedEncoder":
    from nlu.assessor import load_sentence_encoder  # noqa: PLC0415
    from nlu.encoder import SharedEncoder  # noqa: PLC0415

    return SharedEncoder(load_sentence_encoder(get_settings()))


@lru_cache(maxsize=1)
def policy_thread() -> ThreadPoolExecutor:
    """The one thread that looks questions up in the policies."""
    return ThreadPoolExecutor(1, "policies")


@lru_cache(maxsize=1)
def policies() -> "Policies":
    """The shop's policies; ask for them in a thread."""
    from nlu.policies import Policies  # noqa: PLC0415

    return Policies.load(get_settings().policies_dir, encoder())


@lru_cache(maxsize=1)
def assessor() -> BatchingAssessor:
    """The classifier behind its queue; follows what is published."""
    reloading = Reloading(_load_assessor, lambda: adapter_in_use(get_settings()))
    return BatchingAssessor(reloading.current)


@lru_cache(maxsize=1)
def reader() -> Reader:
    """Cleans and masks messages."""
    return Reader.of(get_settings())


@lru_cache(maxsize=1)
def languages() -> Languages:
    """Tells languages apart; what it needs is loaded when it is first asked."""
    return Languages(get_settings())


@lru_cache(maxsize=1)
def categories() -> CategoryFile:
    """The shop's categories."""
    return read_categories(get_settings().categories_file)


@lru_cache(maxsize=1)
def ticket_store() -> TicketStore:
    """The ticket store; a failed opening is tried again at the next call."""
    return TicketStore.open(get_settings().ticket_database_url)


@lru_cache(maxsize=1)
def replies() -> Replies:
    """The reply templates."""
    return Replies(get_settings().templates_dir)


@lru_cache(maxsize=1)
def buttons() -> ButtonTitles:
    """What the quick-reply buttons say."""
    return ButtonTitles(get_settings().templates_dir)


@lru_cache(maxsize=1)
def shop() -> ShopConnector:
    """The shop's own system; its calls block."""
    return connect(get_settings())


@lru_cache(maxsize=1)
def attempts() -> Attempts:
    """Wrong addresses for order numbers; its calls block."""
    settings = get_settings()
    return Attempts(open_engine(settings.ticket_database_url), session_key(settings))
