"""A server that enforces WooCommerce's REST interface (wc/v3) as its documentation has it.

It keeps orders, signs nobody in without a right signature, and answers in WooCommerce's words. In
two things it is stricter, because WooCommerce would hide a mistake of ours: it refuses fields that
are not documented, and lines of an order that the shop's own screens would not let anyone edit.
"""

import base64
import hashlib
import hmac
import json
import re
import ssl
import threading
import time
from copy import deepcopy
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

KEY = "ck_0123456789abcdef0123456789abcdef01234567"
SECRET = "cs_89abcdef0123456789abcdef0123456789abcdef"
ROOT = "/wp-json/wc/v3/"
STATUSES = (
    "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "trash",
)  # fmt: skip
EDITABLE = ("pending", "on-hold", "auto-draft")
ADDRESS_FIELDS = {
    "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode",
    "country", "phone",
}  # fmt: skip
MOMENT = "2026-03-02T10:20:30"
TAX = Decimal("0.20")
WINDOW_S = 15 * 60


class RefusedError(Exception):
    """An error in WooCommerce's words."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


class WooCommerceServer:
    """A shop; `url` and its keys are what a connector needs.

    Attributes:
        orders: By id, as they are written out.
        notes: By id of the order.
        mails: Ids of the orders whose details were sent.
        seen: Every request, as method and path.
        fault: Called with the handler instead of answering, or None.
        faulty: The methods that it is called for.
        delay_s: How long every answer takes.
        after: Called with the handler once a change is made, instead of answering, or None.
        old: Whether it is one from before the order actions.
    """

    def __init__(self, certificate=None):
        self.orders, self.notes, self.refunds = {}, {}, {}
        self.mails, self.seen, self.nonces = [], [], set()
        self.fault = self.after = None
        self.faulty = ("GET", "POST", "PUT")
        self.delay_s = 0.0
        self.old = False
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.shop = self
        self.https = certificate is not None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        # A short poll: every test waits for it once.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, order_id, status, lines, email, **changes):
        """Put an order in: lines are name, quantity and price of each, without tax."""
        name = email.partition("@")[0].title()
        address = {
            "first_name": name, "last_name": "Example", "company": "", "address_1": "1 Tarn Lane",
            "address_2": "", "city": "Lakeside", "state": "", "postcode": "10001", "country": "DE",
            "phone": "",
        }  # fmt: skip
        order = {
            "id": order_id, "parent_id": 0, "number": str(order_id), "status": status,
            "currency": "EUR", "date_created": MOMENT, "date_modified": MOMENT,
            "date_completed": MOMENT if status == "completed" else None,
            "date_paid": None if status in ("pending", "on-hold", "failed") else MOMENT,
            "shipping_total": "4.90", "shipping_tax": "0.00", "prices_include_tax": False,
            "customer_id": 0, "billing": {**address, "email": email}, "shipping": address,
            "payment_method": "bacs", "meta_data": [], "refunds": [],
            "line_items": [
                {
                    "id": order_id * 10 + place, "name": name, "product_id": 7, "variation_id": 0,
                    "quantity": count, "tax_class": "", "subtotal": str(Decimal(price) * count),
                    "total": str(Decimal(price) * count), "sku": "", "price": float(price),
                    "meta_data": [],
                }
                for place, (name, count, price) in enumerate(lines)
            ],
        }  # fmt: skip
        calculate_totals(order)
        self.orders[order_id] = {**order, **changes}
        self.notes[order_id], self.refunds[order_id] = [], []

    def refund(self, order_id, amount, at, *, paid):
        """Give money back, as the shop's people do."""
        number = 900 + len(self.refunds[order_id])
        self.refunds[order_id].append(
            {"id": number, "date_created": at, "amount": amount, "reason": "",
             "refunded_payment": paid, "line_items": []}
        )  # fmt: skip
        self.orders[order_id]["refunds"].append({"id": number, "reason": "", "total": f"-{amount}"})


