"""Logins that mean something else on tickets."""

import pytest

from desk.accounts.names import RESERVED, checked_login
from desk.accounts.refusals import AccountError


@pytest.mark.parametrize("login", ["nobody", " Nobody ", "shopper"])
def test_what_tickets_say_for_no_login_is_none(login):
    with pytest.raises(AccountError, match=r"means something else on tickets\. Choose another"):
        checked_login(login)


def test_only_whole_logins_are_reserved():
    assert checked_login("nobody@shop.example") == "nobody@shop.example"
    assert len(RESERVED) == 3
