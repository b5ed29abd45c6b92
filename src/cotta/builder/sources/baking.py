"""What a source is given: the build, and what it runs in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.builder.communicators.interface import StoppedError
from cotta.builder.provisioners.provisioning import Deadline, Provisioning
from cotta.builder.provisioners.running import run_provisioners
from cotta.builder.running import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.builder.communicators.interface import Communicator
    from cotta.builder.events import Ui
    from cotta.builder.journal import Journal
    from cotta.builder.looking import Watch
    from cotta.builder.model import Build, Provisioner
    from cotta.builder.running import Run


@dataclass(frozen=True, kw_only=True)
class Baking:
    """One build under way.

    `tags` go on everything that is made, `image_tags` on what stays.  `salt` varies what must make
    no difference, for a build that is made twice to prove it; `instance_type` and `image_name` too.
    """

    build: Build
    run: Run
    ui: Ui
    journal: Journal
    deadline: Deadline
    image_tags: Mapping[str, str] = field(default_factory=dict)
    salt: str = ""
    instance_type: str = ""
    image_name: str = ""
    # Looks at the machine: before the first provisioner, after each, and before it is stopped.
    watch: Watch | None = None
    # The variables of the build, once they are known.
    variables: dict[str, str | int | bool] = field(default_factory=dict)

    @property
    def run_tag(self) -> str:
        """What everything is tagged with that this build makes."""
        return f"{self.run.uuid}/{self.build.id}"

    def provision(
        self, machine: Communicator | None, generated: Mapping[str, str | int | bool]
    ) -> None:
        """Run the provisioners of the build."""
        self.variables.update(generated)

        def finished(provisioner: Provisioner) -> None:
            if self.watch is not None and machine is not None:
                self.watch.after(machine, provisioner)

        try:
            if self.watch is not None and machine is not None:
                self.watch.begin(machine)
            self._run(machine, generated, finished)
        except StoppedError as error:
            raise Cancelled from error

    def _run(
        self,
        machine: Communicator | None,
        generated: Mapping[str, str | int | bool],
        finished: Callable[[Provisioner], None],
    ) -> None:

        run_provisioners(
            Provisioning(
                build=self.build,
                run=self.run,
                ui=self.ui,
                machine=machine,
                generated=generated,
                deadline=self.deadline,
                salt=self.salt,
                finished=finished,
            )
        )
