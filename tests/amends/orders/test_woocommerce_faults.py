"""A WooCommerce shop that is down, slow, or talks nonsense; nothing is made up, nothing leaks."""

import json
import logging
import socket
import time
import traceback
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
import shop_faults as wire
from backends import Woo
from woocommerce_server import KEY, SECRET

from amends.orders import Address, NotPossibleError, ShopDownError, woocommerce_client

EMAIL = "robin@example.com"
ADDRESS = Address(name="Kim X", street="2 Mill St", postcode="1", city="York", country="GB")
CALLS = {
    "find": lambda shop: shop.find("704", EMAIL),
    "cancel": lambda shop: shop.cancel("701"),
    "quantity": lambda shop: shop.change_quantity("702", "7020", 3),
    "address": lambda shop: shop.change_address("703", ADDRESS),
    "refund": lambda shop: shop.request_refund("704", ["7040"], "Cracked."),
    "return": lambda shop: shop.request_return("704", ["7040"], "Too small."),
    "invoice": lambda shop: shop.send_invoice("704"),
}
ERROR = {"code": "internal_server_error", "message": "Critical error", "data": {"status": 500}}
HTML = b"<html><body>Briefly unavailable for scheduled maintenance.</body></html>"
JSON = "application/json"
FAULTS = {
    "reset": (wire.reset, "ConnectionError"),
    "401": (wire.says(401, b"{}", JSON), "HTTP 401. Check AMENDS_WOOCOMMERCE_KEY"),
    "403": (wire.says(403, b"{}", JSON), "HTTP 403. Check AMENDS_WOOCOMMERCE_KEY"),
    "404 of a proxy": (wire.says(404, HTML), "HTTP 404 without JSON"),
    "404 of another program": (wire.says(404, b'{"error": 1}', JSON), "that is not WooCommerce's"),
    "no route": (
        wire.says(404, b'{"code": "rest_no_route", "message": "", "data": {}}', JSON),
        "rest_no_route",
    ),
    "429": (wire.says(429, b"{}", JSON), "HTTP 429"),
    "500": (wire.says(500, json.dumps(ERROR).encode(), JSON), "HTTP 500"),
    "503": (wire.says(503, HTML), "HTTP 503"),
    "redirect": (
        wire.says(301, b"", Location="https://elsewhere.example/"),
        "HTTP 301. Check AMENDS_WOOCOMMERCE_URL",
    ),
    "html": (wire.says(200, HTML), "HTTP 200 without JSON"),
    "empty": (wire.says(200, b""), "HTTP 200 without JSON"),
    "half of it": (wire.says(200, b'{"id": 704, "numb', JSON), "HTTP 200 without JSON"),
    "a list": (wire.says(200, b"[]", JSON), "found no order"),
    "null": (wire.says(200, b"null", JSON), "found no order"),
    "too much": (wire.says(200, b" " * 5_000_000, JSON), "more than 4194304 bytes"),
    "no HTTP": (lambda handler: handler.wfile.write(b"220 smtp ready\r\n\r\n"), "Error"),
}
SLOW = {"hangs": wire.waits(3), "drips": wire.drips, "drips its body": wire.drips_body}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_shop_that_cannot_answer_is_down(woo, fault, call):
    before = woo.everything()
    woo.server.fault, found = FAULTS[fault]
    with pytest.raises(ShopDownError) as error:
        CALLS[call](woo.shop)
    assert str(error.value).startswith("Expected an answer ")
    assert found in str(error.value)
    assert woo.everything() == before


@pytest.mark.parametrize("call", ["find", "cancel"])
@pytest.mark.parametrize("fault", SLOW)
def test_a_slow_shop_is_down_when_the_time_is_over(woo, fault, call):
    woo.server.fault = SLOW[fault]
    shop = woo.connect(timeout_s=0.4)
    start = time.monotonic()
    with pytest.raises(ShopDownError, match=r"no whole answer in time|Timeout|ConnectionError"):
        CALLS[call](shop)
    assert time.monotonic() - start < 0.8


def test_all_requests_of_a_call_share_the_time(woo):
    woo.server.delay_s = 0.25  # of the order, then of its notes
    with pytest.raises(ShopDownError):
        woo.connect(timeout_s=0.4).find("704", EMAIL)
    assert woo.connect(timeout_s=2).find("704", EMAIL) is not None


