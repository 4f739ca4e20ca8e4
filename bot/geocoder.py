"""Asks a geocoder of geopy's about an address that no station's own words name; only where one is set up."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any, cast

from geopy.adapters import AioHTTPAdapter
from geopy.exc import GeocoderNotFound, GeopyError
from geopy.geocoders import get_geocoder_for_service

from bot.settings import Settings, SettingsError
from handlers.desk import Geocode, nowhere
from rules.datum import to_wgs84
from rules.station import Datum, Position

log = logging.getLogger(__name__)

SECONDS = 3  # nobody waits longer for a chat's answer
MOST = 5


def build_geocoder(settings: Settings) -> Geocode:
    """What the settings name, or the one that knows nothing. Raises SettingsError for what geopy does not have."""
    if not settings.geocoder:
        return nowhere
    make, options = _made(settings)
    datum = cast(Datum, settings.geocoder_datum)

    async def geocode(words: str) -> Sequence[tuple[str, Position]]:
        try:
            async with make(adapter_factory=AioHTTPAdapter, timeout=SECONDS, **options) as geocoder:
                found = await geocoder.geocode(words, exactly_one=False) or []
        except (GeopyError, OSError, TimeoutError) as error:
            log.warning("The geocoder did not answer (%s)", type(error).__name__)  # never what was asked
            return ()
        return [(one.address, to_wgs84(Position(one.latitude, one.longitude), datum)) for one in found[:MOST]]

    return geocode


def _made(settings: Settings) -> tuple[Any, dict[str, Any]]:
    try:
        options = json.loads(settings.geocoder_options)
        make = get_geocoder_for_service(settings.geocoder)
        make(adapter_factory=None, **options)
    except GeocoderNotFound:
        raise SettingsError(f"GEOCODER: geopy has no geocoder {settings.geocoder!r}, e.g. nominatim.") from None
    except ValueError:
        raise SettingsError('GEOCODER_OPTIONS must be JSON, e.g. {"user_agent": "yizhan"}.') from None
    except (TypeError, GeopyError) as error:
        raise SettingsError(f"GEOCODER_OPTIONS do not fit {settings.geocoder}: {error}") from None
    return make, options
