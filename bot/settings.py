"""The settings: environment variables, all of them here and in .env.example, checked before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from msgspec import structs


class Refusal(Exception):  # noqa: N818
    """Something the operator can mend: one sentence, exit status 2, no traceback."""


class SettingsError(Refusal):
    """A setting that cannot be used; the sentence says which and what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Field names are the variables' names in lower case; the docstring of each is its line in .env.example."""

    bot_token: str = ""
    bot_api_url: str = "https://api.telegram.org"
    database_url: str = "sqlite:///yizhan.db"
    media_dir: str = ""
    rulebook: str = "shapingba"
    log_level: str = "INFO"
    public_url: str = ""
    bot_username: str = ""
    print_font: str = ""
    geocoder: str = ""
    geocoder_options: str = "{}"
    geocoder_datum: str = "wgs84"
    web_address: str = ""
    outside_lines: str = "{}"

    def with_token(self) -> Settings:
        """Itself, where there is a token to run with. Raises SettingsError."""
        if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", self.bot_token):
            raise SettingsError(
                "BOT_TOKEN is missing or is not a bot's token. Get one from @BotFather, "
                "or try the bot without one: make demo."
            )
        return self


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables; what is not set or empty keeps its default. Raises SettingsError."""
    given = {
        name: environment[name.upper()].strip()
        for name in Settings.__struct_fields__
        if environment.get(name.upper(), "").strip()
    }
    settings = msgspec.convert(given, Settings)
    if not re.match(r"https?://[^/\s]+", settings.bot_api_url):
        raise SettingsError("BOT_API_URL must begin with http:// or https://, e.g. https://api.telegram.org")
    if settings.log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise SettingsError("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    if settings.geocoder_datum not in ("wgs84", "gcj02", "bd09"):
        raise SettingsError("GEOCODER_DATUM must be wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu).")
    if settings.web_address:
        host_and_port(settings.web_address)
    return structs.replace(
        settings, public_url=_public_url(settings.public_url), bot_username=_bot_username(settings.bot_username)
    )


def host_and_port(address: str) -> tuple[str, int]:
    """127.0.0.1:8080 or [::1]:8080, taken apart. Raises SettingsError."""
    parts = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})", address)
    if parts is None or int(parts[3]) > 65535:
        raise SettingsError("WEB_ADDRESS must be an address and a port of this machine, such as 127.0.0.1:8080")
    return parts[1] or parts[2], int(parts[3])


def _public_url(given: str) -> str:
    """Without the slash at its end. It hangs on walls for years, so it is looked at closely."""
    if given and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?", given):
        raise SettingsError(
            "PUBLIC_URL must be an address such as https://example.org or https://example.org/yizhan, nothing after "
            "its path; a name in Chinese is written as xn--…"
        )
    return given.rstrip("/")


def _bot_username(given: str) -> str:
    """As people write it (@name, t.me/name), reduced to the name."""
    name = re.sub(r"^(@|(https?://)?t\.me/)", "", given)
    if name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{3,31}", name):
        raise SettingsError("BOT_USERNAME must be the bot's name on Telegram, such as example_bot.")
    return name
