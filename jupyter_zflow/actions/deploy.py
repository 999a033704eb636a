"""``deploy``: checks, change set, confirmation, bundle, execution, in this order.

Nothing that runs is touched before somebody said yes: until then there are only a change set and,
for a long template, its text in the bucket.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.deployed import Place, Where, place_of
from jupyter_zflow.actions.script import run_script
from jupyter_zflow.actions.template import read_template
from jupyter_zflow.bundle import read_bundle
from jupyter_zflow.changes import Change, Facts, compare, lines, read_facts
from jupyter_zflow.changes.cloudformation import parse_template
from jupyter_zflow.deploy import bundles, stack
from jupyter_zflow.deploy.bundles import Shelf, Upload
from jupyter_zflow.deploy.parameters import BUCKET, BUNDLE, parse_settings, stack_parameters
from jupyter_zflow.errors import DefinitionError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jupyter_zflow.bundle import Bundle
    from jupyter_zflow.deploy.account import Account
    from jupyter_zflow.deploy.stack import ChangeSet, Stack, Wanted

    Observer = Callable[[dict[str, Any]], None]

_SHELF = re.compile(r"s3://\$\{Bucket\}/([^/]+)/bundles/")
_READ = ("stages/", "requirements/")
_NAMED = {"RoleName", "ManagedPolicyName", "PolicyName", "UserName", "GroupName"}


@dataclass(frozen=True, slots=True)
class DeployPlan:
    """What a deployment would do."""

    place: Place
    bundle: Bundle
    shelves: tuple[Shelf, ...]
    before: Stack | None
    change_set: ChangeSet | None
    """``None`` when the stack need not change."""
    changes: tuple[Change, ...]
    parameters: Mapping[str, str]
    upload: bool = True
    """Whether the bundle is ours to bring; not when an earlier version is asked for."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.place.stack

    def lines(self) -> list[str]:
        """Return the changes as text."""
        return lines(self.changes)

    def counted(self) -> dict[str, int]:
        """Return how many resources are added, changed, replaced and removed."""
        found = {"added": 0, "changed": 0, "replaced": 0, "removed": 0}
        for resource in self.change_set.resources if self.change_set else ():
            word = {"Add": "added", "Remove": "removed"}.get(resource.action, "changed")
            found["replaced" if resource.replaced else word] += 1
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        resources = self.change_set.resources if self.change_set else ()
        return {
            "stack": self.stack,
            "creates": self.before is None,
            "version": self.parameters.get(BUNDLE),
            "changes": [change.to_json() for change in self.changes],
            "resources": [asdict(resource) for resource in resources],
            "parameters": dict(self.parameters),
        }


@dataclass(frozen=True, slots=True)
class DeployResult:
    """What a deployment did."""

    plan: DeployPlan
    status: str
    """The stack's status, ``UNCHANGED``, ``PLANNED`` or ``DECLINED``."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            **self.plan.to_json(),
            "status": self.status,
            "outputs": dict(self.outputs),
            "bundles": [asdict(upload) for upload in self.uploads],
        }


def plan_deployment(folder: Path, where: Where, *, parameters: Sequence[str] = ()) -> DeployPlan:
    """Check a folder and make the change set of its deployment.

    Parameters
    ----------
    parameters
        ``NAME=VALUE`` for parameters of the stack.

    Raises
    ------
    RefusedError
        When the bundle holds what must not travel.
    ParameterError
        When a parameter is unknown, missing or not allowed.
    ServiceError
        When AWS cannot be reached or refuses.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", remedy="Export the notebook first.")
    place = place_of(str(folder), where)
    template = run_script(folder)
    content = read_template(template)
    bundle = read_bundle(folder)
    if bundle.findings:
        raise RefusedError(bundle.findings)
    before = stack.find_stack(place.account, place.stack)
    stack.check_ready(before)
    declared = content.get("Parameters", {})
    given = {**place.environment.parameters, **parse_settings(parameters)}
    own = {BUNDLE: bundle.version} if BUNDLE in declared and BUNDLE not in given else {}
    old = before.parameters if before else {}
    values = stack_parameters(declared, given | own, before=old)
    shelves = _shelves(content, values)
    for bucket in {shelf.bucket for shelf in shelves}:
        bundles.check_bucket(place.account, bucket)
    changes = _changes(place.account, before, (content, bundle), shelves=shelves, values=values)
    wanted = _wanted(place, template, content, values, shelves)
    change_set = stack.make_change_set(place.account, place.stack, wanted, creates=before is None)
    return DeployPlan(
        place=place,
        bundle=bundle,
        shelves=shelves,
        before=before,
        change_set=change_set,
        changes=changes,
        parameters=values,
        upload=bool(own),
    )


def decline(plan: DeployPlan, *, status: str = "DECLINED") -> DeployResult:
    """Take the change set back."""
    if plan.change_set is not None:
        stack.discard(plan.place.account, plan.change_set)
    return DeployResult(plan, status)


