"""An endpoint by https: a certificate that nobody vouches for is refused, one of the city's own authority is not."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from openline.language_model import client
from openline.language_model.client import Outcome, exchange
from openline.language_model.settings import Settings
from tests.language_model.standin import StandIn, running


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "city authority")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "city.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip
    return path


@pytest.fixture
def standin(certificate: Path) -> Iterator[StandIn]:
    """The server by https."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    client._trusted.cache_clear()
    with running(tls) as here:
        yield here
    client._trusted.cache_clear()


def test_a_certificate_that_nobody_vouches_for_gets_nothing(standin: StandIn) -> None:
    assert exchange(Settings(standin.url, "m"), "/models").outcome == Outcome.UNREACHABLE
    assert standin.heard == []


def test_the_citys_own_authority_is_trusted(
    standin: StandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert exchange(Settings(standin.url, "m"), "/models").outcome == Outcome.ANSWERED
