"""An SMTP relay that keeps what it is given.

usage: relay.py FOLDER plain|starttls|implicit none|PLAIN|LOGIN

Writes FOLDER/ca.pem, then FOLDER/port when it listens, and a line of JSON to FOLDER/mail.jsonl for each recipient.
"""

import datetime
import email
import email.policy
import ipaddress
import json
import pathlib
import re
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword, SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

USER, PASSWORD = b"vestibule", b"rather secret"


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    protection, mechanism = sys.argv[2], sys.argv[3]
    context = certificate(folder)

    options = {"hostname": "127.0.0.1", "port": 0, "ready_timeout": 20, "enable_SMTPUTF8": True}
    if protection == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if protection == "implicit":
        options |= {"ssl_context": context}
    if mechanism != "none":
        others = {"PLAIN", "LOGIN"} - {mechanism}
        options |= {
            "authenticator": check,
            "auth_required": True,
            "auth_exclude_mechanism": sorted(others),
            # A password over a plain connection: what a relay on loopback may ask for.
            "auth_require_tls": protection == "starttls",
        }

    controller = AnyPort(Keep(folder / "mail.jsonl"), **options)
    controller.start()
    (folder / "port.new").write_text(str(controller.server.sockets[0].getsockname()[1]))
    (folder / "port.new").rename(folder / "port")
    threading.Event().wait()


class AnyPort(Controller):
    """A controller that lets the system choose the port and does not knock at it to see."""

    def _trigger_server(self) -> None:
        self._factory_invoker()

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


class Keep:
    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        html = message.get_body(("html",))
        text = message.get_body(("plain",))
        plain = text.get_content() if text else ""
        auth = session.auth_data
        with self.path.open("a") as kept:
            for address in envelope.rcpt_tos:
                kept.write(json.dumps({
                    "subject": str(message["subject"]),
                    "text": plain,
                    "html": html.get_content() if html else None,
                    "envelopeTo": address,
                    "headers": [[name, str(value)] for name, value in message.items()],
                    "links": re.findall(r"https?://[^\s<>\"]+", plain),
                    "mail_from": envelope.mail_from,
                    "is_encrypted": session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
                    "authenticated_as": auth.login.decode() if auth else "",
                }) + "\n")
        return "250 OK kept"


def check(server, session, envelope, mechanism, auth_data) -> AuthResult:
    if not isinstance(auth_data, LoginPassword):
        return AuthResult(success=False, handled=False)
    matches = auth_data.login == USER and auth_data.password == PASSWORD
    return AuthResult(success=matches, handled=False, auth_data=auth_data if matches else None)


def certificate(folder: pathlib.Path) -> ssl.SSLContext:
    """An authority of our own and a certificate for localhost by it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay's authority")])
    authority_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        builder(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(authority_id, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = (
        builder(name, authority_name, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "leaf.pem").write_bytes(
        leaf.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return context


def builder(name, issuer, public_key, now):
    day = datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 30 * day)
    )


if __name__ == "__main__":
    main()
