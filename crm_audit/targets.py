"""Which orgs to audit: named in a configuration, or one from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auditor.errors import ConfigError
from crm_audit.config import Config, Jwt, Session, Target
from crm_audit.secrets import Secret

ENVIRONMENT: Mapping[str, str] = {
    "SF_INSTANCE_URL": "address of the org, such as https://acme.my.salesforce.com",
    "SF_ACCESS_TOKEN": "session id or access token (with SF_INSTANCE_URL)",
    "SF_USERNAME": "user name for a JWT login",
    "SF_CONSUMER_KEY": "consumer key of the connected or external client app, for a JWT login",
    "SF_PRIVATE_KEY_FILE": "file with the RSA private key (PEM), for a JWT login",
    "SF_LOGIN_URL": "token host of a JWT login; default https://login.salesforce.com",
    "SF_API_VERSION": "highest API version to use, at least 63.0",
    "REQUESTS_CA_BUNDLE": "CA certificates to trust instead of the built-in ones",
    "HTTPS_PROXY": "proxy to go through",
}
"""Every variable the ad-hoc door reads; a test finds each in the documentation."""


def chosen(config: Config, wanted: str) -> tuple[Target, ...]:
    """The targets with this name or platform, or all of them. Raises ConfigError if there are none."""
    found = tuple(t for t in config.targets if wanted in {"", t.name, t.platform})
    if not found:
        names = ", ".join(t.name for t in config.targets) or "none"
        raise ConfigError(
            f"The configuration has no target “{wanted or 'at all'}”.", hint=f"It has: {names}."
        )
    return found


def from_environment(platform: str, environ: Mapping[str, str]) -> Target:
    """One target out of environment variables: an access token, or else a JWT login.

    Raises ConfigError naming the variable that is missing.
    """
    if platform != "salesforce":
        raise ConfigError(
            f"There is no connector for “{platform}” yet.", hint="Try: crm-audit run salesforce."
        )
    instance = environ.get("SF_INSTANCE_URL", "").rstrip("/")
    auth: Session | Jwt
    if environ.get("SF_ACCESS_TOKEN"):
        if not instance:
            raise ConfigError("SF_ACCESS_TOKEN is set, but SF_INSTANCE_URL is not.", hint=_needs())
        auth = Session(Secret.from_environment("SF_ACCESS_TOKEN", environ))
    else:
        missing = [n for n in ("SF_USERNAME", "SF_CONSUMER_KEY", "SF_PRIVATE_KEY_FILE") if not environ.get(n)]
        if missing:
            raise ConfigError(
                f"No credential: {', '.join(['SF_ACCESS_TOKEN', *missing])} not set.", hint=_needs()
            )
        auth = Jwt(
            Secret.from_environment("SF_CONSUMER_KEY", environ),
            environ["SF_USERNAME"],
            Secret.from_file(Path(environ["SF_PRIVATE_KEY_FILE"])),
            environ.get("SF_LOGIN_URL", "https://login.salesforce.com").rstrip("/"),
        )
    return Target(
        name="salesforce",
        platform=platform,
        instance_url=instance,
        auth=auth,
        api_version=environ.get("SF_API_VERSION", ""),
    )


def _needs() -> str:
    return (
        "Set SF_INSTANCE_URL and SF_ACCESS_TOKEN, or SF_USERNAME, SF_CONSUMER_KEY and SF_PRIVATE_KEY_FILE "
        "for a JWT login, or give --config."
    )
