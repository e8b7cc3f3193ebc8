"""Connecting a site, trying it out, and what it lacks."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openline.channels.base import (
    AccountRef,
    NetworkDown,
    NotAllowed,
    Outgoing,
    Receipt,
    Rejected,
    TokenExpired,
    Unverified,
)
from openline.channels.wordpress.client import Site
from tests.channels.nets.base import Memory
from tests.channels.nets.wordpress import WordPressNet
from tests.channels.wordpress.tools import (
    another_blog,
    article,
    count,
    send,
    words,
)


def test_connecting_by_an_application_password(net: WordPressNet) -> None:
    spaced = " ".join(re.findall("....", net.site.password))
    given = {"server": f"{net.site.home}/hello-world/", "username": "newsroom", "application_password": spaced}
    found = net.channel.connect(given)
    assert found.server == net.site.home and found.who == net.channel.check(net.account)
    assert found.settings == {"user": str(net.site.user)} and set(found.credentials) == set(net.channel.secrets)
    assert found.who.author_id.endswith(f"#user:{net.site.user}") and found.who.name == "City Newsroom"
    for wrong, field in (
        ({"application_password": "wrong"}, "application_password"),
        ({"username": ""}, "username"),
        ({"server": f"{net.site.home}/wp-includes/images/blank.gif"}, "server"),
    ):
        with pytest.raises(Rejected) as refused:
            net.channel.connect(given | wrong)
        assert refused.value.field_name == field


def test_a_user_with_too_few_rights_is_not_connected(net: WordPressNet) -> None:
    code = """$id = wp_insert_user(['user_login' => 'small', 'user_pass' => 'x', 'role' => 'author']);
              return WP_Application_Passwords::create_new_application_password($id, ['name' => 't'])[0];"""
    values = {"server": net.site.home, "username": "small", "application_password": net.site.php(code)}
    with pytest.raises(Rejected, match="moderate_comments"):
        net.channel.connect(values)


def test_connecting_by_wordpress_s_own_page(net: WordPressNet) -> None:
    begun = net.channel.authorize({"server": net.site.home}, "http://127.0.0.1:9/back", "s-1")
    with httpx.Client(follow_redirects=True, timeout=20) as browser:
        login = {"log": "newsroom", "pwd": "newsroom", "redirect_to": begun.url, "testcookie": "1"}
        browser.cookies.set("wordpress_test_cookie", "WP Cookie check")
        page = browser.post(f"{net.site.home}/wp-login.php", data=login).text
        assert "Openline" in page
        fields = dict(
            re.findall(r"<input type=[\"']hidden[\"'] [^>]*name=[\"']([^\"']+)[\"'] value=[\"']([^\"']*)", page)
        )
        fields |= {"app_name": "Openline", "approve": "1"}
        form = {name: value.replace("&#038;", "&").replace("&amp;", "&") for name, value in fields.items()}
        target = f"{net.site.home}/wp-admin/authorize-application.php"
        back = browser.post(target, data=form, follow_redirects=False).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    found = net.channel.authorized(begun.kept, query)
    assert found.credentials["username"] == "newsroom" and net.channel.check(
        replace(net.account, credentials=found.credentials)
    )
    with pytest.raises(Unverified):
        net.channel.authorized(begun.kept, query | {"state": "s-2"})
    with pytest.raises(NotAllowed):
        net.channel.authorized(begun.kept, {"state": "s-1", "success": "false"})


def test_a_site_without_pretty_permalinks_is_connected_and_used(net: WordPressNet) -> None:
    net.site.php("update_option('permalink_structure', '');")
    try:
        given = {"server": net.site.home, "username": "newsroom", "application_password": net.site.password}
        found = net.channel.connect(given)
        account = replace(net.account, settings=found.settings)
        assert "rest_route" in found.settings["api"] and found.who == net.channel.check(net.account)
        net.post(text := words())
        items = net.hearing(account, net.position())
        assert net.channel.send(account, Outgoing(words(), in_reply_to="comment:1"), words(), Memory()).network_id
        assert text in {item.text for item in (*items, *net._collected)}
    finally:
        net.site.php("update_option('permalink_structure', '/%postname%/');")


def test_a_password_never_goes_over_an_open_line(net: WordPressNet, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkDown):
        net.channel.connect({"server": "http://127.0.0.1:9", "username": "a", "application_password": "b"})
    monkeypatch.setattr(
        "openline.channels.wordpress.connecting.ip_address", lambda host: (_ for _ in ()).throw(ValueError)
    )
    with pytest.raises(Rejected, match="https"):
        net.channel.connect({"server": net.site.home, "username": "a", "application_password": "b"})


def test_trying_out_leaves_nothing_behind(net: WordPressNet) -> None:
    said = net.channel.try_out(net.account, text := words(), "try")
    assert "removed" in said and count(net, "post", post_content=text) == 0
    for refused in (lambda: net.channel.try_out(net.refused(), text, "try"), lambda: _send_as(net, net.refused())):
        with pytest.raises(TokenExpired):
            refused()


def _send_as(net: WordPressNet, account: AccountRef) -> Receipt:
    return net.channel.send(account, Outgoing(words()), words(), Memory())


def test_what_a_site_lacks_is_told(net: WordPressNet) -> None:
    send(net, Outgoing("", article=article()))
    assert all(finding.good for finding in net.channel.inspect(net.account))
    code = """
        global $wpdb;
        $id = wp_insert_post(['post_title' => 'Late', 'post_status' => 'publish', 'comment_status' => 'closed',
                              'ping_status' => 'closed', 'post_date' => '2098-01-01 00:00:00']);
        $late = ['post_status' => 'future', 'post_date_gmt' => '2024-01-01 00:00:00'];
        $wpdb->update($wpdb->posts, $late, ['ID' => $id]);
        return [$id, wp_insert_post(['post_title' => 'Closed', 'post_status' => 'publish', 'ping_status' => 'closed',
                                     'comment_status' => 'closed'])];
    """
    made = net.site.php(code)
    net.site.php("get_role('editor')->remove_cap('upload_files');")
    try:
        bad = " ".join(finding.words for finding in net.channel.inspect(net.account) if not finding.good)
    finally:
        net.site.php("get_role('editor')->add_cap('upload_files');")
        net.site.php("foreach ($ids as $id) wp_delete_post($id, true);", ids=made)
    assert all(word in bad for word in ("1 planned posts", "upload_files", "pingbacks", "Comments are closed"))


def test_a_site_that_is_no_wordpress_any_more_is_down(net: WordPressNet) -> None:
    with another_blog("<title>Parked</title>") as address, pytest.raises(NetworkDown):
        net.channel.poll(replace(net.account, server=address.removesuffix("/essay")), "")
    began = time.monotonic()
    with pytest.raises(TokenExpired), Site(replace(net.account, credentials={})):
        pass
    assert time.monotonic() - began < 5
