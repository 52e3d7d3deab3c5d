"""`crm-audit init`: a first configuration, drafted from what the org shows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Directory = Annotated[Path, typer.Argument(help="Folder to write to; none of the files may be there.")]
Name = Annotated[str, typer.Option("--name", help="What reports call the org.")]
Platform = Annotated[str, typer.Option("--platform", help="salesforce or tryton.")]
Url = Annotated[str, typer.Option("--instance-url", help="The org's or server's address.")]
Login = Annotated[str, typer.Option("--login", help="jwt, client_credentials, session or sf_cli.")]
Username = Annotated[str, typer.Option("--username", help="The auditing user, for jwt and Tryton.")]
AudienceUrl = Annotated[str, typer.Option("--audience-url", help="Login host, for jwt.")]
KeyFrom = Annotated[
    str,
    typer.Option("--consumer-key-from", help="Where the consumer key is: env:NAME, file:PATH, keyring:S/U."),
]
PrivateFrom = Annotated[str, typer.Option("--private-key-from", help="Where the private key is.")]
SecretFrom = Annotated[str, typer.Option("--consumer-secret-from", help="Where the consumer secret is.")]
TokenFrom = Annotated[str, typer.Option("--access-token-from", help="Where the access token is.")]
Alias = Annotated[str, typer.Option("--sf-alias", help="Alias of the org in the sf command.")]
Database = Annotated[str, typer.Option("--database", help="Tryton: the name of the database.")]
PasswordFrom = Annotated[str, typer.Option("--password-from", help="Tryton: where the password is.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: options, environment and defaults.")]


def init(
    directory: Directory = Path(),
    name: Name = "",
    instance_url: Url = "",
    login: Login = "",
    username: Username = "",
    audience_url: AudienceUrl = "",
    consumer_key_from: KeyFrom = "",
    private_key_from: PrivateFrom = "",
    consumer_secret_from: SecretFrom = "",
    access_token_from: TokenFrom = "",
    sf_alias: Alias = "",
    platform: Platform = "salesforce",
    database: Database = "",
    password_from: PasswordFrom = "",
    yes: Yes = False,
) -> None:
    """Ask how to reach an org, try it, and write a configuration of drafts. Nothing is overwritten."""
    import os
    import sys

    from auditor.errors import ConfigError
    from crm_audit import asking, first_use

    def ask(question: str, default: str) -> str:
        if yes:
            return default
        try:
            return str(typer.prompt(question, default=default or None))
        except typer.Abort:
            if sys.stdin.isatty():
                raise KeyboardInterrupt from None
            raise ConfigError(
                f"“{question}” was not answered.", hint="Give it as an option, or say --yes."
            ) from None

    given = asking.Answers(
        name,
        instance_url,
        login,
        username,
        audience_url,
        consumer_key_from,
        private_key_from,
        consumer_secret_from,
        access_token_from,
        sf_alias,
        platform,
        database,
        password_from,
    )
    for line in first_use.begin(directory, given, ask, os.environ):
        typer.echo(line)
