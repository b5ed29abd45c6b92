"""How a build reaches its machine: options that a source has besides its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.builder.options.declare import Kind, Mistake, Option, Reads, Role, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.values import Options

_WINRM: Final = (
    "winrm_host", "winrm_insecure", "winrm_no_proxy", "winrm_password", "winrm_port",
    "winrm_timeout", "winrm_use_ntlm", "winrm_use_ssl", "winrm_username",
)  # fmt: skip


def _option(
    name: str,
    kind: Kind = Kind.TEXT,
    default: object = None,
    *,
    choices: tuple[str, ...] = (),
    sensitive: bool = False,
    reads: Reads | None = None,
    ignored: str = "",
) -> Option:
    """Return an option about the way there: none of them is about what is in the image."""
    return Option(
        name=name,
        kind=kind,
        default=default,
        choices=choices,
        sensitive=sensitive,
        reads=reads,
        ignored=ignored,
        role=Role.MACHINERY,
    )


def _check_communicator(options: Options) -> Iterator[Mistake]:
    communicator = options.text("communicator")
    if communicator == "winrm":
        yield Mistake(
            "communicator",
            "Communicator that is not native",
            "Windows machines, and so the communicator winrm, are not supported. The one for "
            'others is "ssh".',
        )
    if communicator != "ssh":
        return
    if not options.text("ssh_username"):
        yield Mistake(
            "ssh_username",
            "Missing SSH user",
            "The communicator ssh needs to know as whom to log in. Set ssh_username: it is "
            '"ec2-user" on Amazon Linux, "ubuntu" on Ubuntu, "admin" on Debian.',
        )
    if options.flag("ssh_agent_auth") and options.text("ssh_private_key_file"):
        yield Mistake(
            "ssh_agent_auth",
            "Options that exclude each other",
            "ssh_agent_auth and ssh_private_key_file both say which key to use. Leave one out.",
        )
    if options.text("ssh_bastion_host") and not (
        options.flag("ssh_bastion_agent_auth")
        or options.text("ssh_bastion_password")
        or options.text("ssh_bastion_private_key_file")
    ):
        yield Mistake(
            "ssh_bastion_host",
            "No way to log in to the bastion",
            "Set ssh_bastion_private_key_file, ssh_bastion_password or ssh_bastion_agent_auth.",
        )


COMMUNICATOR: Final = Schema(
    options=(
        _option("communicator", default="ssh", choices=("ssh", "none", "winrm")),
        _option("pause_before_connecting", Kind.DURATION),
        _option("ssh_host"),
        _option("ssh_port", Kind.NUMBER, 22),
        _option("ssh_username"),
        _option("ssh_password", sensitive=True),
        _option("ssh_private_key_file", reads=Reads.FILE),
        _option("ssh_certificate_file", reads=Reads.FILE),
        _option("ssh_keypair_name"),
        _option("ssh_agent_auth", Kind.FLAG),
        _option("ssh_pty", Kind.FLAG),
        _option("ssh_timeout", Kind.DURATION, "5m"),
        _option("ssh_wait_timeout", Kind.DURATION),
        _option("ssh_handshake_attempts", Kind.NUMBER),
        # The agent is never forwarded: whoever is root on the machine could use it.
        _option("ssh_disable_agent_forwarding", Kind.FLAG),
        _option("ssh_keep_alive_interval", Kind.DURATION, "5s"),
        _option("ssh_read_write_timeout", Kind.DURATION),
        _option("ssh_file_transfer_method", default="scp", choices=("scp", "sftp")),
        _option("ssh_clear_authorized_keys", Kind.FLAG),
        _option("ssh_ciphers", Kind.TEXTS),
        _option("ssh_key_exchange_algorithms", Kind.TEXTS),
        _option("ssh_bastion_host"),
        _option("ssh_bastion_port", Kind.NUMBER, 22),
        _option("ssh_bastion_username"),
        _option("ssh_bastion_password", sensitive=True),
        _option("ssh_bastion_private_key_file", reads=Reads.FILE),
        _option("ssh_bastion_certificate_file", reads=Reads.FILE),
        _option("ssh_bastion_agent_auth", Kind.FLAG),
        _option("ssh_bastion_interactive", Kind.FLAG),
        _option("ssh_proxy_host"),
        _option("ssh_proxy_port", Kind.NUMBER, 1080),
        _option("ssh_proxy_username"),
        _option("ssh_proxy_password", sensitive=True),
        _option("temporary_key_pair_type", choices=("rsa", "ed25519", "ecdsa", "dsa")),
        _option(
            "temporary_key_pair_bits",
            Kind.NUMBER,
            ignored="AWS chooses the size of the keys that it makes",
        ),
        *(_option(name, Kind.ANYTHING, ignored="there is no WinRM here") for name in _WINRM),
    ),
    checks=(_check_communicator,),
    absent=tuple(
        (
            name,
            (
                "Tunnels are not native. A shell-local provisioner can open one with ssh, or the "
                "provisioners can carry what they need by file."
            ),
        )
        for name in ("ssh_local_tunnels", "ssh_remote_tunnels")
    ),
)
