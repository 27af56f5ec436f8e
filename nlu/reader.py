"""Makes a message fit to be read, scored and kept."""

from dataclasses import dataclass

from amends.settings import Settings
from nlu.masking import mask
from nlu.text import clean


@dataclass(frozen=True)
class Reader:
    """Cleans a message, caps it, and masks personal data.

    Attributes:
        max_chars: A longer message is read up to here.
        phone_region: Two-letter country whose phone numbers come without a country code.
    """

    max_chars: int
    phone_region: str

    @classmethod
    def of(cls, settings: Settings) -> "Reader":
        """The reader that these settings ask for."""
        return cls(settings.max_message_chars, settings.phone_region)

    def read(self, text: str) -> str:
        """Clean and mask a message as the shopper typed it."""
        return mask(clean(text, self.max_chars), self.phone_region)