def execute(plan: DeployPlan, *, on_event: Observer = lambda _event: None) -> DeployResult:
    """Bring the bundle, execute the change set, and wait for its end.

    Raises
    ------
    ServiceError
        When a resource failed; the message is its reason.
    """
    account = plan.place.account
    earlier = plan.before.parameters.get(BUNDLE) if plan.before else None
    try:
        uploads = tuple(
            bundles.upload(account, plan.bundle, shelf, earlier=earlier, on_event=on_event)
            for shelf in (plan.shelves if plan.upload else ())
        )
    except BaseException:
        decline(plan)
        raise
    if plan.change_set is None:
        outputs = plan.before.outputs if plan.before else {}
        return DeployResult(plan, "UNCHANGED", outputs, uploads)
    done = stack.execute(account, plan.change_set, on_event=on_event)
    return DeployResult(plan, done.status, done.outputs, uploads)


def shelves_of(template: Mapping[str, Any], bucket: str) -> tuple[Shelf, ...]:
    """Return where the template's pipelines expect their bundles."""
    texts = [json.dumps(output.get("Value")) for output in template.get("Outputs", {}).values()]
    found = [match[1] for text in texts for match in _SHELF.finditer(text)]
    return tuple(Shelf(bucket, prefix) for prefix in dict.fromkeys(found))


def _shelves(template: Mapping[str, Any], values: Mapping[str, str]) -> tuple[Shelf, ...]:
    return shelves_of(template, values[BUCKET]) if BUCKET in values else ()


def _changes(
    account: Account,
    before: Stack | None,
    now: tuple[Mapping[str, Any], Bundle],
    *,
    shelves: tuple[Shelf, ...],
    values: Mapping[str, str],
) -> tuple[Change, ...]:
    """Return what the deployment changes, in the author's words."""
    template, bundle = now
    digests = {path: file.sha256 for path, file in bundle.files.items()}
    settings = {name: value for name, value in values.items() if name != BUNDLE}
    if before is None:
        return compare(Facts(), replace(read_facts(template), settings=settings))
    old, old_texts = _deployed_code(account, before, shelves, digests)
    texts = {path: bundle.files[path].source.read_text("utf-8") for path in old_texts}
    body = stack.deployed_template(account, before.name)
    try:
        known = parse_template(body, before.name) if isinstance(body, str) else body
    except DefinitionError:
        known = None
    was = {name: value for name, value in before.parameters.items() if name != BUNDLE}
    return compare(
        replace(read_facts(known, texts=old_texts, digests=old), settings=was),
        replace(read_facts(template, texts=texts, digests=digests), settings=settings),
    )


def _deployed_code(
    account: Account, before: Stack, shelves: tuple[Shelf, ...], now: Mapping[str, str]
) -> tuple[Mapping[str, str], dict[str, str]]:
    """Return the digests of the deployed code, and the texts that differ from today's."""
    version, bucket = before.parameters.get(BUNDLE), before.parameters.get(BUCKET)
    for shelf in shelves:
        deployed = Shelf(bucket or shelf.bucket, shelf.prefix)
        found = bundles.read_manifest(account, deployed, version) if version else None
        if found is None or version is None:
            continue
        differing = [
            path
            for path, digest in found.items()
            if path.startswith(_READ) and path in now and now[path] != digest
        ]
        texts = {
            path: account.call(
                "s3", "get_object", Bucket=deployed.bucket, Key=deployed.key(version, path)
            )["Body"]
            .read()
            .decode("utf-8", "replace")
            for path in differing
        }
        return found, texts
    return {}, {}


def _wanted(
    place: Place,
    template: Path,
    content: Mapping[str, Any],
    values: Mapping[str, str],
    shelves: tuple[Shelf, ...],
) -> Wanted:
    body = template.read_text(encoding="utf-8")
    if len(body.encode()) > stack.INLINE_LIMIT:
        if not shelves:
            raise UsageError(
                f"{template} has {len(body.encode())} bytes, and no bucket to lie in.",
                remedy=f"Longer than {stack.INLINE_LIMIT} bytes, it needs the parameter {BUCKET}.",
            )
        body = _uploaded(place.account, body, shelves[0])
    return stack.Wanted(
        body=body,
        parameters=values,
        capabilities=_capabilities(content),
        tags=place.environment.tags,
    )


def _uploaded(account: Account, body: str, shelf: Shelf) -> str:
    """Lay the template into the bucket and return its address."""
    key = f"{shelf.prefix}/templates/{hashlib.sha256(body.encode()).hexdigest()[:16]}.yaml"
    account.call("s3", "put_object", Bucket=shelf.bucket, Key=key, Body=body.encode())
    return f"{account.client('s3').meta.endpoint_url}/{shelf.bucket}/{key}"


def _capabilities(template: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what CloudFormation wants to be told that we know."""
    roles = [r for r in template["Resources"].values() if str(r.get("Type")).startswith("AWS::IAM")]
    if not roles:
        return ()
    named = any(_NAMED.intersection(role.get("Properties", {})) for role in roles)
    return ("CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM",)
