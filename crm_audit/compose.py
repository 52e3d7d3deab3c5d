"""The composition root: the only module that knows every connector, mapping source and writer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

import mappings
from auditor import phi, special
from auditor.access import effective_access
from auditor.audit import Audit, audit
from auditor.errors import CollectionError, ConfigError, CredentialTooStrong
from auditor.leaks import LeakGraph
from auditor.lineage import Derived, Lineage, derive
from auditor.people import Audience, classify
from auditor.phi import Basis, FieldFacts, Tag
from auditor.policy import Policy
from auditor.retention import Minimum, RetentionPolicy
from auditor.rule import View
from auditor.rules import RULES
from auditor.rulings import Sources
from auditor.snapshot import Capability, Snapshot
from auditor.waivers import Waiver
from connectors.hubspot.evidence import Evidence
from connectors.hubspot.evidence import load as load_evidence
from connectors.protocol import Connector, Plan, Prober, Scope, Semantics, Watch, unwatched
from connectors.sampling import Sampler, Sampling
from crm_audit import __version__, clock
from crm_audit.config import (
    ClientCredentials,
    Config,
    Database,
    Decided,
    Jwt,
    OAuth,
    Org,
    Password,
    Portal,
    Project,
    Sampled,
    Session,
    SfCli,
    Target,
    Token,
)
from mappings.values import EXTRA, absent_libraries

if TYPE_CHECKING:
    from connectors.hubspot.client import Client as PortalClient
    from connectors.hubspot.client import Login as PortalLogin
    from connectors.salesforce.client import Client, Login
    from connectors.salesforce.journal import Journal
    from connectors.transport import Transport
    from connectors.tryton.client import Client as DatabaseClient
    from crm_audit.secrets import Secret

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an audit is told, from wherever it came: who is who, what is PHI, what is allowed, what is kept."""

    audiences: tuple[Audience, ...]
    policy: Policy
    retention: tuple[RetentionPolicy, ...] = ()
    decided: Mapping[str, str] | None = None
    mapping_paths: tuple[Path, ...] = ()
    vocabulary_paths: tuple[Path, ...] = ()
    strict_credential: bool = False
    accepted: Mapping[str, str] = field(default_factory=dict)
    classifier: Mapping[str, object] | None = None
    digest: str = ""
    sample: int = 20
    waivers: tuple[Waiver, ...] = ()
    ledger: mappings.Ledger = field(default_factory=mappings.Ledger)
    platforms: frozenset[str] = frozenset()
    part2: bool = False

    def policies(self, platform: str) -> tuple[RetentionPolicy, ...]:
        """The retention policies about a platform's objects; all of them where there is only one kind of CRM.

        Only Tryton's names have dots. One that names no object of HubSpot's either is Salesforce's, so that a mistyped
        name is still asked for, and missed.
        """
        if len({_family(known) for known in self.platforms}) < 2:
            return self.retention
        from connectors.hubspot.catalogue import OBJECT_TYPES

        def family(policy: RetentionPolicy) -> str:
            if "." in policy.object:
                return Database.platform
            if policy.object in OBJECT_TYPES or re.fullmatch(r"\d+-\d+", policy.object):
                return Portal.platform
            return Org.platform

        return tuple(p for p in self.retention if family(p) == _family(platform))


def _family(platform: str) -> str:
    """The platform whose objects this one has: source says the same as the org it is of."""
    return Org.platform if platform == Project.platform else platform


