"""Tables of the demo shop's orders."""

from datetime import date

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class DemoBase(DeclarativeBase):
    """Base of the demo shop's tables; the ticket store's are none of them."""


class OrderRow(DemoBase):
    """One order; what it allows and what it costs follow from the rest."""

    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    state: Mapped[str]
    placed_on: Mapped[date]
    shipped_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    carrier: Mapped[str | None]
    tracking_url: Mapped[str | None]
    name: Mapped[str]
    street: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]
    lines: Mapped[list["LineRow"]] = relationship(
        order_by="LineRow.id", cascade="all, delete-orphan"
    )
    refunds: Mapped[list["RefundRow"]] = relationship(
        order_by="RefundRow.id", cascade="all, delete-orphan"
    )
    returns: Mapped[list["ReturnRow"]] = relationship(
        order_by="ReturnRow.id", cascade="all, delete-orphan"
    )
    invoices: Mapped[list["InvoiceRow"]] = relationship(cascade="all, delete-orphan")


class LineRow(DemoBase):
    """One article of an order."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"))
    name: Mapped[str]
    quantity: Mapped[int]
    cents: Mapped[int]  # each


class RefundRow(DemoBase):
    """Money that goes back, or is asked for."""

    __tablename__ = "refunds"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"))
    line_ids: Mapped[list[int]] = mapped_column(JSON)
    cents: Mapped[int]
    state: Mapped[str]
    at: Mapped[date]
    reason: Mapped[str]


class ReturnRow(DemoBase):
    """Lines that are announced to come back."""

    __tablename__ = "returns"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"))
    line_ids: Mapped[list[int]] = mapped_column(JSON)
    at: Mapped[date]
    reason: Mapped[str]


class InvoiceRow(DemoBase):
    """An invoice that was sent; the demo shop sends no mail, it notes that it would."""

    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"))
    email: Mapped[str]
    at: Mapped[date]


class SeedRow(DemoBase):
    """The day that the demo shop's orders were laid out."""

    __tablename__ = "seed"

    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date]
