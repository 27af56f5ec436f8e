"""Tickets on a terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.commands.ticket_lines import (
    Story,
    clean,
    deed_cells,
    fields,
    file_cells,
    last,
    message_cells,
    note_cells,
    said_cells,
)
from tickets.case import Ticket


def print_table(tickets: tuple[Ticket, ...]) -> None:
    """The list, a row a ticket."""
    table = Table("reference", "status", box=SIMPLE_HEAD)
    # Narrow where words can wrap, so that 80 columns leave room for what the shopper wrote.
    table.add_column("category", max_width=12)
    table.add_column("updated", max_width=10)
    table.add_column("why and last message", overflow="fold")
    for ticket in tickets:
        category = clean(ticket.category.replace("_", " "))
        story = Text.assemble((clean(ticket.detail), "dim"), "\n", clean(last(ticket)))
        updated = f"{ticket.updated_at:%Y-%m-%d %H:%M}"
        # Text: square brackets in a message are no markup.
        table.add_row(ticket.reference, ticket.status, Text(category), updated, story)
    Console().print(table)


def print_ticket(story: Story) -> None:
    """One ticket and its chat."""
    grid = Table.grid(padding=(0, 2))
    for name, value in fields(story):
        grid.add_row(Text(name, style="bold"), Text(value))
    console = Console()
    console.print(grid)
    for message in story.ticket.messages:
        time, _, rule, detail, scores, text = message_cells(message)
        console.print(Text(f"\n{time}  {rule}: {detail}", style="bold"))
        console.print(Text(text))
        console.print(Text(scores, style="dim"))
    _print_chat(console, story)
    _print_history(console, story)


def _print_chat(console: Console, story: Story) -> None:
    for line in story.said:
        time, _, role, name, text, attachment = said_cells(line)
        console.print(Text(f"\n{time}  {role} {name}".rstrip(), style="bold"))
        console.print(Text(text))
        if attachment:
            console.print(Text(f"attachment {attachment}", style="dim"))
    for file in story.attachments:
        time, identifier, name, media_type, size = file_cells(file)
        console.print(Text(f"\n{time}  attachment {identifier}", style="bold"))
        console.print(Text(f"{name} ({media_type}, {size} bytes)"))


def _print_history(console: Console, story: Story) -> None:
    for note in story.notes:
        time, author, text = note_cells(note)
        console.print(Text(f"\n{time}  note of {author}", style="bold"))
        console.print(Text(text))
    console.print()
    for deed in story.deeds:
        time, actor, action, detail = deed_cells(deed)
        told = f"{action} ({detail})" if detail else action
        console.print(Text(f"{time}  {actor}: {told}", style="dim"))
