"""`openline keys`: all that is encrypted changes to a new key while everything runs, whatever happens on the way."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from openline.accounts.models import Account
from openline.channels.bluesky.inspecting import _login
from openline.channels.bluesky.oauth import document
from openline.events_server import EventsServer
from openline.foundation import keys, sealing
from openline.foundation.secrets import UnreadableSecret, decrypt, encrypt
from openline.partners.models import Connector, Kind, Webhook
from tests.world import city_account

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose key is in a file; the processes of this test began with it."""
    monkeypatch.delenv("OPENLINE_SECRET_KEY", raising=False)
    monkeypatch.delenv("OPENLINE_SECRET_KEY_OLD", raising=False)
    settings.VAR = tmp_path
    [settings.SECRET_KEY] = keys.installation_keys(tmp_path)
    return tmp_path


def said(action: str) -> str:
    out = io.StringIO()
    call_command("keys", action, stdout=out, stderr=out)
    return out.getvalue()


def doctor() -> str:
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit:
        pass
    return "\n".join(line for line in out.getvalue().splitlines() if "ecret" in line)


def one_of_each(folder: Path) -> tuple[Account, Connector, Webhook]:
    """Something encrypted of every kind that there is."""
    partner = Connector(name="Streets", kind=Kind.OPEN311, address="https://x.example")
    partner.secrets = {"secret": "of the partner"}
    hook = Webhook(name="Their system", address="https://y.example")
    hook.secrets = {"secret": "of the webhook"}
    partner.save()
    hook.save()
    return city_account(folder / "net"), partner, hook


@pytest.mark.django_db
def test_everything_is_brought_under_a_new_key(var: Path) -> None:
    account, partner, hook = one_of_each(var)
    [old] = keys.installation_keys(var)
    found = {one.model for one in sealing.everything([old])}
    assert found == {Account, Connector, Webhook}  # add here what is encrypted besides, and make one of it above
    assert said("rotate").startswith("3 secret(s) are under the new key now.")
    new, kept = keys.installation_keys(var)
    assert kept == old != new
    for one in (account, partner, hook):
        one.refresh_from_db()
    tokens = [bytes(x) for x in (account.credentials_encrypted, partner.secrets_encrypted, hook.secrets_encrypted)]
    said_by = [decrypt(token, new) for token in tokens]
    assert said_by == [{"token": "secret"}, {"secret": "of the partner"}, {"secret": "of the webhook"}]
    for token in tokens:
        with pytest.raises(UnreadableSecret):
            decrypt(token, old)


@pytest.mark.django_db
def test_a_process_that_began_before_reads_on_and_writes_what_is_read(var: Path, settings: Settings) -> None:
    account, *_ = one_of_each(var)
    said("rotate")
    new, old = keys.installation_keys(var)
    assert old == settings.SECRET_KEY  # it knows nothing of the new one
    account.refresh_from_db()
    assert account.ref().credentials == {"token": "secret"}
    account.credentials = {"token": "renewed"}
    account.save()
    assert "ADVICE 1 secret(s) are still under an older key" in doctor()
    assert said("list").splitlines() == ["the key in use: 2 secret(s)", "older key 1: 1 secret(s)"]
    with pytest.raises(CommandError, match="rotate"):
        said("forget")
    assert said("rotate").startswith("1 secret(s)")
    assert keys.installation_keys(var) == [new, old]  # it went on with the change that was begun
    assert "all under the key in use" in doctor()
    assert "1 older key(s) forgotten" in said("forget")
    assert keys.installation_keys(var) == [new] and "ok    Secrets: all under the one key" in doctor()