def settings(config: Config, decided: Decided | None, *, as_of: datetime, strict: bool) -> Settings:
    """Combine a configuration with decided tags, which replace tagger, classifier and retention policies."""
    accepted = {
        a.reading: f"{a.reason} (accepted by {a.owner} until {a.expires.isoformat()})"
        for a in config.accepted_unknowns
        if a.in_force(as_of.date())
    }
    found = Settings(
        audiences=config.audiences,
        policy=config.policy,
        retention=config.retention,
        mapping_paths=config.mapping_paths,
        vocabulary_paths=config.vocabulary_paths,
        strict_credential=strict,
        accepted=accepted,
        digest=config.digest,
        platforms=frozenset(target.platform for target in config.targets),
        part2=config.part2,
    )
    if decided is None:
        return found
    told: list[object] = [
        config.digest,
        sorted(decided.phi.items()),
        decided.classifier,
        decided.retention,
    ]
    if decided.portal is not None:
        told += [decided.portal, decided.audiences]
    digest = hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:16]
    return replace(
        found,
        decided=decided.phi,
        audiences=decided.audiences if decided.audiences is not None else found.audiences,
        classifier=decided.classifier,
        retention=decided.retention,
        digest=digest,
    )


def semantics(platform: str) -> Semantics:
    """The pure half of a platform's connector. Raises ConfigError for a platform nobody wrote one for."""
    if platform in {"salesforce", "sfdx"}:  # source says the same as the org it is of
        from connectors.salesforce.semantics import SEMANTICS

        return SEMANTICS
    if platform == Portal.platform:
        from connectors.hubspot import semantics as hubspot

        return hubspot.SEMANTICS
    if platform == Database.platform:
        from connectors.tryton import semantics as tryton

        return tryton.SEMANTICS
    raise ConfigError(
        f"There is no connector for “{platform}” yet.", hint="Known: salesforce, sfdx, hubspot, tryton."
    )


def _transport(target: Org | Portal | Database) -> Transport:
    """How a target's host is reached."""
    from connectors.transport import Transport

    return Transport(
        ca_bundle=str(target.ca_bundle or ""),
        proxy=target.proxy,
        connect_timeout=target.connect_timeout,
        read_timeout=target.read_timeout,
    )


def client(target: Org) -> Client:
    """Log in to one org. Raises CollectionError if it cannot be reached or refuses the login."""
    from connectors.salesforce.client import Budget, Client

    budget = Budget(target.budget_calls, target.daily_share)
    opened = Client(_login(target), _transport(target), api_version=target.api_version, budget=budget)
    log.info("connected", target=target.name, host=opened.host, api_version=opened.api_version)
    return opened


def confirmed(target: Org, at: datetime) -> Client:
    """Log in to one org and have it answer one question; raises as `client` does, and when it does not answer."""
    from connectors.salesforce.connector import Salesforce

    opened = client(target)
    Salesforce(opened, target=target.name, taken_at=at, tool_version=__version__).confirm()
    return opened


def _login(target: Org) -> Login:
    """The login of an org as the connector takes it, with secrets still to be fetched."""
    from connectors.salesforce import cli_session, client

    match target.auth:
        case Session(access_token):
            return client.Session(target.instance_url, access_token.reveal)
        case Jwt(consumer_key, username, private_key, audience):
            return client.Jwt(username, consumer_key.reveal, private_key.reveal, audience)
        case ClientCredentials(consumer_key, consumer_secret):
            return client.ClientCredentials(target.instance_url, consumer_key.reveal, consumer_secret.reveal)
        case SfCli(alias):
            return cli_session.session_of(alias, instance_url=target.instance_url)


def portal_client(target: Portal) -> PortalClient:
    """A client of one portal, which logs in with its first call."""
    from connectors.hubspot.client import Budget, Client

    budget = Budget(target.budget_calls, target.daily_share)
    return Client(_portal_login(target), _transport(target), base_url=target.base_url, budget=budget)


def confirmed_portal(target: Portal) -> PortalClient:
    """Have one portal answer one question; raises CollectionError when it does not."""
    from connectors.hubspot import catalogue
    from connectors.hubspot.client import Refused

    opened = portal_client(target)
    try:
        opened.ask(catalogue.ACCOUNT)
    except Refused as refused:
        raise CollectionError(refused.unread.detail, hint=refused.unread.remedy) from None
    return opened


