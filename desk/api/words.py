"""What an agent writes, made fit to be kept."""

from amends.settings import Settings
from desk.api.problems import ProblemError
from nlu.reader import Reader


def read_words(typed: str, settings: Settings) -> str:
    """Clean words and mask personal data.

    Raises:
        ProblemError: 422, they are too long, or nothing is left of them.
    """
    limit = settings.max_message_chars
    if len(typed) > limit:
        raise ProblemError(
            422,
            f"Expected a text of at most {limit} characters, found {len(typed)}. Send it in parts.",
        )
    words = Reader.of(settings).read(typed)
    if not words:
        raise ProblemError(422, "Expected a text with something to read, found none. Write some.")
    return words
