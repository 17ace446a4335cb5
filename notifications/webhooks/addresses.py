"""Where an event may be sent: no address inside, whatever a name leads to and however it is spelled.

``ipaddress.is_private`` does not say so (it lets NAT64, 6to4 and shared address space through), hence a list. A name is
resolved at every sending and the connection goes to the very address that was looked at.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import Invalid

PORTS = (443, 8443)
LONGEST_URL = 500

_INSIDE_4 = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared; cloud metadata of Alibaba lives here
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "168.63.129.16/32",  # the host of Azure's machines
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_OUTSIDE_6 = ip_network("2000::/3")
_INSIDE_6 = [
    ip_network(text)
    for text in (
        "2001::/23",  # Teredo and other special uses
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]
_NAT64, _SIX_TO_FOUR = ip_network("64:ff9b::/96"), ip_network("2002::/16")


class NotAllowed(Exception):
    """This is no address that events may go to. The message is for whoever registers it."""


class Target(NamedTuple):
    """Where to connect, and what to ask for there."""

    host: str
    port: int
    path: str
    address: str


def read_url(raw: str) -> str:
    """An https address of a program, in its spelling. Raises Invalid. The name is looked up only when sending."""
    url = raw.strip()
    try:
        parse(url)
    except NotAllowed as problem:
        raise Invalid.because("url", "invalid_url", str(problem)) from None
    return url


def parse(url: str) -> tuple[str, int, str]:
    """(host, port, path with query). Raises NotAllowed."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NotAllowed("网址只能用英文字母、数字和常用符号，不能有空格，最长 500 个字符。")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise NotAllowed("网址看不懂，例如 https://example.cn/events。") from None
    if parts.scheme != "https" or not host:
        raise NotAllowed("网址要以 https:// 开头。")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("网址里不能带账号和密码。")
    if port not in PORTS:
        raise NotAllowed("端口只能是 443 或 8443。")
    query = f"?{parts.query}" if parts.query else ""
    return host, port, f"{parts.path or '/'}{query}"


def resolve(url: str) -> Target:
    """The address to connect to now. Every address of the name has to be outside. Raises NotAllowed, OSError."""
    host, port, path = parse(url)
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise NotAllowed("网址里的域名不对。") from None
    addresses = [row[4][0] for row in rows]
    if not addresses or not all(map(is_outside, addresses)):
        raise NotAllowed("网址指向内部网络，不能用。")
    return Target(host, port, path, addresses[0])


def is_outside(text: str) -> bool:
    """Whether an address is on the public network, or in a network that settings allow."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if any(
        address in network for network in settings.WEBHOOK_ALLOW_NETS if network.version == address.version
    ):
        return True
    address = _unwrapped(address)
    if isinstance(address, IPv4Address):
        allowed = any(address in net for net in settings.WEBHOOK_ALLOW_NETS if net.version == 4)
        return allowed or not any(address in network for network in _INSIDE_4)
    return address in _OUTSIDE_6 and not any(address in network for network in _INSIDE_6)


def _unwrapped(address):
    """The IPv4 address that a mapped, NAT64 or 6to4 address leads to."""
    if not isinstance(address, IPv6Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return address
