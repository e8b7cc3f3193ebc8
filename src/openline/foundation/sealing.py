"""What the database keeps encrypted: a kind of field for it, and its change from older keys to the newest.

A rotation touches a row only if it is as it was read (compare and swap): a token that a worker renews meanwhile is
never lost, and a rotation that dies half way is simply done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from openline.foundation.keys import installation_keys
from openline.foundation.secrets import UnreadableSecret, decrypt, encrypt


class SealedField(models.BinaryField):
    """Secrets as `seal` makes them. In this kind of field they are found when the key changes, and nowhere else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": b"", "editable": False, **options})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """For migrations it is what the database sees: bytes."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.BinaryField", args, options


def seal(value: dict[str, str]) -> bytes:
    """`value` encrypted under the key that is used now."""
    return encrypt(value, settings.SECRET_KEY)


def unseal(token: bytes) -> dict[str, str]:
    """The value that was sealed under any key of this installation; raises UnreadableSecret.

    A process that began before a rotation does not know the newest key yet: then it looks again where keys are kept.
    """
    try:
        return decrypt(token, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    except UnreadableSecret:
        return decrypt(token, *installation_keys(settings.VAR))


@dataclass(frozen=True, slots=True)
class Sealed:
    """One thing that is kept encrypted: where it stands, and by which of the keys it is read (0: the newest; None: by
    none of them)."""

    model: type[models.Model]
    field: str
    pk: object
    token: bytes
    key: int | None

    def __str__(self) -> str:
        return f"{self.model._meta.verbose_name} {self.model._base_manager.get(pk=self.pk)}"


def everything(keys: Sequence[str]) -> Iterator[Sealed]:
    """All that is kept encrypted, with the place in `keys` of the key that opens it."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                rows = model._base_manager.exclude(**{field.name: b""}).values_list("pk", field.name)
                for pk, token in rows.iterator():
                    yield Sealed(model, field.name, pk, bytes(token), _opener(bytes(token), keys))


def rotate(keys: Sequence[str]) -> int:
    """Bring all that is readable under the first of `keys`; how many it was. What is read by none of them is left."""
    changed = 0
    while older := [one for one in everything(keys) if one.key]:
        changed += sum(_swap(one, keys) for one in older)
    return changed


def _swap(one: Sealed, keys: Sequence[str]) -> int:
    """1 if it was changed; 0 if somebody else wrote it meanwhile, so that it is to be read again."""
    fresh = encrypt(decrypt(one.token, *keys), keys[0])
    same = one.model._base_manager.filter(**{"pk": one.pk, one.field: one.token})
    return same.update(**{one.field: fresh})


def _opener(token: bytes, keys: Sequence[str]) -> int | None:
    for place, key in enumerate(keys):
        try:
            decrypt(token, key)
        except UnreadableSecret:
            continue
        return place
    return None
