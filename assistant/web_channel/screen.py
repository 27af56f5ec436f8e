"""What a turn can do to the screens of one shopper."""

from typing import Any, Protocol


class Screen(Protocol):
    """Every open tab of one shopper, seen as one. Nobody connected is no error."""

    async def show(self, message: dict[str, Any]) -> None:
        """Show one message.

        Args:
            message: `id`, `role` (shopper, bot, agent, notice), `text`, `name`, `buttons`,
                `attachment` and `at` (seconds since 1970), as README.md describes it.
        """

    async def talking(self, who: str, name: str | None) -> None:
        """Say who talks.

        Args:
            who: `bot`, `agent`, or `waiting`: nobody yet, so that no answer is to be expected.
            name: of the agent; None where it is not known or where there is none.
        """

    async def state(self, *, typing: bool, still_looking: bool) -> None:
        """Show or hide the typing dots, and the line that says that it takes longer."""
