"""A mail server for tests: accepts, refuses or hangs up as the recipient's name says.

Writes its ports as JSON to the first argument, and each message it got as a line of JSON to the second.
Ends when the process that started it does.
"""

import asyncio
import json
import os
import ssl
import sys
from base64 import b64encode
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

PORTS_FILE, MESSAGES_FILE, CERTIFICATE, KEY = sys.argv[1:5]
PARENT = os.getppid()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name.startswith("rcpt-"):
            # "rcpt-550-5.1.1" has an enhanced code behind the plain one.
            return name[5:].replace("-", " ", 1) + " refused by the test"
        if name == "cut-rcpt":
            server.transport.abort()
            await asyncio.sleep(60)
        if name == "hang-rcpt":
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        record(server, session, envelope)
        name = envelope.rcpt_tos[0].split("@")[0]
        if name.startswith("data-"):
            return name[5:] + " refused by the test"
        if name == "cut-data":
            server.transport.abort()
            await asyncio.sleep(60)
        if name == "hang-data":
            await asyncio.sleep(60)
        return "250 taken"


def record(server, session, envelope):
    mail = message_from_bytes(envelope.content, policy=policy.default)
    entry = {
        "mail_from": envelope.mail_from,
        "rcpt_to": envelope.rcpt_tos,
        "tls": server.transport.get_extra_info("ssl_object") is not None,
        "authenticated": bool(session.authenticated),
        "headers": [[name, str(value)] for name, value in mail.items()],
        "content_type": mail.get_content_type(),
        "parts": [describe(part) for part in mail.walk() if not part.is_multipart()],
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
        "longest_line": max(
            # The boundary in this one is libcurl's.
            len(line) for line in envelope.content.split(b"\r\n") if not line.startswith(b"Content-Type:")
        ),
        "raw": b64encode(envelope.content).decode(),
    }
    with open(MESSAGES_FILE, "a") as file:
        file.write(json.dumps(entry) + "\n")


def describe(part):
    if part.get_content_disposition() == "attachment":
        content = {"base64": b64encode(part.get_payload(decode=True)).decode()}
    else:
        content = {"text": part.get_content()}
    return {
        "type": part.get_content_type(),
        "charset": part.get_content_charset(),
        "filename": part.get_filename(),
        **content,
    }


def authenticate(server, session, envelope, mechanism, data):
    login = getattr(data, "login", b"")
    if login == b"busy":
        return AuthResult(success=False, handled=False, message="454 4.7.0 Temporary authentication failure")
    return AuthResult(success=login == b"herald" and data.password == "p w:\"é".encode(), handled=False)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    loop = asyncio.get_running_loop()

    def protocol(**options):
        return lambda: SMTP(Handler(), hostname="mail.test", authenticator=authenticate, **options)

    servers = {
        "none": await loop.create_server(protocol(auth_require_tls=False), "127.0.0.1", 0),
        "starttls": await loop.create_server(
            protocol(tls_context=context, require_starttls=True, auth_required=True), "127.0.0.1", 0
        ),
        "implicit": await loop.create_server(protocol(auth_required=True, auth_require_tls=False), "127.0.0.1", 0, ssl=context),
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    with open(PORTS_FILE + ".new", "w") as file:
        json.dump(ports, file)
    os.rename(PORTS_FILE + ".new", PORTS_FILE)
    while os.getppid() == PARENT:
        await asyncio.sleep(0.5)


asyncio.run(main())