def calculate_totals(order):
    """As WooCommerce does: taxes anew, totals of lines as they were posted."""
    total = Decimal(order["shipping_total"])
    for line in order["line_items"]:
        tax = (Decimal(line["total"]) * TAX).quantize(Decimal("0.01"))
        line["subtotal_tax"] = line["total_tax"] = str(tax)
        total += Decimal(line["total"]) + tax
    order["total"] = str(total)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer("GET")

    def do_POST(self):
        self._answer("POST")

    def do_PUT(self):
        self._answer("PUT")

    def _answer(self, method):
        shop = self.server.shop
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        shop.seen.append((method, parts.path.removeprefix(ROOT)))
        time.sleep(shop.delay_s)
        if shop.fault and method in shop.faulty:
            shop.fault(self)
            return
        try:
            with shop.lock:
                self._sign_in(method, parts)
                status, body = self._route(method, parts)
        except RefusedError as error:
            status = error.status
            body = {"code": error.code, "message": str(error), "data": {"status": status}}
        if shop.after and method != "GET" and status < 400:
            shop.after(self)
            return
        self.reply(status, json.dumps(body).encode(), "application/json; charset=UTF-8")

    def reply(self, status, content, media_type="text/html", **headers):
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _sign_in(self, method, parts):
        if self.server.shop.https:
            given = self.headers.get("authorization", "").removeprefix("Basic ")
            if base64.b64decode(given).decode() != f"{KEY}:{SECRET}":
                raise RefusedError(401, "woocommerce_rest_cannot_view", "Sorry.")
            return
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        signature = given.pop("oauth_signature", "")
        if given.get("oauth_consumer_key") != KEY:
            _refuse_sign_in("Consumer key is invalid.")
        if abs(int(given["oauth_timestamp"]) - time.time()) > WINDOW_S:
            _refuse_sign_in("Invalid timestamp.")
        if given["oauth_nonce"] in self.server.shop.nonces:
            _refuse_sign_in("Invalid nonce - nonce has already been used.")
        self.server.shop.nonces.add(given["oauth_nonce"])
        if not hmac.compare_digest(signature, _signature(method, self, parts.path, given)):
            _refuse_sign_in("Invalid signature - provided signature does not match.")

    def _route(self, method, parts):
        found = re.fullmatch(rf"{ROOT}orders/(\d+)(?:/(.+))?", parts.path)
        if not found or self.headers.get("accept") != "application/json":
            _refuse_route()
        order_id, below = int(found[1]), found[2] or ""
        action = getattr(self, f"_{method}_{re.sub('[^a-z]', '_', below)}".lower(), None)
        if action is None or (below.startswith("actions") and self.server.shop.old):
            _refuse_route()
        if order_id not in self.server.shop.orders:
            code = "not_found" if below.startswith("actions") else "shop_order_invalid_id"
            raise RefusedError(404, f"woocommerce_rest_{code}", "Invalid ID.")
        return action(order_id, dict(parse_qsl(parts.query)))

    def _get_(self, order_id, _):
        return 200, self.server.shop.orders[order_id]

    def _get_refunds(self, order_id, _):
        return 200, self.server.shop.refunds[order_id]

    def _get_notes(self, order_id, params):
        kind = params.get("type", "any")
        if kind not in ("any", "customer", "internal"):
            _refuse_param("type")
        notes = self.server.shop.notes[order_id]
        return 200, [
            n for n in notes if kind == "any" or n["customer_note"] is (kind != "internal")
        ]

    def _post_notes(self, order_id, _):
        sent = self._sent({"note": str, "customer_note": bool, "added_by_user": bool})
        if not sent.get("note"):
            _refuse_param("note")
        notes = self.server.shop.notes[order_id]
        note = {"id": 500 + len(notes), "author": "system", "date_created": MOMENT,
                "customer_note": False, **sent}  # fmt: skip
        notes.append(note)
        return 201, note

    def _post_actions_send_order_details(self, order_id, _):
        sent = self._sent({"email": str, "force_email_update": bool})
        billing = self.server.shop.orders[order_id]["billing"]
        if sent.get("email") and billing["email"] and not sent.get("force_email_update"):
            raise RefusedError(400, "woocommerce_rest_order_billing_email_exists", "Exists.")
        if not billing["email"]:
            raise RefusedError(
                400, "woocommerce_rest_missing_email", "Order does not have an email address."
            )
        self.server.shop.mails.append(order_id)
        return 200, {"message": f"Order details sent to {billing['email']}, via REST API."}

    def _put_(self, order_id, _):
        sent = self._sent({"status": str, "shipping": dict, "line_items": list})
        order = deepcopy(self.server.shop.orders[order_id])
        if "shipping" in sent:
            _set_shipping(order, sent["shipping"])
        for item in sent.get("line_items", ()):
            _set_line(order, item)
        if "shipping" in sent or "line_items" in sent:
            calculate_totals(order)
        if "status" in sent:
            if sent["status"] not in STATUSES:
                _refuse_param("status")
            order["status"] = sent["status"]
        self.server.shop.orders[order_id] = order
        return 200, order

    def _sent(self, fields):
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(400, "rest_invalid_json", "Invalid JSON body passed.")
        try:
            sent = json.loads(self.body)
        except ValueError:
            raise RefusedError(400, "rest_invalid_json", "Invalid JSON body passed.") from None
        for name, value in sent.items():
            if name not in fields or type(value) is not fields[name]:
                _refuse_param(name)
        return sent


def _set_shipping(order, fields):
    if not set(fields) <= ADDRESS_FIELDS or not all(type(v) is str for v in fields.values()):
        _refuse_param("shipping")
    order["shipping"] = {**order["shipping"], **fields}


def _set_line(order, item):
    types = {"id": int, "quantity": int, "subtotal": str, "total": str}
    if not all(name in types and type(value) is types[name] for name, value in item.items()):
        _refuse_param("line_items")
    if order["status"] not in EDITABLE:
        raise RefusedError(400, "stricter_than_woocommerce", "This order is not editable.")
    line = next((one for one in order["line_items"] if one["id"] == item.get("id")), None)
    if line is None:
        raise RefusedError(400, "woocommerce_rest_invalid_item_id", "Not associated with order.")
    if item.get("quantity") == 0:
        order["line_items"].remove(line)
    line.update(item)  # a quantity alone leaves the totals as they were


def _signature(method, handler, path, params):
    url = f"http://{handler.headers['host']}{path}"
    pairs = sorted((quote(name, ""), quote(value, "")) for name, value in params.items())
    query = "&".join(f"{name}={value}" for name, value in pairs)
    base = f"{method}&{quote(url, '')}&{quote(query, '')}"
    digest = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
    algorithm = digest[params["oauth_signature_method"]]
    made = hmac.new(f"{SECRET}&".encode(), base.encode(), algorithm)
    return base64.b64encode(made.digest()).decode()


def _refuse_sign_in(message):
    raise RefusedError(401, "woocommerce_rest_authentication_error", message)


def _refuse_param(name):
    raise RefusedError(400, "rest_invalid_param", f"Invalid parameter(s): {name}")


def _refuse_route():
    raise RefusedError(404, "rest_no_route", "No route was found matching the URL and method.")
