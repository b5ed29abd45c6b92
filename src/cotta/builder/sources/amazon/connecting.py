"""Reaching the machine, provisioning it, and taking from it what only the build needs."""

from __future__ import annotations

import base64
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.builder.communicators.interface import CommunicatorError, StoppedError
from cotta.builder.communicators.lasting import LastingMachine
from cotta.builder.communicators.reach import read_key
from cotta.builder.communicators.ssh import HostKeys, connect
from cotta.builder.running import BuildError, Cancelled
from cotta.builder.sources.reaching import no_variables, reached, ssh_settings
from cotta.clouds.errors import CloudError

if TYPE_CHECKING:
    from cotta.builder.communicators.settings import SshSettings
    from cotta.builder.communicators.ssh import SshCommunicator
    from cotta.builder.sources.amazon.work import Instance, Work
    from cotta.builder.steps import Outcome

# What cloud-init writes on the console, for whoever wants to be sure whom they talk to.
_KEYS_BEGIN: Final = "-----BEGIN SSH HOST KEY KEYS-----"
_KEYS_END: Final = "-----END SSH HOST KEY KEYS-----"


class Reached:
    """The machine, as the steps from connecting on share it."""

    def __init__(self) -> None:
        self.machine: LastingMachine | None = None
        self.settings: SshSettings | None = None


class Connect:
    """SSH to the machine."""

    name = "connecting to the machine"

    def __init__(self, work: Work, reached: Reached) -> None:
        self._work = work
        self._reached = reached

    def run(self) -> None:
        """Wait until the machine lets us in."""
        work, options = self._work, self._work.options
        if options.text("communicator") == "none":
            return
        keys = (work.private_key,) if work.private_key else ()
        settings = replace(ssh_settings(options, keys=keys), reverses=bool(work.baking.salt))
        host_keys = HostKeys(self._keys_on_console)
        deadline, clock = work.baking.deadline, work.baking.run.clock

        def connected() -> SshCommunicator:
            return connect(
                self._address, settings, clock, host_keys=host_keys, stopped=deadline.stopped
            )

        work.ui.say(f"Using SSH communicator to connect: {self._address()}")
        work.ui.say("Waiting for SSH to become available...")
        machine = LastingMachine(connected)
        self._reached.machine, self._reached.settings = machine, settings
        try:
            machine.now()
            if settings.pause_before:
                seconds = settings.pause_before.total_seconds()
                work.ui.say(f"Pausing {seconds:g}s before connecting...")
                machine.close()
                deadline.sleep(settings.pause_before)
                machine.now()
        except StoppedError as error:
            raise Cancelled from error
        except CommunicatorError as error:
            raise BuildError(f"{error}\n{_ADVICE}") from error
        work.ui.say("Connected to SSH!")

    def _address(self) -> str:
        return host_of(self._work)

    def _keys_on_console(self) -> frozenset[tuple[str, str]]:
        """Return the host keys that the machine has written on its console, if it has yet."""
        work = self._work
        try:
            answer = work.cloud.ask("GetConsoleOutput", InstanceId=work.need_instance().id)
        except CloudError:
            # Who may not read consoles can build all the same: the first key seen counts.
            return frozenset()
        return host_keys_in(answer.get("Output", ""))

    def undo(self, _: Outcome) -> None:
        """End the connection."""
        if self._reached.machine is not None:
            self._reached.machine.close()


_ADVICE: Final = (
    "The machine may still be booting (ssh_timeout), the user may be another one (ssh_username), "
    "or the network may not lead there (ssh_interface, subnet_id, associate_public_ip_address). "
    "To keep the machine for a look, use -on-error=abort."
)


def host_of(work: Work) -> str:
    """Return the name or address that SSH goes to."""
    return work.options.text("ssh_host") or address_of(
        work.need_instance(), work.options.text("ssh_interface")
    )


def address_of(instance: Instance, interface: str) -> str:
    """Return the address by which an instance is reached: a public one, if it has one."""
    match interface:
        case "public_ip":
            return instance.public_ip
        case "private_ip":
            return instance.private_ip
        case "public_dns":
            return instance.public_dns
        case "private_dns":
            return instance.private_dns
    return instance.public_ip or instance.private_ip