def test_a_shop_that_nobody_runs_is_down(woo):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ShopDownError, match=r"found ConnectionError. Check that the shop is up"):
        woo.connect(url=url).find("704", EMAIL)


@pytest.mark.parametrize("cut", [wire.reset, wire.says(500, HTML), wire.says(200, HTML)])
@pytest.mark.parametrize("call", ["cancel", "quantity", "address", "refund", "return"])
def test_a_change_without_an_answer_is_not_known_and_the_next_try_does_it_once(woo, call, cut):
    woo.server.after = cut
    with pytest.raises(ShopDownError, match="Whether anything was changed is not known"):
        CALLS[call](woo.shop)
    changed = woo.everything()
    woo.server.after = None
    order = CALLS[call](woo.shop)
    assert woo.everything() == changed
    assert order is not None


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        ("status", None, "another status"),
        ("total", "free", "another total"),
        ("line_items", [], "another line_items"),
        ("line_items", [{"id": 1}], "another line_items.0.name"),
        ("date_created", "yesterday", "another date_created"),
        ("currency", "euros", "an order that cannot be read"),
        ("refunds", None, "another refunds"),
        ("number", 704, "another number"),
    ],
)
def test_an_order_of_another_shape_is_not_guessed_at(woo, place, value, found):
    woo.server.orders[704][place] = value
    with pytest.raises(ShopDownError, match=found) as error:
        woo.shop.find("704", EMAIL)
    assert "as WooCommerce documents it" in str(error.value)
    assert woo.shop.find("704", "mallory@example.com") is None


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("cancel", "rest_invalid_param"),
        ("quantity", "woocommerce_rest_invalid_item_id"),
        ("invoice", "woocommerce_rest_missing_email"),
    ],
)
def test_what_woocommerce_refuses_is_refused(woo, call, code):
    body = json.dumps({"code": code, "message": "m", "data": {"status": 400}}).encode()

    before = woo.everything()
    woo.server.fault, woo.server.faulty = wire.says(400, body, JSON), ("POST", "PUT")
    with pytest.raises(NotPossibleError, match=f"found {code}. Ask a person."):
        CALLS[call](woo.shop)
    assert woo.everything() == before


def test_a_change_that_woocommerce_only_says_it_made_is_not_believed(woo):
    body = json.dumps(woo.server.orders[701]).encode()
    woo.server.after = wire.says(200, body, JSON)
    with pytest.raises(ShopDownError, match=r"found no change. Whether anything"):
        woo.shop.cancel("701")


@pytest.mark.parametrize("fault", [*FAULTS, "secret", "drips"])
def test_no_secret_and_no_shopper_in_messages_tracebacks_and_logs(woo, fault, caplog):
    caplog.set_level(logging.DEBUG)
    shop = woo.connect(timeout_s=0.4)
    if fault == "secret":
        shop = woo.connect(secret="cs_wrong_but_still_a_secret")
    elif fault == "drips":
        woo.server.fault = wire.drips
    else:
        woo.server.fault = FAULTS[fault][0]
    with pytest.raises(ShopDownError) as error:
        shop.find("704", EMAIL)
    told = "".join(traceback.format_exception(error.value)) + caplog.text
    for secret in (SECRET, KEY, "cs_wrong", EMAIL, "oauth_signature"):
        assert secret not in told


def test_requests_to_a_hung_shop_do_not_pile_up(woo, monkeypatch):
    monkeypatch.setattr(woocommerce_client, "MOST_AT_ONCE", 3)
    woo.server.fault = wire.drips
    shop = woo.connect(timeout_s=0.4)
    for _ in range(3):
        with pytest.raises(ShopDownError, match="no whole answer in time"):
            shop.find("704", EMAIL)
    with pytest.raises(ShopDownError, match="found 3 requests that wait for it"):
        shop.find("704", EMAIL)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def secure(certificate):
    backend = Woo(certificate)
    yield backend
    backend.close()


def test_over_https_the_key_signs_in_and_the_certificate_is_checked(
    secure, certificate, monkeypatch
):
    with pytest.raises(ShopDownError, match="found SSLError"):
        secure.shop.find("704", EMAIL)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert secure.shop.find("704", EMAIL).number == "704"
    assert secure.shop.cancel("701").state == "cancelled"
    with pytest.raises(ShopDownError, match=r"HTTP 401. Check AMENDS_WOOCOMMERCE_KEY"):
        secure.connect(secret="cs_wrong").find("704", EMAIL)
