"""How a source's options say that its machine is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.communicators.settings import (
    USUAL_ATTEMPTS,
    USUAL_TIMEOUT,
    Bastion,
    Login,
    SocksProxy,
    SshSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.options.values import Options


def ssh_settings(options: Options, *, keys: tuple[str, ...] = ()) -> SshSettings:
    """Return the settings of SSH; `keys` are private keys that the build itself has made."""
    key_file = options.text("ssh_private_key_file")
    # Packer's scp is not asked for by those who say nothing: SFTP makes folders that are not there.
    transfer = "sftp"
    if options.is_set("ssh_file_transfer_method"):
        transfer = options.text("ssh_file_transfer_method")
    return SshSettings(
        login=Login(
            user=options.text("ssh_username"),
            keys=keys,
            key_files=(key_file,) if key_file else (),
            certificate_file=options.text("ssh_certificate_file") or None,
            password=options.text("ssh_password") or None,
            uses_agent=options.flag("ssh_agent_auth"),
        ),
        port=options.number("ssh_port"),
        timeout=options.duration("ssh_wait_timeout")
        or options.duration("ssh_timeout")
        or USUAL_TIMEOUT,
        attempts=options.number("ssh_handshake_attempts") or USUAL_ATTEMPTS,
        keep_alive=options.duration("ssh_keep_alive_interval"),
        silence=options.duration("ssh_read_write_timeout") or None,
        has_pty=options.flag("ssh_pty"),
        transfer=transfer,
        ciphers=options.texts("ssh_ciphers"),
        key_exchanges=options.texts("ssh_key_exchange_algorithms"),
        bastion=_bastion(options),
        proxy=_proxy(options),
        pause_before=options.duration("pause_before_connecting"),
    )


def _bastion(options: Options) -> Bastion | None:
    host = options.text("ssh_bastion_host")
    if not host:
        return None
    key_file = options.text("ssh_bastion_private_key_file")
    return Bastion(
        host=host,
        port=options.number("ssh_bastion_port"),
        login=Login(
            user=options.text("ssh_bastion_username") or options.text("ssh_username"),
            key_files=(key_file,) if key_file else (),
            certificate_file=options.text("ssh_bastion_certificate_file") or None,
            password=options.text("ssh_bastion_password") or None,
            uses_agent=options.flag("ssh_bastion_agent_auth"),
            is_interactive=options.flag("ssh_bastion_interactive"),
        ),
    )


def _proxy(options: Options) -> SocksProxy | None:
    host = options.text("ssh_proxy_host")
    if not host:
        return None
    return SocksProxy(
        host=host,
        port=options.number("ssh_proxy_port"),
        user=options.text("ssh_proxy_username") or None,
        password=options.text("ssh_proxy_password") or None,
    )


def reached(
    settings: SshSettings, host: str, *, private_key: str = "", public_key: str = ""
) -> Mapping[str, str | int | bool]:
    """Return the variables of a build that say how its machine is reached."""
    return {
        "Host": host,
        "Port": settings.port,
        "User": settings.login.user,
        "Password": settings.login.password or "",
        "ConnType": "ssh",
        "SSHPrivateKey": private_key,
        "SSHPublicKey": public_key,
        "SSHPrivateKeyFile": (settings.login.key_files or ("",))[0],
        "SSHAgentAuth": settings.login.uses_agent,
        "WinRMPassword": "",
    }


def no_variables(run: str) -> dict[str, str | int | bool]:
    """Return the variables that every build has, before there is a machine."""
    return {
        "ID": "",
        "Host": "",
        "Port": 0,
        "User": "",
        "Password": "",
        "ConnType": "none",
        "PackerRunUUID": run,
        "PackerHTTPIP": "",
        "PackerHTTPPort": 0,
        "PackerHTTPAddr": "",
        "SSHPublicKey": "",
        "SSHPrivateKey": "",
        "SSHPrivateKeyFile": "",
        "SSHAgentAuth": False,
        "WinRMPassword": "",
    }
