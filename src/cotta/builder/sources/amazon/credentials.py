"""What opens the machine for the time of the build: a key pair, a security group, a profile."""

from __future__ import annotations

import ipaddress
import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.cloud import (
    filters,
    filters_of,
    refused,
    tag_list,
    tag_specifications,
)
from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from cotta.builder.sources.amazon.work import Work
    from cotta.builder.steps import Outcome

# AWS's own answer to "who am I": one address and a line's end.
_WHO_AM_I: Final = "https://checkip.amazonaws.com/"
_WHO_SECONDS: Final = 10


class MakeKeyPair:
    """A key pair that only this build has, unless the template names one."""

    name = "making a key pair"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._number: int | None = None

    def run(self) -> None:
        """Make it, and keep its private half for as long as the build runs."""
        work, options = self._work, self._work.options
        if options.text("communicator") == "none":
            return
        if options.text("ssh_keypair_name"):
            work.key_name = options.text("ssh_keypair_name")
            work.ui.say(f"Using SSH keypair {work.key_name}")
            return
        if options.text("ssh_private_key_file") or options.flag("ssh_agent_auth"):
            work.ui.say("Using existing SSH private key")
            return
        if options.text("ssh_password"):
            return
        name = options.text("temporary_key_pair_name") or f"packer_{work.baking.run.ids.uuid()}"
        work.ui.say(f"Creating temporary keypair: {name}")
        # As safe as RSA of 3072 bits, and made at once.
        kind = options.text("temporary_key_pair_type") or "ed25519"
        self._number = work.making("key-pair", name)
        answer = work.cloud.call(
            "CreateKeyPair",
            KeyName=name,
            KeyType=kind,
            TagSpecifications=tag_specifications(work.run_tags, "key-pair"),
        )
        work.baking.journal.is_made(self._number, answer["KeyPairId"])
        work.key_name, work.private_key = name, answer["KeyMaterial"]
        if work.baking.run.debug:
            self._keep_for_debugging(answer["KeyMaterial"])

    def _keep_for_debugging(self, private_key: str) -> None:
        path = Path(f"ec2_{self._work.baking.build.source.name}.pem")
        path.touch(mode=0o600)
        path.write_text(private_key)
        self._work.ui.message(f"Saving key for debug purposes: {path}")

    def undo(self, _: Outcome) -> None:
        """Delete it."""
        if self._number is not None:
            self._work.ui.say("Deleting temporary keypair...")
            self._work.remove(self._number)


class MakeSecurityGroup:
    """A security group that lets SSH in from where the build runs, unless some are named."""

    name = "making a security group"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._number: int | None = None

    def run(self) -> None:
        """Make it."""
        work, options = self._work, self._work.options
        one = options.text("security_group_id")
        named = [*([one] if one else []), *options.texts("security_group_ids")]
        if named or options.block("security_group_filter") is not None:
            work.security_groups = named or self._filtered()
            return
        name = f"packer_{work.baking.run.ids.uuid()}"
        work.ui.say(f"Creating temporary security group for this instance: {name}")
        self._number = work.making("security-group", name)
        answer = work.cloud.call(
            "CreateSecurityGroup",
            GroupName=name,
            Description="Temporary group for Packer",
            VpcId=work.vpc_id or None,
            TagSpecifications=tag_specifications(work.run_tags, "security-group"),
        )
        group = answer["GroupId"]
        work.baking.journal.is_made(self._number, group)
        work.security_groups = [group]
        if options.text("communicator") == "none":
            return
        port = options.number("ssh_port")
        sources = self._sources()
        work.ui.say(
            f"Authorizing access to port {port} from [{' '.join(sources)}] in the temporary "
            "security groups..."
        )
        permission = {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": one} for one in sources if ":" not in one],
            "Ipv6Ranges": [{"CidrIpv6": one} for one in sources if ":" in one],
        }
        work.cloud.persist(
            ["InvalidGroup.NotFound"],
            lambda: work.cloud.ask(
                "AuthorizeSecurityGroupIngress",
                GroupId=group,
                IpPermissions=[{name: value for name, value in permission.items() if value}],
            ),
            f"the security group {group}",
        )

    def _filtered(self) -> list[str]:
        work = self._work
        block = work.options.block("security_group_filter")
        assert block is not None
        more = filters({"vpc-id": [work.vpc_id]}) if work.vpc_id else []
        found = work.cloud.pages(
            "DescribeSecurityGroups", "SecurityGroups", Filters=[*filters_of(block), *more]
        )
        if not found:
            raise BuildError("security_group_filter has found no security group.")
        ids = [str(one["GroupId"]) for one in found]
        work.ui.message(f"Found Security Group(s): {', '.join(ids)}")
        return ids

    def _sources(self) -> list[str]:
        """Return who is let in: whom the template says, else nobody but the caller."""
        work, options = self._work, self._work.options
        if options.texts("temporary_security_group_source_cidrs"):
            return list(options.texts("temporary_security_group_source_cidrs"))
        if options.flag("temporary_security_group_source_public_ip"):
            return [_public_address()]
        if options.text("ssh_bastion_host") or options.text("ssh_proxy_host"):
            host = options.text("ssh_bastion_host") or options.text("ssh_proxy_host")
            return sorted({*_addresses_of(host), *self._networks()})
        is_private = options.text("ssh_interface") in ("private_ip", "private_dns")
        if work.cloud.is_local or is_private:
            return [_own_address_towards(self._networks())]
        return [_public_address()]

    def _networks(self) -> list[str]:
        work = self._work
        if work.vpc_id:
            found = work.cloud.call("DescribeVpcs", VpcIds=[work.vpc_id])["Vpcs"]
        else:
            found = [one for one in work.cloud.call("DescribeVpcs")["Vpcs"] if one["IsDefault"]]
        return [str(one["CidrBlock"]) for one in found]

    def undo(self, _: Outcome) -> None:
        """Delete it."""
        if self._number is not None:
            self._work.ui.say("Deleting temporary security group...")
            self._work.remove(self._number)


