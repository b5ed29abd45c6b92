"""The post-processor `manifest`: a list of what was built, as Packer writes it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.post_processors.processing import Processed
from cotta.builder.running import BuildError
from cotta.system.files import FileLockedError, lock_file, write_atomically

if TYPE_CHECKING:
    from cotta.builder.artifacts import Artifact
    from cotta.builder.options.values import Options
    from cotta.builder.post_processors.processing import Processing

_PATIENCE: Final = timedelta(seconds=60)


def process(options: Options, artifact: Artifact, processing: Processing) -> Processed:
    """Add the artifact to the list; the list of an earlier run goes with -force."""
    path = Path(options.text("output"))
    entry = _entry(options, artifact, processing)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Builds run beside one another and write to the same list.
        with lock_file(path.with_name(f".{path.name}.lock"), wait=_PATIENCE):
            manifest = _read(path, processing)
            manifest["builds"] = [*(manifest.get("builds") or []), entry]
            manifest["last_run_uuid"] = processing.run.uuid
            write_atomically(path, json.dumps(manifest, indent=2, ensure_ascii=False).encode())
        path.with_name(f".{path.name}.lock").unlink(missing_ok=True)
    except FileLockedError as error:
        raise BuildError(f"{path} is locked by another build.") from error
    except OSError as error:
        raise BuildError(f"{path} can't be written: {error.strerror}.") from error
    return Processed(artifact, keeps_input=True, is_forced=True)


def _read(path: Path, processing: Processing) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        manifest = json.loads(path.read_bytes())
    except ValueError as error:
        raise BuildError(
            f"{path} is no manifest: {error}. Move it away, or name another with output."
        ) from error
    if not isinstance(manifest, dict):
        raise BuildError(f"{path} is no manifest. Move it away, or name another with output.")
    if processing.run.force and manifest.get("last_run_uuid") != processing.run.uuid:
        return {}
    return manifest


def _entry(options: Options, artifact: Artifact, processing: Processing) -> dict[str, Any]:
    strips = options.flag("strip_path")
    files = [
        {"name": Path(name).name if strips else name, "size": Path(name).stat().st_size}
        for name in artifact.files
        if Path(name).exists()
    ]
    build = processing.build
    # The build's one time, which its name may have too.
    time = (
        {} if options.flag("strip_time") else {"build_time": int(build.layer.started.timestamp())}
    )
    return {
        "name": build.source.name,
        "builder_type": build.source.type,
        **time,
        "files": files or None,
        "artifact_id": artifact.id,
        "packer_run_uuid": processing.run.uuid,
        "custom_data": options.mapping("custom_data") or None,
    }
