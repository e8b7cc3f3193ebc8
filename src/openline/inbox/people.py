"""Who is who: the city's own voices among the identities."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.registry import channel_for
from openline.inbox.models import Identity, Resident


def know_own_voice(account: Account) -> None:
    """Mark the account's own identity as ours, so that what the city says is never answered by machine.

    Asks the network who we are; raises a ChannelError if it cannot be asked.
    """
    who = channel_for(account.network).check(account.ref())
    with transaction.atomic():
        found = Identity.objects.filter(network=account.network, network_user_id=who.author_id).first()
        if found is None:
            resident = Resident.objects.create(created_at=timezone.now())
            found = Identity(resident=resident, network=account.network, network_user_id=who.author_id)
        found.handle, found.name, found.ours = who.handle, who.name, True
        found.save()
        Account.objects.filter(pk=account.pk).update(network_user_id=who.author_id[:500], expires_at=who.expires_at)
