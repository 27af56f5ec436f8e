"""The demo shop and a WooCommerce server behind their connectors, and what is really in them."""

import sqlite3
from contextlib import closing
from typing import ClassVar

from pydantic import SecretStr
from woocommerce_server import KEY, SECRET, WooCommerceServer

from amends.orders.demo import FILE, DemoShop
from amends.orders.woocommerce import WooCommerceShop
from amends.orders.woocommerce_client import WooCommerceClient
from amends.orders.woocommerce_schema import WooNote, requests_in

ROLES = ("unpaid", "single", "processing", "sent", "cancelled", "refunded", "strange")


class Demo:
    orders: ClassVar = dict(
        zip(
            ROLES,
            (
                ("A10260", "eli@example.com"),
                ("A10251", "sam@example.com"),
                ("A10244", "ida@example.com"),
                ("A10234", "robin@example.com"),
                ("A10120", "ash@example.com"),
                ("A10133", "mika@example.com"),
                ("A10240", "uma@example.com"),
            ),
            strict=True,
        )
    )
    nobody = "A99999"

    def __init__(self, folder):
        self.file = folder / FILE
        self.shop = DemoShop(folder)
        self.shop.orders_to_try()

    def rows(self, query, *values):
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query, values).fetchall()

    def state(self, number):
        return self.rows("SELECT state FROM orders WHERE number = ?", number)[0][0]

    def quantities(self, number):
        query = "SELECT CAST(id AS TEXT), quantity FROM order_lines WHERE number = ?"
        return dict(self.rows(query, number))

    def street(self, number):
        return self.rows("SELECT street FROM orders WHERE number = ?", number)[0][0]

    def asked(self, number, what):
        query = f"SELECT reason FROM {what}s WHERE number = ?"
        return [reason for (reason,) in self.rows(query, number)]

    def invoices(self, number):
        return len(self.rows("SELECT 1 FROM invoices WHERE number = ?", number))

    def everything(self):
        with closing(sqlite3.connect(self.file)) as connection:
            return list(connection.iterdump())

    def close(self):
        pass


class Woo:
    orders: ClassVar = dict(
        zip(
            ROLES,
            (
                ("701", "eli@example.com"),
                ("702", "sam@example.com"),
                ("703", "ida@example.com"),
                ("704", "robin@example.com"),
                ("705", "ash@example.com"),
                ("706", "mika@example.com"),
                ("707", "uma@example.com"),
            ),
            strict=True,
        )
    )
    nobody = "999"
    words: ClassVar = {
        "completed": "shipped",
        "pending": "unpaid",
        "on-hold": "unpaid",
        "lay-away": "unknown",
    }

    def __init__(self, certificate=None, timeout_s=5.0):
        self.server = server = WooCommerceServer(certificate)
        self.shop = self.connect(timeout_s=timeout_s)
        two = (("Everyday pan", 1, "89.00"), ("Tall carafe", 1, "36.00"))
        server.add(701, "pending", two, "eli@example.com")
        server.add(702, "on-hold", (("Harbour mug", 2, "18.00"),), "sam@example.com")
        server.add(703, "processing", (("Window lamp", 1, "112.00"),), "ida@example.com")
        server.add(704, "completed", two, "robin@example.com")
        server.add(705, "cancelled", two, "ash@example.com")
        server.add(706, "refunded", two, "mika@example.com")
        server.refund(706, "154.90", "2026-03-05T08:00:00", paid=True)
        server.add(707, "lay-away", two, "uma@example.com")

    def connect(self, timeout_s=5.0, secret=SECRET, url=None):
        client = WooCommerceClient(url or self.server.url, SecretStr(KEY), SecretStr(secret))
        return WooCommerceShop(client, timeout_s, refuses_after_s=0.05)

    def state(self, number):
        status = self.server.orders[int(number)]["status"]
        return self.words.get(status, status)

    def quantities(self, number):
        lines = self.server.orders[int(number)]["line_items"]
        return {str(line["id"]): line["quantity"] for line in lines}

    def street(self, number):
        return self.server.orders[int(number)]["shipping"]["address_1"]

    def asked(self, number, what):
        notes = self.server.notes[int(number)]
        assert not any(note["customer_note"] for note in notes)
        kinds = [requests_in([WooNote.model_validate(note)])[0].what for note in notes]
        texts = [note["note"].partition("The shopper says: ")[2] for note in notes]
        return [text for kind, text in zip(kinds, texts, strict=True) if kind == what]

    def invoices(self, number):
        return self.server.mails.count(int(number))

    def everything(self):
        server = self.server
        return repr((server.orders, server.notes, server.refunds, server.mails))

    def close(self):
        self.server.close()
