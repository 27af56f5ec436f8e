"""Why something about an account was not done; the words are read by who asked."""

from amends.errors import AmendsError


class AccountError(AmendsError):
    """Something about an account cannot be done."""


class WrongPasswordError(AccountError):
    """Login and password do not belong together; does not say which is wrong."""

    def __init__(self) -> None:
        super().__init__("Login and password do not match an account. Check both and try again.")


class TooManyTriesError(AccountError):
    """Too many wrong passwords.

    Attributes:
        seconds: How long to wait, at least 1.
    """

    def __init__(self, seconds: int) -> None:
        wait = f"{seconds} seconds" if seconds > 1 else "a second"
        super().__init__(f"Too many wrong passwords. Wait {wait} and try again.")
        self.seconds = seconds
