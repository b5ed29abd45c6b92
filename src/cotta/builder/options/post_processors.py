"""The options of the post-processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.builder.options.declare import Kind, Mistake, Option, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.values import Options

DIGESTS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")

MANIFEST: Final = Schema(
    options=(
        Option(name="output", default="packer-manifest.json"),
        Option(name="strip_path", kind=Kind.FLAG),
        Option(name="strip_time", kind=Kind.FLAG),
        Option(name="custom_data", kind=Kind.MAPPING),
    )
)


def _check_digests(options: Options) -> Iterator[Mistake]:
    for name in options.texts("checksum_types"):
        if name not in DIGESTS:
            yield Mistake(
                "checksum_types",
                "Unknown digest",
                f'There is no digest "{name}" here. There are {", ".join(DIGESTS)}.',
            )


CHECKSUM: Final = Schema(
    options=(
        Option(name="checksum_types", kind=Kind.TEXTS, default=("md5",)),
        Option(
            name="output",
            default="packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum",
            held=True,
        ),
    ),
    checks=(_check_digests,),
)

ARTIFICE: Final = Schema(options=(Option(name="files", kind=Kind.TEXTS, required=True),))
