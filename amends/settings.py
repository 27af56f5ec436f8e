"""The one settings object: environment variables first, then `amends.toml`, then defaults."""

from functools import lru_cache
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from amends.desk_settings import DeskSettings
from amends.errors import AmendsError
from amends.orders_settings import OrdersSettings
from amends.setting_types import (
    BrowserPort,
    Languages,
    OptionalKey,
    OptionalPath,
    Origins,
    Port,
    Seconds,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_ADAPTER = ROOT / "nlu" / "adapters" / "default"
SETTINGS_FILE = "amends.toml"
PREFIX = "AMENDS_"


class SettingsError(AmendsError):
    """A setting has a value that Amends cannot use; the message names its variable."""


class Settings(OrdersSettings, DeskSettings):
    """Everything that a shop can set.

    Each field is read from the environment variable `AMENDS_<FIELD>` or from the key `<field>` of
    `amends.toml` in the current folder; the environment wins.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        toml_file=SETTINGS_FILE,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,  # one of the inputs may be a key
    )

    base_model: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="Base of the classifier, a Hub id or a folder; the adapter must fit it.",
    )
    encoder: str = Field(
        "sentence-transformers/all-MiniLM-L6-v2",
        description="Sentence encoder for categories and intents: a Hub id or a folder.",
    )
    adapter: OptionalPath = Field(
        None,
        description="Folder of the adapter to serve, whatever is published; empty means the one "
        "that `amends publish` put in use, at first the shipped one.",
    )
    adapters_dir: OptionalPath = Field(
        None,
        description="Where `amends publish` keeps adapters; empty means adapters in state_dir.",
    )
    precision: Literal["int8", "fp32"] = Field(
        "int8", description="How the base is loaded: int8 (bitsandbytes) or fp32."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where the classifier runs; auto takes CUDA where there is one."
    )
    categories_file: Path = Field(
        ROOT / "nlu" / "categories.yml", description="What a complaint can be about."
    )
    templates_dir: Path = Field(
        ROOT / "templates", description="Folder with one folder of reply templates a language."
    )
    policies_dir: Path = Field(
        ROOT / "templates" / "policies",
        description="Folder with one file of the shop's policies a language, such as en.md.",
    )
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="Language of the replies.")
    languages: Languages = Field(
        ("en",),
        description="Languages that base, adapter and encoder were made for, separated by commas; "
        "a shopper who writes in another one is told so and gets a person.",
    )
    phone_region: str = Field(
        "US",
        pattern=r"^[A-Z]{2}$",
        description="Country whose phone numbers shoppers write without a country code.",
    )
    state_dir: Path = Field(
        ROOT / ".amends", description="Where databases and exported models are kept."
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy URL of the ticket store; empty means SQLite in state_dir.",
    )
    host: str = Field("127.0.0.1", description="Address that the servers bind to.")
    rasa_port: BrowserPort = Field(5005, description="Port of the assistant.")
    actions_port: Port = Field(5055, description="Port of the action server.")
    shop_port: BrowserPort = Field(
        5050, description="Port of the demo shop, a page with the widget on it; loopback only."
    )
    session_key: OptionalKey = Field(
        None,
        description="Signs shoppers' chat tokens and what the servers say to one another, at "
        "least 32 characters; empty means one that `amends run` makes and keeps in state_dir.",
    )
    shop_key: OptionalKey = Field(
        None,
        description="The shop signs with it who a shopper is, at least 32 characters; empty means "
        "that shoppers stay anonymous.",
    )
    origins: Origins = Field(
        "",
        description="Origins of the pages that may use the chat, separated by commas; empty means "
        "the demo shop's.",
    )
    max_attachment_mb: int = Field(
        5, ge=1, le=50, description="Largest photo or file that a shopper can attach, in MiB."
    )
    max_message_chars: int = Field(
        4000, ge=100, le=100_000, description="A longer message is read up to here."
    )
    # The two run one after the other; together they leave Rasa half a second of the three in which
    # every message has its reply.
    assess_deadline_s: Seconds = Field(
        1.0, description="After this the lexicon scores the message instead of the model."
    )
    action_deadline_s: Seconds = Field(
        1.5, description="After this an action answers with its fallback words."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def ticket_database_url(self) -> str:
        """SQLAlchemy URL of the ticket store, SQLite in `state_dir` unless one is set."""
        return self.database_url or f"sqlite:///{self.state_dir / 'tickets.db'}"

    @property
    def published_dir(self) -> Path:
        """Folder of published adapters, in `state_dir` unless one is set."""
        return self.adapters_dir or self.state_dir / "adapters"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins of the pages that may use the chat, the demo shop's unless others are set."""
        # A browser sends the name that the person typed, so both of the shop's names.
        own = (f"http://{name}:{self.shop_port}" for name in ("127.0.0.1", "localhost"))
        return tuple(self.origins.split(",")) if self.origins else tuple(own)

    @property
    def _address(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def rasa_url(self) -> str:
        """Address of the assistant, without a slash at the end."""
        return f"http://{self._address}:{self.rasa_port}"

    @property
    def desk_address(self) -> str:
        """Address of the desk as agents see it, without a slash at the end."""
        return self.desk_url or f"http://{self._address}:{self.desk_port}"

    @property
    def actions_url(self) -> str:
        """Address of the action server, without a slash at the end."""
        return f"http://{self._address}:{self.actions_port}"


def load_settings() -> Settings:
    """Read and validate the settings.

    Raises:
        SettingsError: a value is out of its range or of another type, or the file cannot be read;
            names the variable or the file.
    """
    try:
        _check_file()
        return Settings()
    except ValidationError as error:
        raise SettingsError(_explain(error)) from error
    except (TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{SETTINGS_FILE}: expected a TOML file in UTF-8, found: {error}. "
            'Write one setting a line, such as language = "en".'
        ) from error


def _check_file() -> None:
    path = Path(SETTINGS_FILE)
    # What is no file would be passed over in silence, and the shop's settings with it.
    if path.exists() and not path.is_file():
        raise IsADirectoryError(f"a folder or device at {path.resolve()}")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once at first use."""
    return load_settings()


def _explain(error: ValidationError) -> str:
    return "\n".join(_problem(problem) for problem in error.errors())


def _problem(problem: "ErrorDetails") -> str:
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return f"{SETTINGS_FILE}: expected one of {known}; found {name}. Correct or remove it."
    variable = name if name.startswith(PREFIX) else f"{PREFIX}{name.upper()}"
    expected = problem["msg"].removeprefix("Value error, ")
    return (
        f"{variable}: {expected}; found {_found(name, problem['input'])}. "
        f"Correct it in the environment or in {SETTINGS_FILE}."
    )


def _found(name: str, value: object) -> str:
    if not name.lower().endswith(("_key", "_secret", "smtp_url")):
        return repr(value)
    # Of a key not even a part may reach a terminal or a log.
    return f"{len(value)} characters" if isinstance(value, str) else f"a {type(value).__name__}"
