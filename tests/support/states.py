"""Short ways to make states in tests, and random ones for properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cotta.addrs.providers import BUILTIN, ProviderConfig
from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    ConfigResource,
    Mode,
    ModuleStep,
    Resource,
)
from cotta.states.model import (
    CheckObject,
    CheckResult,
    CheckStatus,
    ObjectStatus,
    Snapshot,
    State,
    StoredInstance,
    StoredObject,
    StoredOutput,
    StoredResource,
)
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.value import make_string
from tests.support.values import KNOWN_VALUES

if TYPE_CHECKING:
    from cotta.addrs.resources import InstanceKey
    from cotta.values.json_text import Json

PROVIDER = ProviderConfig((), BUILTIN)


def an_address(name: str, key: InstanceKey = None) -> AbsResourceInstance:
    return AbsResource((), Resource(Mode.MANAGED, "terraform_data", name)).instance(key)


def an_object(
    id_: str, *, tainted: bool = False, after: tuple[str, ...] = (), **attributes: Json
) -> StoredObject:
    unset: dict[str, Json] = {"id": id_, "input": None, "output": None, "triggers_replace": None}
    return StoredObject(
        attributes=unset | attributes,
        status=ObjectStatus.TAINTED if tainted else ObjectStatus.READY,
        dependencies=tuple(an_address(name).of.config for name in after),
    )


def a_state(**objects: StoredObject) -> State:
    """Return a state with each object as a resource without a key under its name."""
    resources = {}
    for name, stored in objects.items():
        address = an_address(name).of
        resources[address] = StoredResource(address, PROVIDER, {None: StoredInstance(stored)})
    return State(resources)


def a_snapshot(state: State, *, serial: int = 1, lineage: str = "line") -> Snapshot:
    return Snapshot(state=state, lineage=lineage, serial=serial, terraform_version="1.11.4")


_NAMES = st.text("abcxyz_", min_size=1, max_size=4)
_KEYS = st.none() | st.integers(0, 12) | st.text(max_size=4).map(make_string)
_MODULES = st.lists(st.builds(ModuleStep, _NAMES, _KEYS), max_size=2).map(tuple)
_RESOURCES = st.builds(Resource, st.sampled_from([Mode.MANAGED, Mode.DATA]), _NAMES, _NAMES)
_JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
_PATHS = st.lists(
    st.lists(
        st.builds(AttributePath, _NAMES) | st.builds(IndexPath, st.integers(0, 9) | _NAMES),
        min_size=1,
        max_size=3,
    ).map(tuple),
    max_size=2,
).map(tuple)
OBJECTS = st.builds(
    StoredObject,
    attributes=st.dictionaries(_NAMES, _JSON, max_size=4),
    schema_version=st.integers(0, 3),
    sensitive=_PATHS,
    private=st.binary(max_size=6),
    status=st.sampled_from(ObjectStatus),
    dependencies=st.lists(
        st.builds(ConfigResource, st.lists(_NAMES, max_size=2).map(tuple), _RESOURCES), max_size=3
    ).map(tuple),
    create_before_destroy=st.booleans(),
)
_INSTANCES = st.builds(
    StoredInstance,
    OBJECTS,
    st.dictionaries(st.text("0123456789abcdef", min_size=8, max_size=8), OBJECTS, max_size=2),
)
_CHECKS = st.builds(
    CheckResult,
    st.sampled_from(["resource", "output", "check", "var"]),
    _NAMES,
    st.sampled_from(CheckStatus),
    st.lists(
        st.builds(
            CheckObject,
            _NAMES,
            st.sampled_from(CheckStatus),
            st.lists(st.text(max_size=4), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Return any state."""
    resources = {}
    for address in draw(st.lists(st.builds(AbsResource, _MODULES, _RESOURCES), max_size=4)):
        instances = draw(st.dictionaries(_KEYS, _INSTANCES, max_size=3))
        resources[address] = StoredResource(address, PROVIDER, instances)
    outputs = st.dictionaries(_NAMES, st.builds(StoredOutput, KNOWN_VALUES, st.booleans()))
    return State(resources, draw(outputs), tuple(draw(st.lists(_CHECKS, max_size=2))))


SNAPSHOTS = st.builds(
    Snapshot,
    state=states(),
    lineage=st.text(max_size=8),
    serial=st.integers(0, 2**40),
    terraform_version=st.sampled_from(["", "1.11.4", "1.12.0-beta1"]),
)