def _addresses_of(host: str) -> set[str]:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET)
    except OSError as error:
        raise BuildError(f"The address of {host} was not found: {error}.") from error
    return {f"{one[4][0]}/32" for one in found}


def _own_address_towards(networks: list[str]) -> str:
    """Return the address by which this machine is seen from a network; nothing is sent."""
    for network in networks:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            first = ipaddress.ip_network(network)[1]
            try:
                sock.connect((str(first), 9))
            except OSError:
                continue
            return f"{sock.getsockname()[0]}/32"
    if not networks:
        raise BuildError("There is no default network here. Name one with vpc_id or subnet_id.")
    return networks[0]


def _public_address() -> str:
    try:
        with urllib.request.urlopen(_WHO_AM_I, timeout=_WHO_SECONDS) as answer:
            text = answer.read(64).decode().strip()
        return f"{ipaddress.ip_address(text)}/{32 if ':' not in text else 128}"
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise BuildError(
            f"The address of this machine on the internet was not found ({_WHO_AM_I}: {error}). "
            "The machine that is built lets in nobody else, so name the address: "
            'temporary_security_group_source_cidrs = ["203.0.113.5/32"].'
        ) from error


class MakeInstanceProfile:
    """A profile for the machine, with a policy of the template's, or one that is there."""

    name = "making an instance profile"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._numbers: list[int] = []

    def run(self) -> None:
        """Make it, or look whether the one that is named exists."""
        work, options = self._work, self._work.options
        policy = options.block("temporary_iam_instance_profile_policy_document")
        if policy is None:
            work.profile = options.text("iam_instance_profile")
            if work.profile and not options.flag("skip_profile_validation"):
                work.cloud.call(
                    "GetInstanceProfile", service="iam", InstanceProfileName=work.profile
                )
            return
        name = f"packer-{work.baking.run.ids.uuid()}"
        # What is made last goes first: a role can't while a profile has it.
        work.ui.say(f"Creating temporary role for this instance: {name}")
        self._make(
            "role", name, "CreateRole", RoleName=name,
            Description="Temporary role for Packer",
            AssumeRolePolicyDocument=json.dumps(_TRUST),
        )  # fmt: skip
        work.ui.say(f"Creating temporary instance profile for this instance: {name}")
        self._make("instance-profile", name, "CreateInstanceProfile", InstanceProfileName=name)
        for operation, parameters in (
            ("PutRolePolicy", {
                "RoleName": name, "PolicyName": name, "PolicyDocument": json.dumps(_policy(policy)),
            }),
            ("AddRoleToInstanceProfile", {"InstanceProfileName": name, "RoleName": name}),
        ):  # fmt: skip

            def act(operation: str = operation, parameters: dict[str, Any] = parameters) -> object:
                return work.cloud.ask(operation, service="iam", **parameters)

            work.ui.message(f"{operation} for {name}")
            work.cloud.persist(["NoSuchEntity"], act, f"the role {name}")
        work.profile = name

    def _make(self, kind: str, name: str, operation: str, **parameters: Any) -> None:
        number = self._work.making(kind, name)
        self._numbers.append(number)
        tags = tag_list(self._work.run_tags)
        try:
            self._work.cloud.ask(operation, service="iam", Tags=tags, **parameters)
        except CloudError as error:
            raise refused(error) from error
        self._work.baking.journal.is_made(number, name)

    def undo(self, _: Outcome) -> None:
        """Delete profile and role: the role can go when no profile has it any more."""
        if self._numbers:
            self._work.ui.say("Deleting temporary IAM role and instance profile...")
        for number in reversed(self._numbers):
            self._work.remove(number)


_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def _policy(block: Any) -> dict[str, Any]:
    return {
        "Version": block.text("Version"),
        "Statement": [
            {
                **({"Sid": one.text("Sid")} if one.text("Sid") else {}),
                "Effect": one.text("Effect"),
                "Action": list(one.texts("Action")),
                "Resource": list(one.texts("Resource")),
            }
            for one in block.blocks("Statement")
        ],
    }
