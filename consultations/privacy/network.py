"""A network address, cut so that it names a neighbourhood and no household. Pure."""

from ipaddress import IPv6Address, ip_address, ip_network

BITS_KEPT = {4: 24, 6: 48}


def cut(address: str) -> str:
    """``203.0.113.0/24`` or ``2001:db8:1::/48``; "" for what is no address. Twice is as once."""
    try:
        found = ip_address(address.partition("/")[0].strip())
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found.packed, BITS_KEPT[found.version]), strict=False))
