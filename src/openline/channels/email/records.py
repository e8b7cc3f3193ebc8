"""What the DNS says of the domain that we send from: SPF (RFC 7208), DMARC (RFC 7489) and DKIM (RFC 6376)."""

from __future__ import annotations

from dataclasses import dataclass

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The texts under a name; `reached` is False if no name server could be asked."""

    texts: tuple[str, ...] = ()
    reached: bool = True

    def beginning(self, mark: str) -> str:
        """The first text that begins so, whatever its capitals."""
        return next((text for text in self.texts if text.lower().startswith(mark.lower())), "")


def texts_of(name: str) -> Answer:
    """The TXT records under `name`."""
    # 3 MB that only an inspection needs.
    import dns.exception
    import dns.resolver

    try:
        found = dns.resolver.resolve(name, "TXT", lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Answer()
    except (dns.exception.DNSException, OSError, UnicodeError):
        return Answer(reached=False)
    return Answer(tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found))


def policy_of(domain: str) -> Answer:
    """The DMARC policy that holds for a domain: its own, or that of a domain above it."""
    parts = domain.split(".")
    for count in range(len(parts) - 1):
        answer = texts_of("_dmarc." + ".".join(parts[count:]))
        if not answer.reached or answer.beginning("v=DMARC1"):
            return answer
    return Answer()