def _portal_login(target: Portal) -> PortalLogin:
    """The login of a portal as the connector takes it, with secrets still to be fetched."""
    from connectors.hubspot import client

    match target.auth:
        case Token(token):
            return client.Token(token.reveal)
        case OAuth(client_id, client_secret, refresh_token, access_token):
            return client.OAuth(
                client_id.reveal,
                client_secret.reveal,
                refresh_token.reveal,
                access_token.reveal if access_token is not None else None,
            )


def database_client(target: Database) -> DatabaseClient:
    """A client of one Tryton database, which logs in with its first call."""
    from connectors.tryton.client import Client, Password

    login = Password(target.auth.login, target.auth.password.reveal)
    return Client(login, target.url, target.database, _transport(target), budget_calls=target.budget_calls)


def database_connector(
    opened: DatabaseClient, target: Database, taken_at: datetime, watch: Watch = unwatched
) -> Connector:
    """The connector of a Tryton database over an open client."""
    from connectors.tryton.connector import Tryton

    return Tryton(opened, target=target.name, taken_at=taken_at, tool_version=__version__, watch=watch)


def prober(target: Target, logins: Mapping[str, Secret]) -> Prober:
    """Whatever asks one target itself, as test users whose passwords are given. Raises ConfigError if nothing does."""
    if not isinstance(target, Database):
        raise ConfigError(
            f"{target.platform} cannot be probed.",
            hint="Only a Tryton database answers as its users without a record being read, so far.",
        )
    from connectors.tryton.prober import TrytonProber

    clients = {
        login: database_client(replace(target, auth=Password(login, password), budget_calls=0))
        for login, password in logins.items()
    }
    opened = next(iter(clients.values()))
    return TrytonProber(clients, f"{opened.host}/{opened.database}")


def portal_connector(
    opened: PortalClient, target: Portal, evidence: Evidence, taken_at: datetime, watch: Watch = unwatched
) -> Connector:
    """The connector of a portal over an open client, with what somebody attests of it."""
    from connectors.hubspot.connector import HubSpot
    from mappings.signs import Signs

    return HubSpot(
        opened,
        target=target.name,
        taken_at=taken_at,
        tool_version=__version__,
        watch=watch,
        stated=target.stated,
        evidence=evidence,
        recognise=Signs(mappings.load_vocabulary()),
    )


def evidence(target: Portal) -> Evidence:
    """What was attested of a portal. Raises ConfigError with file and line for what cannot be understood."""
    return load_evidence(target.evidence, target.users_export) if target.evidence else Evidence()


def connector(
    opened: Client, target: Org, taken_at: datetime, watch: Watch = unwatched, journal: Journal | None = None
) -> Connector:
    """The connector of an org over an open client."""
    from connectors.salesforce.connector import Salesforce

    return Salesforce(
        opened, target=target.name, taken_at=taken_at, tool_version=__version__, watch=watch, journal=journal
    )


def connect(
    target: Target, taken_at: datetime, watch: Watch = unwatched, pages: Path | None = None
) -> Connector:
    """Open one target; long pulls go on from what `pages` holds of a collection that was killed.

    Raises CollectionError if it cannot be reached or refuses the login.
    """
    if isinstance(target, Org):
        opened = client(target)
        return connector(opened, target, taken_at, watch, _journal(opened, taken_at, pages))
    if isinstance(target, Portal):
        attested = evidence(target)  # before anything is asked
        return portal_connector(portal_client(target), target, attested, taken_at, watch)
    if isinstance(target, Database):
        return database_connector(database_client(target), target, taken_at, watch)
    from connectors.sfdx.connector import Sfdx

    return Sfdx(target.folder, target=target.name, taken_at=taken_at, tool_version=__version__, watch=watch)


def _journal(opened: Client, taken_at: datetime, pages: Path | None) -> Journal | None:
    """The journal of this org as this user sees it; none where the user is not known."""
    from connectors.salesforce.client import Refused
    from connectors.salesforce.journal import Journal

    if pages is None:
        return None
    try:
        who = opened.user_id()
    except Refused:
        return None
    return Journal(pages, f"{opened.host} {who} {opened.api_version} {__version__}", taken_at)


