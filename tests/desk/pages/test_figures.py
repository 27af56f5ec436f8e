"""Whether it helped, per week."""

import re

from tickets.ratings import Rating


def test_ratings_of_this_week_and_tickets_of_now(ada, store, opened):
    for number, score in enumerate((5, 4, 1)):
        reference = opened(f"web-{number}")
        store.takeover.resolve(reference)
        store.ratings.rate(
            Rating(conversation_id=f"web-{number}", request_id=reference, score=score)
        )
    opened("web-9")
    page = re.sub(r"<[^>]+>|\s+", " ", ada.page("/figures"))
    page = re.sub(r"\s+", " ", page)
    assert re.search(r"\d{4}-\d\d-\d\d 3 3\.3 67 %", page)
    assert "0 – nobody rated" in page
    assert "open 1 claimed 0 resolved 3" in page
    assert "nobody 1" in page