@pytest.mark.django_db
def test_a_change_that_dies_half_way_goes_on(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_of_each(var)
    done, swap = list[object](), sealing._swap

    def dying(one: sealing.Sealed, found: list[str]) -> int:
        if done:
            raise KeyboardInterrupt
        done.append(one)
        return swap(one, found)

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_swap", dying)
        with pytest.raises(KeyboardInterrupt):
            said("rotate")
    assert len(keys.installation_keys(var)) == 2 and "2 secret(s) are still" in doctor()
    assert Account.objects.get().credentials and Connector.objects.get().secret and Webhook.objects.get().secret
    assert said("rotate").startswith("2 secret(s)") and len(keys.installation_keys(var)) == 2


@pytest.mark.django_db
def test_what_no_key_opens_is_named_and_left(var: Path) -> None:
    account, *_ = one_of_each(var)
    lost = encrypt({"token": "x"}, "a key that is gone")
    Account.objects.filter(pk=account.pk).update(credentials_encrypted=lost)
    assert "1 secret(s) are under a key that is not known" in said("rotate")
    assert f"MEND  Secrets of account {account} are under an unknown key" in doctor()
    assert bytes(Account.objects.get().credentials_encrypted) == lost
    assert "none of them: 1 secret(s)" in said("list")


@pytest.mark.django_db
def test_keys_of_the_environment(var: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    one_of_each(var)
    old, new = settings.SECRET_KEY, said("new").strip()
    monkeypatch.setenv("OPENLINE_SECRET_KEY", old)
    with pytest.raises(CommandError, match="OPENLINE_SECRET_KEY_OLD"):
        said("rotate")
    monkeypatch.setenv("OPENLINE_SECRET_KEY", new)
    monkeypatch.setenv("OPENLINE_SECRET_KEY_OLD", old)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [old]
    assert Account.objects.get().credentials == {"token": "secret"}
    assert "3 secret(s) are still" in doctor()
    assert said("rotate").startswith("3 secret(s)") and "OPENLINE_SECRET_KEY_OLD" in said("rotate")
    monkeypatch.delenv("OPENLINE_SECRET_KEY_OLD")
    settings.SECRET_KEY_FALLBACKS = []
    assert Account.objects.get().credentials == {"token": "secret"}


@pytest.mark.django_db(transaction=True)
def test_no_renewed_token_is_lost_while_the_key_changes(var: Path) -> None:
    """Workers renew tokens that work once, as fast as they can, and the key changes three times under them."""
    accounts = [city_account(var / "net", f"@{n}") for n in range(3)]
    stop, count = threading.Event(), {account.pk: 0 for account in accounts}
    wrong: list[str] = []

    def work(account: Account) -> None:
        def renew(before: dict[str, str]) -> dict[str, str]:
            if before["token"] not in ("secret", str(count[account.pk])):
                wrong.append(before["token"])
            count[account.pk] += 1
            return {"token": str(count[account.pk])}

        while not stop.is_set():
            account.ref().keeper.renew(renew)
        connection.close()

    threads = [threading.Thread(target=work, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    try:
        for turn in range(3):
            seen = dict(count)
            while any(count[pk] <= seen[pk] for pk in count):
                assert all(thread.is_alive() for thread in threads)
                stop.wait(0.005)
            keys.begin(var)
            sealing.rotate(keys.installation_keys(var))
            assert len(keys.installation_keys(var)) == turn + 2
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    sealing.rotate(keys.installation_keys(var))
    assert not wrong
    newest = keys.installation_keys(var)[:1]
    assert {one.key for one in sealing.everything(newest)} == {0}
    for account in accounts:
        account.refresh_from_db()
        assert decrypt(bytes(account.credentials_encrypted), *newest) == {"token": str(count[account.pk])}


def test_live_events_take_tokens_of_an_older_key(settings: Settings) -> None:
    from django.core import signing

    from openline.events_server import SALT

    token = b"token=" + signing.dumps(1, key="old", salt=SALT).encode()
    assert EventsServer("new", "", ["old"]).may_listen(token)
    assert not EventsServer("new", "").may_listen(token)


def test_bluesky_knows_our_older_keys_and_the_doctor_which_login_hangs_on_one(settings: Settings) -> None:
    from types import SimpleNamespace

    from openline.channels.base import AccountRef
    from openline.channels.bluesky import dpop, oauth

    back = "https://city.example/console/accounts/back/"
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old", []
    [before] = document(back)["jwks"]["keys"]  # type: ignore[index]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    now = document(back)["jwks"]["keys"]  # type: ignore[index]
    assert [one["kid"] for one in now] == [dpop.name(oauth._own_keys()[0]), before["kid"]]
    for name, hangs in ((before["kid"], True), (now[0]["kid"], False), ("", True)):
        chosen = {"client_id": "https://city.example/x", "token_endpoint": "https://pds.example/t", "client_key": name}
        account = AccountRef("1", "@c", "https://pds.example", {}, chosen)
        findings = _login(SimpleNamespace(account=account))  # type: ignore[arg-type]
        assert bool(findings) is hangs
        assert dpop.name(oauth._own_key(chosen)) == (before["kid"] if hangs else now[0]["kid"])
