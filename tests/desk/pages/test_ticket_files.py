"""The files that shoppers sent, and what a browser may do with them."""

from io import BytesIO

import pytest
from PIL import Image

from tickets.files import check_file

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n"


def picture():
    content = BytesIO()
    Image.new("RGB", (4, 4)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def file(store, opened):
    def make(content, name, conversation="web-1"):
        reference = opened(conversation)
        kept = store.attachments.add(conversation, check_file(content, name))
        return reference, kept.id

    return make


@pytest.mark.parametrize(
    ("content", "name", "query", "kind", "way"),
    [
        (picture(), "Größe.png", "", "application/octet-stream", "attachment"),
        (picture(), "a.png", "?show=true", "image/png", "inline"),
        (PDF, "bill.pdf", "", "application/octet-stream", "attachment"),
        (PDF, "bill.pdf", "?show=true", "application/octet-stream", "attachment"),
    ],
    ids=["picture", "picture to look at", "document", "document to look at"],
)
def test_only_pictures_are_ever_shown(ada, file, content, name, query, kind, way):
    reference, file_id = file(content, name)
    answer = ada.browser.get(f"/tickets/{reference}/files/{file_id}{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith(f"{way}; filename*=UTF-8''")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content[:4] in (b"\x89PNG", b"%PDF")


def test_a_file_of_another_shopper_and_one_that_is_none_are_not_found(ada, file, open_browser):
    mine, _ = file(PDF, "a.pdf")
    _, foreign = file(picture(), "b.png", "web-2")
    for name in (foreign, "0" * 32, "%2e%2e", "%00"):
        assert ada.browser.get(f"/tickets/{mine}/files/{name}").status_code == 404
    assert open_browser().get(f"/tickets/{mine}/files/{foreign}").status_code == 303


def test_the_page_shows_pictures_and_names_files(ada, file, store):
    from datetime import UTC, datetime

    from tickets.conversations import Line

    reference, file_id = file(picture(), "box.png")
    line = Line(
        conversation_id="web-1", message_id="m-file", role="shopper", text="",
        attachment_id=file_id, created_at=datetime.now(UTC),
    )  # fmt: skip
    store.conversations.record(line)
    page = ada.page(f"/tickets/{reference}")
    assert f'<img src="/tickets/{reference}/files/{file_id}?show=true" alt="box.png"' in page
    assert page.count(f'href="/tickets/{reference}/files/{file_id}"') == 3
