"""The firewall's rules as text for `nft -f`: pure.

Three tables: the region's own on the host (for the way out), and in the region's
namespace one that holds each port of the bridge to its own addresses, and one with what
the security groups say.  Each text is one transaction: it takes the place of what was
there whole, or not at all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cotta.region.networks.plan import NetworkPlan

# A machine's own table in the region's namespace: which addresses its port may send from.
SPOOFING: Final = "cotta_ports"


def host_rules(plan: NetworkPlan) -> str:
    """Return the table of the host: machines get out under the host's address.

    They can't open connections to the host itself, and nobody from outside can reach
    them through it.  Other tables are asked as well: a chain elsewhere that drops what is
    forwarded still does.
    """
    link = plan.host_link
    return f"""
table inet {plan.table} {{}}
delete table inet {plan.table}
table inet {plan.table} {{
    chain into_host {{
        type filter hook input priority filter; policy accept;
        iifname "{link}" ct state new drop
    }}
    chain through_host {{
        type filter hook forward priority filter; policy accept;
        oifname "{link}" ct state new drop
        iifname "{link}" ip saddr != {plan.network} drop
    }}
    chain out_of_host {{
        type nat hook postrouting priority srcnat; policy accept;
        iifname "{link}" oifname != "{link}" masquerade
    }}
}}
"""


def port_rules() -> str:
    """Return the table that lets a port send only from its machine's own two addresses.

    `ports` has them; it is filled and emptied as machines come and go.  Nothing but IPv4
    and its ARP passes.
    """
    return f"""
table bridge {SPOOFING} {{
    set ports {{
        type ifname . ether_addr . ipv4_addr
    }}
    chain from_port {{
        type filter hook prerouting priority filter; policy drop;
    }}
}}
flush chain bridge {SPOOFING} from_port
table bridge {SPOOFING} {{
    chain from_port {{
        ether type arp iifname . ether saddr . arp saddr ip @ports accept
        ether type ip iifname . ether saddr . ip saddr @ports accept
    }}
}}
"""


def port_element(port: str, mac: str, address: str) -> str:
    """Return what adds a machine's port to the set; adding it twice is no mistake."""
    return f'add element bridge {SPOOFING} ports {{ "{port}" . {mac} . {address} }}\n'


def elements_of(port: str, listing: str) -> list[tuple[str, str]]:
    """Return what a port may send from (MAC and address), of the set that nft lists as JSON."""
    sets = [found["set"] for found in json.loads(listing)["nftables"] if "set" in found]
    concatenations = [element["concat"] for found in sets for element in found.get("elem", [])]
    return [(str(mac), str(address)) for name, mac, address in concatenations if name == port]
