"""A mail provider on loopback: Postfix takes mail in, Dovecot keeps it. Both from Debian, with folders of their own."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from openline.sandbox.servers import free_port
from tests.servers.certificates import make_certificate
from tests.servers.process import end, run

CITY, RESIDENTS = "city.test", "residents.test"
PASSWORD = "pw-of-everybody"
PEOPLE = ("maria", "jose", "wei", "olga", "busy", "full", "gone", "held")
"""Residents with a mailbox; what the servers answer for the last four stands below. The city has `help`, with addresses
behind a plus, and `parks`, without."""
REFUSED_WORD = "forbidden-word-of-this-server"

_ACCESS = {
    "busy": "450 4.2.0 Mailbox busy, try again in 7 minutes",
    "full": "552 5.2.2 Mailbox full",
    "held": "450 4.7.1 Too many messages from you, slow down",
}
_MOVED = "550 5.1.1 This person has moved away"
"""What the residents' own server says to whoever writes to `gone`, once Postfix has taken the mail."""
_MASTER = """\
127.0.0.1:{smtp}    inet n - n - - smtpd
127.0.0.1:{smtps}   inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
127.0.0.1:{limited} inet n - n - - smtpd -o smtpd_client_message_rate_limit=1 -o smtpd_client_event_limit_exceptions=
127.0.0.1:{remote}  inet n - n - - smtpd -o myhostname=mx.residents.test -o smtpd_relay_restrictions=permit
  -o {{ smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/conf/moved, reject }}
pickup    unix n - n 60   1 pickup
cleanup   unix n - n -    0 cleanup
qmgr      unix n - n 300  1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n -    - trivial-rewrite
bounce    unix - - n -    0 bounce
defer     unix - - n -    0 bounce
trace     unix - - n -    0 bounce
verify    unix - - n -    1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n -    - proxymap
proxywrite unix - - n -   1 proxymap
smtp      unix - - n -    - smtp
relay     unix - - n -    - smtp
showq     unix n - n -    - showq
error     unix - - n -    - error
retry     unix - - n -    - error
discard   unix - - n -    - discard
lmtp      unix - - n -    - lmtp
anvil     unix - - n -    1 anvil
scache    unix - - n -    1 scache
postlog   unix-dgram n - n - 1 postlogd
"""
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.city.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = city.test, residents.test
virtual_mailbox_maps = regexp:{folder}/conf/people
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = texthash:{folder}/conf/transport
default_transport = error:no mail leaves this machine
recipient_delimiter = +
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/conf/access, permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
smtpd_peername_lookup = no
body_checks = regexp:{folder}/conf/body
message_size_limit = 3000000
virtual_mailbox_limit = 0
mailbox_size_limit = 0
smtpd_error_sleep_time = 0
in_flow_delay = 0
lmtp_destination_concurrency_limit = 20
"""
_DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
auth_cache_size = 0
mail_fsync = never
maildir_very_dirty_syncs = yes
mail_max_userip_connections = 200
mail_location = maildir:{folder}/mail/%Ln
recipient_delimiter = +
first_valid_uid = 1
mail_uid = mail
mail_gid = mail
service anvil {{
  client_limit = 600
  # A wrong password must not slow the next login down.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%Ln allow_all_users=yes
}}
"""
_OAUTH = """\
introspection_mode = post
introspection_url = http://127.0.0.1:{tokens}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


def mail_servers_here() -> bool:
    """Are Postfix and Dovecot installed, and may we start them?"""
    return os.geteuid() == 0 and all(map(shutil.which, ("postfix", "dovecot", "doveadm")))


@dataclass
class MailServers:
    """Postfix and Dovecot in `folder`; `tokens` is the port where access tokens are asked about."""

    folder: Path
    tokens: int = 0
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("smtp", "smtps", "limited", "remote", "imap", "imaps", "lmtp", "auth")
        self.ports = {name: free_port() for name in names}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __getattr__(self, name: str) -> int:
        try:
            return self.__dict__["ports"][name]
        except KeyError:
            raise AttributeError(name) from None

    def write(self) -> None:
        """All configuration, and the folders with the owners that the servers insist on."""
        folder, values = self.folder, {"folder": self.folder, "password": PASSWORD, "tokens": self.tokens, **self.ports}
        for name in ("conf", "queue", "data", "mail", "run", "state"):
            (folder / name).mkdir(exist_ok=True)
        _let_through(folder)
        make_certificate(folder, "localhost", "127.0.0.1")
        postfix, mail = pwd.getpwnam("postfix").pw_uid, pwd.getpwnam("mail").pw_uid
        os.chown(folder / "data", postfix, -1)
        os.chown(folder / "mail", mail, grp.getgrnam("mail").gr_gid)
        everybody = "|".join([f"help([+].*)?@{CITY}", f"parks@{CITY}", f"({'|'.join(PEOPLE)})([+].*)?@{RESIDENTS}"])
        files = {
            "conf/main.cf": _MAIN.format(**values),
            "conf/master.cf": _MASTER.format(**values),
            "conf/people": f"/^({everybody.replace('.test', '[.]test')})$/ OK\n",
            "conf/access": "".join(f"{who}@{RESIDENTS} {answer}\n" for who, answer in _ACCESS.items()),
            "conf/moved": f"gone@{RESIDENTS} {_MOVED}\n",
            "conf/transport": f"gone@{RESIDENTS} smtp:[127.0.0.1]:{self.ports['remote']}\n",
            "conf/body": f"/{REFUSED_WORD}/ REJECT this is not welcome here\n",
            "dovecot.conf": _DOVECOT.format(**values),
            "oauth2.conf": _OAUTH.format(**values),
        }
        for name, text in files.items():
            (folder / name).write_text(text)

    def start(self) -> None:
        """Both servers, until each greets."""
        self.start_dovecot()
        self.start_postfix()

    def start_dovecot(self) -> None:
        """Dovecot alone."""
        command = ["dovecot", "-F", "-c", self.folder / "dovecot.conf"]
        self._processes.append(run(command, self.folder, self._imap_greets))

    def start_postfix(self) -> None:
        """Postfix alone."""
        command = ["postfix", "-c", self.folder / "conf", "start-fg"]
        self._processes.append(run(command, self.folder, self._smtp_greets))

    def stop(self) -> None:
        """Both servers; what they keep stays."""
        self._end_postfix()
        for process in self._processes:
            end(process)
        self._processes.clear()

    def _end_postfix(self) -> None:
        """Postfix' master leaves the group of who started it, and has its own."""
        try:
            master = int((self.folder / "queue/pid/master.pid").read_text())
            os.killpg(master, signal.SIGTERM)
        except (OSError, ValueError):
            return
        until = time.monotonic() + 5
        with suppress(ProcessLookupError):
            while time.monotonic() < until:
                os.killpg(master, 0)
                time.sleep(0.05)

    def _imap_greets(self) -> bool:
        with imaplib.IMAP4("127.0.0.1", self.imap) as line:
            return line.login("help", PASSWORD)[0] == "OK"

    def _smtp_greets(self) -> bool:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=5) as line:
            return line.noop()[0] == 250

    def doveadm(self, *words: str) -> str:
        """Dovecot's own tool for whoever runs the server."""
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def waiting(self) -> str:
        """What stands in Postfix' queue."""
        return subprocess.run(
            ["postqueue", "-c", str(self.folder / "conf"), "-j"], check=True, capture_output=True, text=True
        ).stdout

    def settle(self, seconds: float = 10) -> None:
        """Wait until all mail is delivered."""
        until = time.monotonic() + seconds
        while self.waiting().strip():
            assert time.monotonic() < until, self.waiting()
            time.sleep(0.05)


def _let_through(folder: Path) -> None:
    """The servers run as other users: they must be able to walk down to their folder."""
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)


@contextmanager
def mail_servers(folder: Path, tokens: int = 0) -> Iterator[MailServers]:
    """The provider, while the block runs."""
    servers = MailServers(folder, tokens)
    servers.write()
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
