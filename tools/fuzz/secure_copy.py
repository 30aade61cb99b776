"""A copy of the site as in production: TLS, real gunicorn, the demo practice, loopback only."""

import datetime
import ipaddress
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from consultations.management.processes import Children
from tests.served import PROJECT, Site, free_port, running_site

GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "practice_site/gunicorn_conf.py"]


@dataclass(frozen=True)
class SecureCopy:
    site: Site
    certificate: Path

    @property
    def url(self) -> str:
        return self.site.env["SITE_URL"]

    def get(self, path: str) -> str:
        """The text of a page, over a line whose certificate is looked at."""
        trust = ssl.create_default_context(cafile=str(self.certificate))
        with urllib.request.urlopen(self.url + path, context=trust, timeout=10) as answer:
            return answer.read().decode()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself, for one day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "localhost.pem", folder / "localhost.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


@contextmanager
def secure_copy(data: Path) -> Iterator[SecureCopy]:
    """Filled as a demo, then served under the settings of production."""
    with running_site(data) as demo:
        env = dict(demo.env)
    port = free_port()
    env |= {
        "SITE_MODE": "production",
        "SITE_URL": f"https://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SECRET_KEY_FILE": str(data / "keys" / "secret_key"),
        "FIELD_KEYS_FILE": str(data / "keys" / "field_keys"),
        "EMAIL_URL": "smtp+tls://nobody:nothing@127.0.0.1:1",
        "BIND": "127.0.0.1",
        "PORT": str(port),
    }
    public, private = make_certificate(data)
    copy = SecureCopy(Site(port, data, env), public)
    family = Children()
    served = [*GUNICORN, "--certfile", str(public), "--keyfile", str(private)]
    log = data / "log" / "secure.log"
    family.start("web", [*served, "practice_site.wsgi:application"], cwd=PROJECT, env=env, log=log)
    try:
        assert family.wait_until(lambda: is_up(copy), seconds=60), log.read_text()
        yield copy
    finally:
        family.stop()


def is_up(copy: SecureCopy) -> bool:
    try:
        return bool(copy.get("/healthz"))
    except OSError:
        return False
