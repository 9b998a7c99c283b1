"""All settings of a process, and how they are read. The only reader of the environment.

`poststelle.toml` in the working folder (or the file that POSTSTELLE_CONFIG names), overridden by
`POSTSTELLE_<SECTION>__<NAME>`. Secrets are read from files (`…_file`), never from the environment.
What there is to set stands in `sections`.
"""

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from services.core.errors import Misconfigured
from services.settings.sections import (
    S3,
    Classification,
    Extraction,
    Filing,
    Http,
    Indexing,
    Kafka,
    Ledger,
    Logging,
    MailIntake,
    Malware,
    Ocr,
    OpenSearch,
    OutgoingMail,
    Procedures,
    ScanIntake,
    Search,
    Storage,
    Tika,
    Worker,
)

_PREFIX = "POSTSTELLE_"


class Settings(BaseSettings):
    """All settings of one process, read once."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=_PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    stack: Literal["embedded", "kafka"] = Field("embedded", description="Which adapters carry the ports.")
    tenant: str = Field("main", description="The tenant of what comes in here.", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    prefix: str = Field("", description="Put before topics, groups, buckets and index names.", max_length=40)
    config: Path | None = Field(None, description="The settings file; poststelle.toml where none is given.")
    plan: Path | None = Field(None, description="A file plan to activate at the first start; ours where none is given.")
    storage: Storage = Storage()
    http: Http = Http()
    mail_intake: MailIntake = MailIntake()
    scan_intake: ScanIntake = ScanIntake()
    procedures: Procedures = Procedures()
    extraction: Extraction = Extraction()
    tika: Tika = Tika()
    malware: Malware = Malware()
    ocr: Ocr = Ocr()
    classification: Classification = Classification()
    filing: Filing = Filing()
    indexing: Indexing = Indexing()
    search: Search = Search()
    outgoing_mail: OutgoingMail = OutgoingMail()
    ledger: Ledger = Ledger()
    worker: Worker = Worker()
    kafka: Kafka = Kafka()
    s3: S3 = S3()
    opensearch: OpenSearch = OpenSearch()
    logging: Logging = Logging()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        del sources
        file = os.environ.get(f"{_PREFIX}CONFIG") or "poststelle.toml"
        toml = TomlConfigSettingsSource(settings_cls, toml_file=file)
        return named["init_settings"], named["env_settings"], toml


def load(**overrides: object) -> Settings:
    """The settings of this process; Misconfigured names the wrong one."""
    _look_for_slips()
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks what mypy cannot see
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"setting {name}: {first['msg']}") from error
    except SettingsError as error:  # a list or table in the environment is written as JSON
        raise Misconfigured(f"settings in the environment: {error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"settings file: {error}") from error


def _look_for_slips() -> None:
    # What pydantic passes over: a section that nobody knows, and a file that is not there.
    for name in os.environ:
        section = name.upper().removeprefix(_PREFIX).partition("__")[0].lower()
        if name.upper().startswith(_PREFIX) and section not in Settings.model_fields:
            raise Misconfigured(f"setting {section}: {name} in the environment names no setting")
    file = os.environ.get(f"{_PREFIX}CONFIG")
    if file and not Path(file).is_file():
        raise Misconfigured(f"setting config: {file} is no file")
