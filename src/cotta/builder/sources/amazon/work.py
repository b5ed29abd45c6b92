"""What the steps of one `amazon-ebs` build tell one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cotta.builder.journal import Made
from cotta.builder.model import RenderError
from cotta.builder.running import BuildError
from cotta.builder.sources.amazon.removing import describe, holds_others, remove
from cotta.clouds.tags import BASE_TAG, RUN_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.builder.events import Ui
    from cotta.builder.options.values import Options
    from cotta.builder.sources.amazon.cloud import Cloud
    from cotta.builder.sources.baking import Baking


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImage:
    """The image that a build begins with."""

    id: str
    name: str
    owner_id: str
    owner_alias: str
    created: str
    architecture: str
    virtualization: str
    root_device: str
    tags: Mapping[str, str]
    # It is another's to bill for, which only copies of it remember.
    is_billed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """The machine of a build, as far as it is known."""

    id: str
    public_ip: str = ""
    private_ip: str = ""
    public_dns: str = ""
    private_dns: str = ""


@dataclass
class Work:
    """The state of one build, which its steps fill in one after another."""

    baking: Baking
    cloud: Cloud
    image: SourceImage | None = None
    vpc_id: str = ""
    subnet_id: str = ""
    zone: str = ""
    key_name: str = ""
    private_key: str = ""
    security_groups: list[str] = field(default_factory=list)
    profile: str = ""
    instance: Instance | None = None
    instance_number: int | None = None
    is_spot: bool = False
    public_key: str = ""
    # Region to image, for what stays.
    images: dict[str, str] = field(default_factory=dict)
    # Names that are taken and are to be replaced, by region.
    replaced: dict[str, list[str]] = field(default_factory=dict)

    @property
    def options(self) -> Options:
        """The options of the source."""
        return self.baking.build.source.options

    @property
    def ui(self) -> Ui:
        """The voice of the build."""
        return self.baking.ui

    @property
    def name(self) -> str:
        """The name of the image."""
        return self.baking.image_name or self.options.text("ami_name")

    @property
    def replaces(self) -> bool:
        """Whether an image of the same name is to be replaced."""
        return self.baking.run.force or self.options.flag("force_deregister")

    @property
    def run_tags(self) -> dict[str, str]:
        """What everything is tagged with that a build makes on its way."""
        return {
            **self.tags("run_tags", "run_tag"),
            "Name": self.tags("run_tags", "run_tag").get("Name", "Packer Builder"),
            RUN_TAG: self.baking.run_tag,
        }

    def need_image(self) -> SourceImage:
        """Return the image that the build begins with, which is found by now."""
        assert self.image is not None
        return self.image

    def need_instance(self) -> Instance:
        """Return the machine, which is there by now."""
        assert self.instance is not None
        return self.instance

    # --- texts with `{{ }}` ---------------------------------------------------------------

    def variables(self) -> dict[str, str]:
        """Return the variables of the build that are about the image it begins with."""
        image = self.need_image()
        return {
            "SourceAMI": image.id,
            "SourceAMIName": image.name,
            "SourceAMIOwner": image.owner_id,
            "SourceAMIOwnerName": image.owner_alias,
            "SourceAMICreationDate": image.created,
            "BuildRegion": self.cloud.region,
        }

    def render(self, text: str) -> str:
        """Return a held text with its `{{ }}` filled in."""
        fields: dict[str, object] = dict(self.variables()) if self.image is not None else {}
        if self.image is not None:
            fields["SourceAMITags"] = dict(self.image.tags)
        try:
            return self.baking.build.layer.render(text, fields)
        except RenderError as error:
            raise BuildError(f'"{text}" can\'t be filled in: {error}') from error

    def tags(self, mapping: str, block: str) -> dict[str, str]:
        """Return tags of a map and of repeated blocks, filled in."""
        found = {
            self.render(key): self.render(value)
            for key, value in self.options.mapping(mapping).items()
        }
        for one in self.options.blocks(block):
            found[self.render(one.text("key"))] = self.render(one.text("value"))
        return found

    # --- what is made and taken away ------------------------------------------------------

    def making(self, kind: str, name: str, *, region: str = "", **facts: str) -> int:
        """Write down what is about to be made."""
        made = Made(kind=kind, name=name, region=region or self.cloud.region, facts=facts)
        return self.baking.journal.making(made)

    def make(
        self, kind: str, name: str, call: Callable[[], str], *, region: str = "", **facts: str
    ) -> int:
        """Make something: written down, made, and its id written down; return its number."""
        number = self.making(kind, name, region=region, **facts)
        self.baking.journal.is_made(number, call())
        return number

    def remove(self, number: int | None) -> None:
        """Take away what was made under a number, if anything was."""
        self.cloud.is_undoing = True
        is_held = any(holds_others(made) for made in self.baking.journal.left)
        for known, made in self.baking.journal.numbered:
            if known == number:
                remove(self.cloud, made, self.baking.run_tag, is_held=is_held)
                self.baking.journal.is_gone(known)

    def left(self) -> list[str]:
        """Return what there is of the build now, for a person."""
        return [describe(made) for made in self.baking.journal.left]


def image_tags_of(work: Work) -> dict[str, Any]:
    """Return the tags that the image gets when it is made, so that it is never without them."""
    own = {} if work.options.flag("skip_ami_run_tags") else work.tags("run_tags", "run_tag")
    return {
        **own,
        **work.tags("tags", "tag"),
        **work.baking.image_tags,
        BASE_TAG: work.need_image().id,
        RUN_TAG: work.baking.run_tag,
    }
