"""Every kind of record that is kept: its table, its class, and what names it."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from cotta.region.model import (
    Account,
    Activity,
    Address,
    AutoScalingGroup,
    GroupInstance,
    Image,
    Instance,
    InstanceProfile,
    InstanceRefresh,
    InternetGateway,
    KeptConsole,
    KeyPair,
    LaunchTemplate,
    LaunchTemplateVersion,
    Listener,
    LoadBalancer,
    NetworkInterface,
    Parameter,
    Policy,
    Remembered,
    Role,
    RouteTable,
    Rule,
    SecurityGroup,
    SecurityGroupRule,
    Session,
    Snapshot,
    Subnet,
    Target,
    TargetGroup,
    Volume,
    Vpc,
)
from cotta.region.store.records import Codec, codec_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

R = TypeVar("R")

# So many decoded records of each kind are kept: a few kilobytes each at most.
_KEPT: Final = 1024


class Kind(Generic[R]):
    """One class of records and its table.

    `key` gives the text by which a record is found again.  `columns` are the
    fields by which many are found at once: the table has a generated column, and an index, for
    each.  Every table is alike: a record as JSON under its key, and how often it was written.
    """

    def __init__(
        self,
        table: str,
        record: type[R],
        key: Callable[[R], str],
        columns: frozenset[str] = frozenset(),
    ) -> None:
        self.table = table
        self.record = record
        self.key = key
        self.columns = columns

    def encode(self, record: R) -> str:
        """Return a record as the row has it."""
        return json.dumps(self.codec.encode(record), ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def decode(self) -> Callable[[str], R]:
        """What returns the record of a row.

        The same text is the same record, which never changes: reading rows again and
        again, as describing does, decodes those that were written meanwhile.
        """
        codec = self.codec

        def decode(body: str) -> R:
            return cast("R", codec.decode(json.loads(body)))

        return lru_cache(_KEPT)(decode)

    @cached_property
    def codec(self) -> Codec:
        """How records of this kind are written."""
        return codec_of(self.record)

    def additions(self, present: Collection[str]) -> Iterator[str]:
        """Yield the statements that make the table, or what it lacks.

        `present` are the columns that there are: none, where there is no table.
        """
        if not present:
            yield (
                f"CREATE TABLE {self.table} (key TEXT PRIMARY KEY NOT NULL, "
                "version INTEGER NOT NULL, body TEXT NOT NULL)"
            )
        for one in sorted(self.columns.difference(present)):
            yield (
                f'ALTER TABLE {self.table} ADD COLUMN "{one}" TEXT '
                f"GENERATED ALWAYS AS (json_extract(body, '$.{one}')) VIRTUAL"
            )
            yield f'CREATE INDEX {self.table}_{one} ON {self.table} ("{one}")'


def version_key(template_id: str, version: int) -> str:
    """Return the key of a launch template version; keys sort as the versions do."""
    return f"{template_id}:{version:08}"


def target_key(target_group: str, target_id: str, port: int) -> str:
    """Return the key of a target."""
    return f"{target_group}:{target_id}:{port}"


# fmt: off
ACCOUNTS: Final = Kind("accounts", Account, lambda it: it.id)
SESSIONS: Final = Kind("sessions", Session, lambda it: it.access_key)
ROLES: Final = Kind("roles", Role, lambda it: it.name)
INSTANCE_PROFILES: Final = Kind("instance_profiles", InstanceProfile, lambda it: it.name)
POLICIES: Final = Kind("policies", Policy, lambda it: it.arn)
PARAMETERS: Final = Kind("parameters", Parameter, lambda it: it.name)
REMEMBERED: Final = Kind("remembered", Remembered, lambda it: it.key, frozenset({"answered_at"}))

INSTANCES: Final = Kind("instances", Instance, lambda it: it.id,
                        frozenset({"state", "subnet_id", "image_id"}))
KEPT_CONSOLES: Final = Kind("kept_consoles", KeptConsole, lambda it: it.instance_id)
IMAGES: Final = Kind("images", Image, lambda it: it.id, frozenset({"name", "state"}))
SNAPSHOTS: Final = Kind("snapshots", Snapshot, lambda it: it.id)
VOLUMES: Final = Kind("volumes", Volume, lambda it: it.id)
KEY_PAIRS: Final = Kind("key_pairs", KeyPair, lambda it: it.name, frozenset({"id"}))
LAUNCH_TEMPLATES: Final = Kind("launch_templates", LaunchTemplate, lambda it: it.id,
                               frozenset({"name"}))
LAUNCH_TEMPLATE_VERSIONS: Final = Kind("launch_template_versions", LaunchTemplateVersion,
                                       lambda it: version_key(it.template_id, it.version),
                                       frozenset({"template_id"}))

VPCS: Final = Kind("vpcs", Vpc, lambda it: it.id)
SUBNETS: Final = Kind("subnets", Subnet, lambda it: it.id, frozenset({"vpc_id"}))
INTERNET_GATEWAYS: Final = Kind("internet_gateways", InternetGateway, lambda it: it.id)
ROUTE_TABLES: Final = Kind("route_tables", RouteTable, lambda it: it.id, frozenset({"vpc_id"}))
SECURITY_GROUPS: Final = Kind("security_groups", SecurityGroup, lambda it: it.id,
                              frozenset({"name", "vpc_id"}))
SECURITY_GROUP_RULES: Final = Kind("security_group_rules", SecurityGroupRule, lambda it: it.id,
                                   frozenset({"group_id", "referenced_group"}))
NETWORK_INTERFACES: Final = Kind("network_interfaces", NetworkInterface, lambda it: it.id,
                                 frozenset({"subnet_id", "instance_id", "private_ip"}))
ADDRESSES: Final = Kind("addresses", Address, lambda it: it.allocation_id,
                        frozenset({"public_ip", "instance_id"}))

LOAD_BALANCERS: Final = Kind("load_balancers", LoadBalancer, lambda it: it.id, frozenset({"name"}))
LISTENERS: Final = Kind("listeners", Listener, lambda it: it.id, frozenset({"load_balancer"}))
RULES: Final = Kind("rules", Rule, lambda it: it.id, frozenset({"listener"}))
TARGET_GROUPS: Final = Kind("target_groups", TargetGroup, lambda it: it.id, frozenset({"name"}))
TARGETS: Final = Kind("targets", Target,
                      lambda it: target_key(it.target_group, it.target_id, it.port),
                      frozenset({"target_group", "target_id"}))

AUTO_SCALING_GROUPS: Final = Kind("auto_scaling_groups", AutoScalingGroup, lambda it: it.name)
GROUP_INSTANCES: Final = Kind("group_instances", GroupInstance, lambda it: it.id,
                              frozenset({"group"}))
ACTIVITIES: Final = Kind("activities", Activity, lambda it: it.id,
                         frozenset({"group", "started_at"}))
INSTANCE_REFRESHES: Final = Kind("instance_refreshes", InstanceRefresh, lambda it: it.id,
                                 frozenset({"group", "status", "requested_at"}))
# fmt: on

KINDS: Final[tuple[Kind[Any], ...]] = (
    ACCOUNTS,
    SESSIONS,
    ROLES,
    INSTANCE_PROFILES,
    POLICIES,
    PARAMETERS,
    REMEMBERED,
    INSTANCES,
    KEPT_CONSOLES,
    IMAGES,
    SNAPSHOTS,
    VOLUMES,
    KEY_PAIRS,
    LAUNCH_TEMPLATES,
    LAUNCH_TEMPLATE_VERSIONS,
    VPCS,
    SUBNETS,
    INTERNET_GATEWAYS,
    ROUTE_TABLES,
    SECURITY_GROUPS,
    SECURITY_GROUP_RULES,
    NETWORK_INTERFACES,
    ADDRESSES,
    LOAD_BALANCERS,
    LISTENERS,
    RULES,
    TARGET_GROUPS,
    TARGETS,
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    ACTIVITIES,
    INSTANCE_REFRESHES,
)
