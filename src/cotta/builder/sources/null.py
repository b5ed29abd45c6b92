"""The source `null`: a machine that is there already, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.artifacts import Artifact
from cotta.builder.communicators.interface import CommunicatorError, StoppedError
from cotta.builder.communicators.lasting import LastingMachine
from cotta.builder.communicators.ssh import HostKeys, connect
from cotta.builder.running import BuildError, Cancelled
from cotta.builder.sources.reaching import no_variables, reached, ssh_settings

if TYPE_CHECKING:
    from cotta.builder.communicators.ssh import SshCommunicator
    from cotta.builder.sources.baking import Baking

BUILDER_ID = "fnoeding.null"


def bake(baking: Baking) -> Artifact:
    """Provision, and return the artifact that stands for no thing."""
    options, ui = baking.build.source.options, baking.ui
    variables = no_variables(baking.run.uuid)
    if options.text("communicator") == "none":
        baking.provision(None, variables)
        return _ARTIFACT
    settings = ssh_settings(options)
    host = options.text("ssh_host")
    keys = HostKeys(frozenset)

    def connected() -> SshCommunicator:
        return connect(
            lambda: host,
            settings,
            baking.run.clock,
            host_keys=keys,
            stopped=baking.deadline.stopped,
        )

    machine = LastingMachine(connected)
    ui.say("Waiting for SSH to become available...")
    try:
        machine.now()
        ui.say("Connected to SSH!")
        baking.provision(machine, {**variables, **reached(settings, host)})
    except StoppedError as error:
        raise Cancelled from error
    except CommunicatorError as error:
        raise BuildError(str(error)) from error
    finally:
        machine.close()
    return _ARTIFACT


_ARTIFACT = Artifact(
    builder_id=BUILDER_ID,
    id="Null",
    text="Did not export anything. This is the null builder",
)