def scope(settings: Settings, target: Target | None, platform: str) -> Scope:
    """Whose schema to read: the decided tags' objects with those that belong to them, or what the patterns say."""
    if settings.decided is not None:
        named = sorted({name.rpartition(".")[0] for name in settings.decided})
        odd = [name for name in named if not re.fullmatch(_SHAPES[_family(platform)], name)]
        if odd:
            raise ConfigError(
                f"“{odd[0]}” is not the API name of an object.", hint="Tags name fields as Object.Field."
            )
        # Retention needs to know whether an anchor is a date or a moment.
        counted = {policy.object for policy in settings.policies(platform)}
        objects = tuple(sorted({*semantics(platform).related(named), *counted}))
        return Scope(objects=objects, tagged=tuple(sorted(settings.decided)))
    if target is None:
        return Scope()
    return Scope(include=target.include, exclude=target.exclude)


_SHAPES = {
    Org.platform: r"[A-Za-z]\w{0,79}",
    Portal.platform: r"[a-z]\w{0,79}|\d+-\d+",
    Database.platform: r"[a-z0-9_]+([.-][a-z0-9_]+)*",
}
"""What the name of an object looks like."""


def class_names() -> tuple[str, ...]:
    """The PHI classes of the taxonomy, which a policy may name."""
    return tuple(sorted(mappings.load_taxonomy().classes))


def unknown_classes(decided: Decided) -> list[str]:
    """The words of decided tags that name no class, which count as clinical."""
    taxonomy = mappings.load_taxonomy()
    return sorted({word for word in decided.phi.values() if taxonomy.get(word) is None})


@dataclass(frozen=True, slots=True)
class Tagged:
    """Which fields are PHI, where a carried-over class came from, and which fields a person cleared.

    `sources` says how what was asked about the fields agrees; None where the classes were given.
    """

    tags: Mapping[str, Tag]
    derived: Mapping[str, Derived]
    lineage: Lineage
    cleared: Mapping[str, Tag] = field(default_factory=dict)
    sources: Sources | None = None


def tag(snapshot: Snapshot, settings: Settings) -> Tagged:
    """Decide which fields are PHI: as given, or by ledger, mapping files, vendor labels and the tagger, in that order.

    Fields that show what a tagged field holds are tagged with it, unless a person decided about them.
    """
    means = semantics(snapshot.manifest.platform)
    sources = None
    if settings.decided is not None:
        given = mappings.given_tags(settings.decided, mappings.load_taxonomy())
        tags, cleared = [t for t in given if t.is_phi], [t for t in given if not t.is_phi]
    else:
        decided = decide(snapshot, settings)
        tags, cleared = list(decided.tags), list(decided.cleared)
        sources = Sources(decided.counts.fields, decided.disagreements, decided.rulings)
    lineage = means.lineage(snapshot)
    everything, derived = derive(tags, lineage, (t.field for t in cleared))
    return Tagged({t.field: t for t in everything}, derived, lineage, {t.field: t for t in cleared}, sources)


def decide(snapshot: Snapshot, settings: Settings) -> mappings.Decided:
    """Decide every field of a snapshot by ledger, mapping files, vendor labels, the tagger and sampled values."""
    taxonomy = mappings.load_taxonomy()
    entries = [e for path in settings.mapping_paths for e in mappings.load_mapping(path, taxonomy).entries]
    facts = semantics(snapshot.manifest.platform).facts(snapshot)
    written = mappings.Mapping(tuple(entries)) if entries else None
    ledger = settings.ledger.of(snapshot.manifest.target)
    words = vocabulary(settings)
    return mappings.decide(facts, written, taxonomy, words, ledger=ledger, observed=_observed(snapshot))


def vocabulary(settings: Settings) -> mappings.Vocabulary:
    """The words of the program, and before them those of the configuration."""
    words = mappings.load_vocabulary()
    for path in settings.vocabulary_paths:
        words = mappings.with_own_terms(words, path, mappings.load_taxonomy())
    return words


