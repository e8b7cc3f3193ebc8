"""WordPress from Debian on PHP's own web server, with a MariaDB of its own; both on this machine alone."""

from __future__ import annotations

import getpass
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from openline.sandbox.servers import free_port
from tests.conftest import need
from tests.servers.process import end, run, running

SOURCE = Path("/usr/share/wordpress")

_CONFIG = """<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_CHARSET', 'utf8mb4');
define('DB_HOST', 'localhost:%(socket)s'); define('DB_COLLATE', '');
define('WP_HOME', isset($_SERVER['HTTP_HOST']) ? 'http://' . $_SERVER['HTTP_HOST'] : '%(home)s');
define('WP_SITEURL', WP_HOME);
define('WP_ENVIRONMENT_TYPE', 'local'); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HTTP_BLOCK_EXTERNAL', true); define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('AUTH_KEY', 'a'); define('SECURE_AUTH_KEY', 'b'); define('LOGGED_IN_KEY', 'c'); define('NONCE_KEY', 'd');
define('AUTH_SALT', 'e'); define('SECURE_AUTH_SALT', 'f'); define('LOGGED_IN_SALT', 'g'); define('NONCE_SALT', 'h');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
"""It is known by whatever address it is called, so that it can stand behind a proxy with faults."""

_PLUGIN = """<?php
// No mail leaves this machine, pingbacks may come from it, and many residents may comment from one address.
add_filter('pre_wp_mail', '__return_true');
add_filter('http_request_host_is_external', fn($external, $host) => $external || $host === '127.0.0.1', 10, 2);
add_filter('http_allowed_safe_ports', fn($ports, $host, $url) => [...$ports, parse_url($url, PHP_URL_PORT)], 10, 3);
add_filter('comment_flood_filter', '__return_false', 20);
"""

_INSTALL = """
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('City News', 'admin', 'admin@city.example', true, '', 'admin');
foreach (['permalink_structure' => '/%postname%/', 'comment_moderation' => '0', 'comment_previously_approved' => '0',
          'timezone_string' => 'America/New_York', 'thread_comments_depth' => '10'] as $name => $value)
    update_option($name, $value);
$id = wp_insert_user(['user_login' => 'newsroom', 'user_pass' => 'newsroom', 'user_email' => 'news@city.example',
                      'display_name' => 'City Newsroom', 'role' => 'editor']);
$password = WP_Application_Passwords::create_new_application_password($id, ['name' => 'test'])[0];
return ['user' => $id, 'password' => $password];
"""


@dataclass
class WordPress:
    """One site: its folder, its port on loopback, the city's user (an editor) and its application password."""

    folder: Path
    port: int
    user: int = 0
    password: str = field(default="", repr=False)
    _stack: ExitStack = field(default_factory=ExitStack, repr=False)

    @property
    def home(self) -> str:
        """The site's address."""
        return f"http://127.0.0.1:{self.port}"

    def php(self, code: str, **values: Any) -> Any:
        """Run PHP inside the site, as a plugin would; `values` are its variables. Gives what it returns."""
        script = (
            "<?php $_SERVER['HTTP_HOST'] = $argv[1];"
            + ("define('WP_INSTALLING', true);" if "wp_install(" in code else "")
            + f"require '{self.folder}/site/wp-load.php';"
            + f"$run = function ($values) {{ extract($values); {code} }};"
            + "echo chr(1) . json_encode($run(json_decode(stream_get_contents(STDIN), true)));"
        )
        file = self.folder / f"run-{free_port()}.php"
        file.write_text(script)
        done = subprocess.run(
            ["php", "-d", "memory_limit=512M", file, f"127.0.0.1:{self.port}"],
            input=json.dumps(values).encode(),
            capture_output=True,
            timeout=60,
        )
        file.unlink()
        assert done.returncode == 0 and b"\x01" in done.stdout, (done.stdout + done.stderr).decode()[-2000:]
        return json.loads(done.stdout.rpartition(b"\x01")[2] or b"null")

    def start(self) -> None:
        """Start the web server (the database is there already)."""
        self._server = run(
            ["php", "-d", "upload_max_filesize=8M", "-S", f"127.0.0.1:{self.port}", "-t", self.folder / "site"],
            self.folder,
            lambda: httpx.get(f"{self.home}/wp-json/", timeout=5).is_success,
            environment={"PHP_CLI_SERVER_WORKERS": "4"},
        )

    def stop(self) -> None:
        """Stop the web server and its workers."""
        end(self._server)


@contextmanager
def wordpress(folder: Path) -> Iterator[WordPress]:
    """A fresh site, running while the block does."""
    missing = [name for name in ("php", "mariadbd", "mariadb-install-db") if not shutil.which(name)]
    need(not missing and SOURCE.is_dir(), f"WordPress with PHP and MariaDB ({', '.join(missing) or SOURCE})")
    folder.mkdir(parents=True, exist_ok=True)
    site = WordPress(folder, free_port())
    with _database(folder) as socket:
        _files(site, socket)
        made = site.php(_INSTALL)
        site.user, site.password = made["user"], made["password"]
        site.start()
        try:
            yield site
        finally:
            site.stop()


@contextmanager
def _database(folder: Path) -> Iterator[Path]:
    """MariaDB on a socket in the folder; nothing listens on the network."""
    data, socket, user = folder / "db", folder / "db.sock", getpass.getuser()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    install = ["mariadb-install-db", "--no-defaults", f"--user={user}", f"--datadir={data}", "--skip-test-db"]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], **quiet)  # type: ignore[call-overload]
    sql = ["mariadb", "-uroot", f"--socket={socket}", "-e"]
    command = ["mariadbd", "--no-defaults", f"--user={user}", f"--datadir={data}", f"--socket={socket}"]
    command += [f"--pid-file={folder / 'db.pid'}", "--skip-networking", "--skip-log-bin", "--performance-schema=OFF"]
    command += ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]
    with running(command, folder, lambda: not subprocess.run([*sql, "select 1"], capture_output=True).returncode):
        subprocess.run([*sql, "create database wp character set utf8mb4"], **quiet)  # type: ignore[call-overload]
        yield socket


def _files(site: WordPress, socket: Path) -> None:
    root = site.folder / "site"
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns("wp-config.php"))
    (root / "wp-config.php").write_text(_CONFIG % {"socket": socket, "home": site.home})
    plugins = root / "wp-content" / "mu-plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "test.php").write_text(_PLUGIN)