def host_keys_in(console: str) -> frozenset[tuple[str, str]]:
    """Return the host keys on a console: (kind, base64) pairs."""
    try:
        text = base64.b64decode(console, validate=True).decode(errors="replace")
    except ValueError:
        text = console
    _, begun, rest = text.rpartition(_KEYS_BEGIN)
    keys, ended, _ = rest.partition(_KEYS_END)
    if not begun or not ended:
        return frozenset()
    found = set()
    for line in keys.splitlines():
        # A console may put the time or the program's name before a line.
        words = line.split()
        for at, word in enumerate(words[:-1]):
            if word.startswith(("ssh-", "ecdsa-")) and words[at + 1].startswith("AAAA"):
                found.add((word, words[at + 1]))
    return frozenset(found)


class Provision:
    """What the template does inside the machine."""

    name = "provisioning"

    def __init__(self, work: Work, reached: Reached) -> None:
        self._work = work
        self._reached = reached

    def run(self) -> None:
        """Run the provisioners."""
        work = self._work
        variables = {
            **no_variables(work.baking.run.uuid),
            **work.variables(),
            "ID": work.need_instance().id,
        }
        settings, machine = self._reached.settings, self._reached.machine
        if settings is not None:
            public = read_key(work.private_key, "the temporary key") if work.private_key else None
            if public is not None:
                work.public_key = f"{public.get_name()} {public.get_base64()}"
            variables.update(
                reached(
                    settings,
                    host_of(work),
                    private_key=work.private_key,
                    public_key=work.public_key,
                )
            )
        work.baking.provision(machine, variables)

    def undo(self, _: Outcome) -> None:
        """Do nothing: the machine goes as a whole."""


class RemoveKeys:
    """Takes the build's own key from the machine, so that it opens no machine of the image."""

    name = "removing the temporary key from the image"

    def __init__(self, work: Work, reached: Reached) -> None:
        self._work = work
        self._reached = reached

    def run(self) -> None:
        """Take it from every user's keys, and have the machine looked at a last time."""
        work, options, machine = self._work, self._work.options, self._reached.machine
        if machine is None:
            return
        keeps = options.is_set("ssh_clear_authorized_keys") and not options.flag(
            "ssh_clear_authorized_keys"
        )
        try:
            if work.private_key and not keeps:
                work.ui.say("Trying to remove ephemeral keys from authorized_keys files")
                key = read_key(work.private_key, "the temporary key").get_base64()
                said = bytearray()
                if machine.run(clearing_command(key), lambda _, text: said.extend(text)) != 0:
                    raise BuildError(
                        "The temporary key could not be removed from the machine: "
                        f"{said.decode(errors='replace').strip()}. To leave it in the image, set "
                        "ssh_clear_authorized_keys = false."
                    )
            if work.baking.watch is not None:
                work.baking.watch.end(machine)
        except StoppedError as error:
            raise Cancelled from error
        except CommunicatorError as error:
            raise BuildError(str(error)) from error

    def undo(self, _: Outcome) -> None:
        """Do nothing."""


# As root where that is possible without a password, else as the user.  A file that has no other
# key goes; one that has keeps its owner and mode.
_CLEAR: Final = """
for file in /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys "$HOME/.ssh/authorized_keys"; do
    grep -qsF -- "$1" "$file" || continue
    kept=$(grep -vF -- "$1" "$file")
    if [ -n "$kept" ]; then printf '%s\\n' "$kept" >"$file"; else rm -f "$file"; fi
    ! grep -qsF -- "$1" "$file" || exit 1
done
"""


def clearing_command(key: str) -> str:
    """Return the command that takes a public key, in base64, from all users' keys."""
    script = f"sh -c {shlex.quote(_CLEAR)} sh {shlex.quote(key)}"
    return f"if sudo -n true 2>/dev/null; then sudo -n {script}; else {script}; fi"
