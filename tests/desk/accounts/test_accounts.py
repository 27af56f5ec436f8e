"""Who may sit at the desk, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from desk_browser import PASSWORD
from sqlalchemy import text

from desk.accounts import Accounts, Role
from desk.accounts.invitations import BadInvitationError
from desk.accounts.passwords import Passwords
from desk.accounts.people import LastAdministratorError
from desk.accounts.refusals import AccountError, TooManyTriesError, WrongPasswordError

HERE, THERE = "192.0.2.1", "198.51.100.7"
WRONG = "not the password"


def stored_hash(engine, login):
    query = text("SELECT password_hash FROM agents WHERE login = :login")
    with engine.connect() as connection:
        return connection.scalar(query, {"login": login})


@pytest.mark.parametrize("login", ["ada", "ADA", " ada ", "Ada"])
def test_the_right_password_lets_in_however_the_login_is_typed(accounts, join, login):
    ada = join(accounts, "ada")
    assert accounts.sign_in(login, PASSWORD, HERE) == ada


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("ada", WRONG),
        ("ada", ""),
        ("ada", PASSWORD + " "),
        ("bob", PASSWORD),
        ("", PASSWORD),
        ("ada' OR '1'='1", PASSWORD),
        ("ada'; DROP TABLE agents; --", PASSWORD),
        ("a%", PASSWORD),
        ("ada\x00", PASSWORD),
        ("\u0430da", PASSWORD),
        ("x" * 5000, PASSWORD),
    ],
)
def test_anything_else_is_refused_in_the_same_words(accounts, join, login, password):
    join(accounts, "ada")
    with pytest.raises(WrongPasswordError, match="Login and password do not match an account"):
        accounts.sign_in(login, password, HERE)
    assert [account.agent.login for account in accounts.people.all()] == ["ada"]


def test_unknown_logins_cost_the_same_work(any_engine, clock, join):
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, *given):
            type(self).verified += 1
            return super().verify(*given)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(any_engine, clock, Passwords(hasher))
    join(accounts, "ada")
    gone = join(accounts, "gone")
    accounts.people.deactivate(gone.id)
    accounts.people.add("elsewhere", "Elsewhere", Role.AGENT)
    for number, login in enumerate(("ada", "nobody", "not a login!", "gone", "elsewhere"), 1):
        with pytest.raises(WrongPasswordError):
            accounts.sign_in(login, PASSWORD if login == "gone" else WRONG, HERE)
        assert Counting.verified == number


def test_a_password_is_hashed_anew_when_the_parameters_change(accounts, any_engine, clock, join):
    join(accounts, "ada")
    before = stored_hash(any_engine, "ada")
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    Accounts(any_engine, clock, dearer).sign_in("ada", PASSWORD, HERE)
    after = stored_hash(any_engine, "ada")
    assert "m=8,t=1" in before
    assert "m=16,t=2" in after
    accounts.sign_in("ada", PASSWORD, HERE)


def test_the_shipped_parameters_are_those_of_the_rfc():
    # RFC 9106, second recommended option: 64 MiB, three passes, four lanes.
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in Passwords().hash("x")


def test_nothing_in_the_database_is_a_secret_that_lets_in(accounts, any_engine, join):
    invitation = accounts.invitations.invite(Role.AGENT)
    ada = join(accounts, "ada")
    secret = accounts.sessions.start(ada.id, "Firefox")
    with pytest.raises(WrongPasswordError):
        accounts.sign_in(PASSWORD, PASSWORD, HERE)  # typed into the wrong field
    tables = ("agents", "desk_sessions", "invitations", "failed_sign_ins")
    with any_engine.connect() as connection:
        stored = str([connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables])
    for word in (PASSWORD, secret, invitation):
        assert word not in stored


@pytest.mark.parametrize(
    ("login", "name", "password", "words"),
    [
        ("a", "Ada", PASSWORD, "A login has 2 to 100 letters"),
        ("ada lovelace", "Ada", PASSWORD, "A login has 2 to 100 letters"),
        ("<script>", "Ada", PASSWORD, "A login has 2 to 100 letters"),
        ("\u0430da", "Ada", PASSWORD, "A login has 2 to 100 letters"),
        ("ada", "  ", PASSWORD, "A name has 1 to 100 characters"),
        ("ada", "A\x00da", PASSWORD, "A name has 1 to 100 characters"),
        ("ada", "Ada\u202e", PASSWORD, "A name has 1 to 100 characters"),
        ("ada", "x" * 101, PASSWORD, "A name has 1 to 100 characters"),
        ("ada", "Ada", "short", "12 to 200 characters, this one has 5"),
        ("ada", "Ada", "x" * 201, "12 to 200 characters, this one has 201"),
        ("ada", "Ada", "abababababab", "easily guessed"),
        ("lovelace", "Ada", "Lovelace-1815-x", "easily guessed"),
        ("ben", "Ada", PASSWORD, "The login ben is taken"),
        ("BEN", "Ada", PASSWORD, "The login ben is taken"),
    ],
)
def test_an_account_that_cannot_be_leaves_the_link_good(
    accounts, join, login, name, password, words
):
    join(accounts, "ben")
    invitation = accounts.invitations.invite(Role.AGENT)
    with pytest.raises(AccountError, match=words):
        accounts.welcome(invitation, login, name, password)
    assert accounts.welcome(invitation, "carol", "Carol", PASSWORD).login == "carol"


def test_a_link_is_good_once(accounts):
    invitation = accounts.invitations.invite(Role.AGENT)
    accounts.welcome(invitation, "ada", "Ada", PASSWORD)
    with pytest.raises(BadInvitationError, match="used or has expired"):
        accounts.welcome(invitation, "bob", "Bob", PASSWORD)


def test_of_many_who_use_a_link_at_once_one_gets_an_account(accounts):
    invitation = accounts.invitations.invite(Role.AGENT)
    ready = Barrier(6)

    def use(number):
        ready.wait()
        try:
            return accounts.invitations.accept(invitation, f"agent{number}", "Agent", "hash")
        except BadInvitationError:
            return None

    with ThreadPoolExecutor(6) as pool:
        made = [agent for agent in pool.map(use, range(6)) if agent]
    assert len(made) == len(accounts.people.all()) == 1


def test_a_link_expires_after_a_day(accounts, clock):
    invitation = accounts.invitations.invite(Role.AGENT)
    clock.advance(hours=23, minutes=59)
    assert accounts.invitations.role(invitation) is Role.AGENT
    clock.advance(minutes=1)
    with pytest.raises(BadInvitationError):
        accounts.welcome(invitation, "ada", "Ada", PASSWORD)


@pytest.mark.parametrize("forged", ["", "x", "a" * 43, "\x00"])
def test_a_forged_link_is_none(accounts, forged):
    accounts.invitations.invite(Role.ADMINISTRATOR)
    with pytest.raises(BadInvitationError):
        accounts.welcome(forged, "ada", "Ada", PASSWORD)


def test_the_last_administrator_stays(accounts, join):
    ada, ben = join(accounts, "ada", Role.ADMINISTRATOR), join(accounts, "ben")
    for change in (
        lambda: accounts.people.deactivate(ada.id),
        lambda: accounts.people.set_role(ada.id, Role.AGENT),
    ):
        with pytest.raises(LastAdministratorError, match="Make somebody else one first"):
            change()
    accounts.people.set_role(ben.id, Role.ADMINISTRATOR)
    accounts.people.deactivate(ada.id)
    with pytest.raises(LastAdministratorError):
        accounts.people.set_role(ben.id, Role.AGENT)


def test_two_administrators_who_step_down_at_once_leave_one(accounts, join):
    people = [join(accounts, name, Role.ADMINISTRATOR) for name in ("ada", "ben")]
    ready = Barrier(2)

    def step_down(agent):
        ready.wait()
        try:
            accounts.people.set_role(agent.id, Role.AGENT)
        except LastAdministratorError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(step_down, people))
    left = [one for one in accounts.people.all() if one.agent.is_administrator]
    assert (sorted(done), len(left)) == ([False, True], 1)


def test_who_is_deactivated_is_out_until_activated_again(accounts, join):
    join(accounts, "ada", Role.ADMINISTRATOR)
    ben = join(accounts, "ben")
    secret = accounts.sessions.start(ben.id, "Firefox")
    accounts.people.deactivate(ben.id)
    assert accounts.sessions.find(secret) is None
    with pytest.raises(WrongPasswordError):
        accounts.sign_in("ben", PASSWORD, HERE)
    assert [agent.login for agent in accounts.people.active()] == ["ada"]
    accounts.people.activate(ben.id)
    assert accounts.sessions.find(secret) is None, "the old session does not come back"
    assert accounts.sign_in("ben", PASSWORD, HERE) == ben


def test_a_new_password_ends_the_other_sessions(accounts, join):
    ada = join(accounts, "ada")
    stays, goes = (accounts.sessions.start(ada.id, name) for name in ("here", "there"))
    mine = accounts.sessions.find(stays).id
    with pytest.raises(WrongPasswordError):
        accounts.change_password(ada, WRONG, "another four words", HERE, mine)
    with pytest.raises(AccountError, match="12 to 200"):
        accounts.change_password(ada, PASSWORD, "short", HERE, mine)
    assert accounts.sessions.find(goes)
    accounts.change_password(ada, PASSWORD, "another four words", HERE, mine)
    assert accounts.sessions.find(stays)
    assert accounts.sessions.find(goes) is None
    with pytest.raises(WrongPasswordError):
        accounts.sign_in("ada", PASSWORD, HERE)
    assert accounts.sign_in("ada", "another four words", HERE) == ada


class TestSessions:
    def test_end_after_12_idle_hours(self, accounts, clock, join):
        secret = accounts.sessions.start(join(accounts, "ada").id, "Firefox")
        for _ in range(3):
            clock.advance(hours=11, minutes=59)
            assert accounts.sessions.find(secret), "every use counts"
        clock.advance(hours=12)
        assert accounts.sessions.find(secret) is None

    def test_end_after_7_days_however_much_used(self, accounts, clock, join):
        secret = accounts.sessions.start(join(accounts, "ada").id, "Firefox")
        for _ in range(7 * 24 - 1):
            clock.advance(hours=1)
            assert accounts.sessions.find(secret)
        clock.advance(hours=1)
        assert accounts.sessions.find(secret) is None

    def test_are_ended_by_their_owner_alone(self, accounts, join):
        ada, ben = join(accounts, "ada"), join(accounts, "ben")
        secret = accounts.sessions.start(ada.id, "Firefox")
        found = accounts.sessions.find(secret)
        assert accounts.sessions.end(found.id, of=ben.id) is False
        assert accounts.sessions.find(secret)
        assert accounts.sessions.end(found.id, of=ada.id) is True
        assert accounts.sessions.find(secret) is None
        assert accounts.sessions.end(found.id) is False

    def test_the_name_of_a_session_is_no_cookie(self, accounts, join):
        secret = accounts.sessions.start(join(accounts, "ada").id, "Firefox")
        assert accounts.sessions.find(accounts.sessions.find(secret).id) is None

    def test_a_change_of_role_holds_from_the_next_request(self, accounts, join):
        join(accounts, "ada", Role.ADMINISTRATOR)
        ben = join(accounts, "ben", Role.ADMINISTRATOR)
        secret = accounts.sessions.start(ben.id, "Firefox")
        accounts.people.set_role(ben.id, Role.AGENT)
        assert accounts.sessions.find(secret).agent.role is Role.AGENT

    def test_old_ones_are_swept_out(self, accounts, any_engine, clock, join):
        ada = join(accounts, "ada")
        accounts.sessions.start(ada.id, "x" * 1000)
        clock.advance(days=7)
        accounts.sessions.start(ada.id, "Firefox")
        with any_engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM desk_sessions")) == 1


class TestThrottle:
    def fail(self, accounts, login="ada", address=HERE):
        with pytest.raises(WrongPasswordError):
            accounts.sign_in(login, WRONG, address)

    def test_waits_double_up_to_a_quarter_of_an_hour(self, accounts, clock):
        waits = []
        for _ in range(14):
            waits.append(0)
            while True:
                try:
                    accounts.throttle.begin("ada", HERE)
                except TooManyTriesError as error:
                    waits[-1] += error.seconds
                    clock.advance(seconds=error.seconds)
                else:
                    break
        assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]

    def test_the_right_password_forgets_wrong_ones(self, accounts, join):
        join(accounts, "ada")
        for _ in range(5):
            self.fail(accounts)
            self.fail(accounts)
            accounts.sign_in("ada", PASSWORD, HERE)

    def test_a_wait_refuses_the_right_password_too_and_says_how_long(self, accounts, clock, join):
        ada = join(accounts, "ada")
        for _ in range(3):
            self.fail(accounts)
        with pytest.raises(TooManyTriesError, match="Wait a second") as caught:
            accounts.sign_in("ada", PASSWORD, HERE)
        assert caught.value.seconds == 1
        clock.advance(seconds=1)
        assert accounts.sign_in("ada", PASSWORD, HERE) == ada

    def test_a_try_that_came_too_soon_does_not_lengthen_the_wait(self, accounts, clock, join):
        ada = join(accounts, "ada")
        for _ in range(3):
            self.fail(accounts)
        for _ in range(50):
            with pytest.raises(TooManyTriesError):
                accounts.sign_in("ada", WRONG, HERE)
        clock.advance(seconds=1)
        assert accounts.sign_in("ada", PASSWORD, HERE) == ada

    def test_whoever_guesses_cannot_keep_the_owner_out(self, accounts, clock, join):
        ada = join(accounts, "ada")
        waits = []
        for number in range(40):
            try:
                accounts.sign_in("ada", WRONG, f"203.0.113.{number}")
            except TooManyTriesError as error:
                waits.append(error.seconds)
                clock.advance(seconds=error.seconds)
            except WrongPasswordError:
                waits.append(0)
        assert max(waits) == 5
        clock.advance(seconds=5)
        assert accounts.sign_in("ada", PASSWORD, THERE) == ada

    def test_one_address_with_many_logins_is_slowed_down(self, accounts):
        for number in range(20):
            self.fail(accounts, f"agent{number}")
        with pytest.raises(TooManyTriesError):
            accounts.sign_in("agent20", WRONG, HERE)
        self.fail(accounts, "agent99", THERE)

    def test_addresses_of_one_ipv6_network_count_as_one(self, accounts):
        for number in range(1, 4):
            self.fail(accounts, address=f"2001:db8:0:1::{number}")
        with pytest.raises(TooManyTriesError):
            accounts.sign_in("ada", WRONG, "2001:db8:0:1::4")
        self.fail(accounts, address="2001:db8:0:2::1")

    def test_tries_at_once_count_before_their_passwords_are_looked_at(self, accounts):
        for _ in range(3):
            accounts.throttle.begin("ada", HERE)  # none has ended
        with pytest.raises(TooManyTriesError):
            accounts.throttle.begin("ada", HERE)

    def test_what_is_long_ago_is_forgotten(self, accounts, any_engine, clock):
        for _ in range(3):
            self.fail(accounts)
        clock.advance(hours=1)
        self.fail(accounts)
        with any_engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM failed_sign_ins")) == 1