def _observed(snapshot: Snapshot) -> dict[str, list[mappings.Observed]]:
    """What the samples of a snapshot came to, by field; nothing, unless somebody asked for samples."""
    found: dict[str, list[mappings.Observed]] = {}
    for reading in snapshot.readings.values():
        for row in reading.table.to_pylist() if reading.capability is Capability.VALUES else ():
            if row["form"]:
                one = mappings.Observed(row["form"], row["hits"], row["seen"])
                found.setdefault(f"{row['object']}.{row['field']}", []).append(one)
    return found


def refuse_to_sample_without(targets: Sequence[Target]) -> None:
    """Raise ConfigError, before anything is asked, if values may be sampled and what recognises them is not here."""
    sampling = [target.name for target in targets if _sampled(target)]
    if sampling and (absent := absent_libraries()):
        raise ConfigError(
            f"{sampling[0]} asks for a sample of values, which takes what is not installed: {', '.join(absent)}.",
            hint=f"Install {EXTRA}, or take “sampling” out of the target.",
        )


def _sampled(target: Target | None) -> Sampled | None:
    return target.sampling if isinstance(target, Org | Portal) else None


def sampling(snapshot: Snapshot, settings: Settings, target: Target | None) -> Sampling | None:
    """What may be sampled of a target: the fields of the named objects that neither a person nor a label decided.

    Nothing is where the target does not ask for it, nor where `--tags` decided every field.
    """
    asked = _sampled(target)
    if asked is None or settings.decided is not None:
        return None
    from mappings.values.recognisers import count

    decided = decide(snapshot, settings)
    guessed = {tag.field for tag in decided.tags if tag.basis in {Basis.TAGGER, Basis.VALUES}}
    return Sampling(asked.objects, asked.rows, frozenset({*decided.unreviewed, *guessed}), count, clock.now)


def plan(tags: Sequence[Tag], settings: Settings, platform: str, as_of: datetime) -> Plan:
    """What to collect: the objects of PHI that is more than a name, and the policies with absolute cut-offs.

    Identifiers alone say nothing about health; their objects are still collected, since access to them is judged.
    """
    objects = semantics(platform).needed(sorted({t.object for t in tags}))
    policies = tuple((p, p.cutoff_at(as_of)) for p in settings.policies(platform))
    tagged = tuple(sorted(t.field for t in tags))
    return Plan(objects, phi.digest(tags), policies, settings.sample, tagged)


def collect(connector: Connector, settings: Settings, target: Target | None, as_of: datetime) -> Snapshot:
    """Read one org in two steps: the schema, then the grants of the objects that the tags give.

    Raises CredentialTooStrong in strict mode, before people, grants or records are asked for.
    """
    platform = target.platform if target else "salesforce"
    snapshot = connector.schema(scope(settings, target, platform))
    tags = list(tag(snapshot, settings).tags.values())
    if settings.strict_credential:
        refuse_strong_credential(snapshot, tags)
    wanted = sampling(snapshot, settings, target)
    if wanted is not None and isinstance(connector, Sampler):
        snapshot = connector.sample(snapshot, wanted)
        tags = list(tag(snapshot, settings).tags.values())
    return connector.collect(snapshot, plan(tags, settings, platform, as_of))


def refuse_strong_credential(snapshot: Snapshot, tags: Sequence[Tag]) -> None:
    """Raise CredentialTooStrong if this credential could write, or would be shown PHI values."""
    surplus = semantics(snapshot.manifest.platform).surplus(snapshot, {t.field: t for t in tags})
    found = [s.right for s in surplus]
    if found:
        shown = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise CredentialTooStrong(
            f"The credential holds more than an auditor needs: {shown}.",
            hint="Use a read-only auditing user, or run once with --no-strict-credential and read the finding.",
        )


def view(snapshot: Snapshot, settings: Settings, as_of: datetime) -> View:
    """All that rules look at: the snapshot with its tags, compiled and classified at one moment."""
    means = semantics(snapshot.manifest.platform)
    tagged = tag(snapshot, settings)
    facts: dict[str, FieldFacts] = {f.key: f for f in means.facts(snapshot)}
    tags = special.raised(tagged.tags, facts)
    grants = means.compile(snapshot, tags, as_of)
    audiences = tuple(a for a in settings.audiences if a.confirmed or means.guessed_audiences)
    policies = settings.policies(snapshot.manifest.platform)
    return View(
        snapshot=snapshot,
        access=effective_access(grants),
        tags=tags,
        audiences=classify(grants.people, audiences),
        policy=settings.policy,
        as_of=as_of,
        facts=facts,
        retention=policies,
        overdue=means.overdue(snapshot, [(p, p.cutoff_at(as_of)) for p in policies]),
        surplus=means.surplus(snapshot, tags),
        accepted=settings.accepted,
        classifier=settings.classifier,
        lineage=tagged.lineage,
        sources=tagged.sources,
        derived=tagged.derived,
        reach=means.reach(snapshot, grants),
        doors=means.doors(snapshot),
        changes=means.changes(snapshot),
        marketing_objects=means.marketing_objects,
        bin_period=means.bin_period,
        containers=means.containers,
        untold=means.untold,
        steps=means.steps,
        attestations=means.attestations(snapshot, tags, as_of) if means.attestations else (),
        leaks=_leaks(means, snapshot, tags, tagged.derived, facts),
        waivers=tuple(w for w in settings.waivers if w.target in {"", snapshot.manifest.target}),
        cleared=frozenset(tagged.cleared),
        associates=means.associates,
        part2=settings.part2,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _leaks(
    means: Semantics,
    snapshot: Snapshot,
    tags: Mapping[str, Tag],
    derived: Mapping[str, Derived],
    facts: Mapping[str, FieldFacts],
) -> LeakGraph | None:
    """The leak graph of what a platform does with fields; archived ones lead nowhere."""
    if means.surfaces is None:
        return None
    live = {name: tag for name, tag in tags.items() if not (name in facts and facts[name].archived)}
    labels = {
        name: f"{_capital(one.object_label or one.object)} › {one.label or one.name}"
        for name, one in facts.items()
    }
    return LeakGraph(means.surfaces(snapshot, live), live, derived, lambda name: labels.get(name, name))


def judge(snapshot: Snapshot, settings: Settings, as_of: datetime) -> Audit:
    """Judge one snapshot by every rule."""
    return audit(
        snapshot.manifest.target,
        view(snapshot, settings, as_of),
        RULES,
        tool_version=__version__,
        config_digest=settings.digest,
    )


@contextmanager
def demo(settings: Settings) -> Iterator[Settings]:
    """The settings of the demo clinic: its privacy officer's mapping and its own schedule."""
    with resources.as_file(resources.files("crm_audit").joinpath("demo-mapping.yaml")) as mapping:
        yield replace(settings, retention=_demo_retention(), mapping_paths=(mapping,))


def _demo_retention() -> tuple[RetentionPolicy, ...]:
    """An example, not advice."""
    schedule = "invented schedule of the demo clinic"
    short = Minimum("an invented state", "P11Y", "an invented law for hospitals")
    checked = replace(
        short, verified_on=date(2026, 3, 2), verified_by="the invented counsel of the demo clinic"
    )
    return (
        RetentionPolicy(
            "lead-never-patient",
            "Lead",
            "LastActivityDate",
            "P24M",
            fallback="CreatedDate",
            source=schedule,
            recovery_window="P15D",
        ),
        RetentionPolicy(
            "intake", "Intake__c", "Closed_Date__c", "P12Y", source=schedule, minimums=(checked,)
        ),
        RetentionPolicy(
            "appointment", "Appointment__c", "Appointment_Date__c", "P10Y", source=schedule, minimums=(short,)
        ),
        RetentionPolicy("activity-history", "Task", "ActivityDate", "P7Y", source=schedule),
        RetentionPolicy("contact", "Contact", "CreatedDate", "P10Y", hold="legal hold", source=schedule),
    )
