"""What an installation has before anybody works in it: plugins, definitions, filters. Needs no database."""

from __future__ import annotations

from core.definitions.library import Library
from core.documents.placing import placed
from core.domain.money import capitals_of
from core.loader import Plugins, load_plugins
from core.settings import Settings

FILTERS = {"capitals": capitals_of}


def load_definitions(settings: Settings) -> tuple[Plugins, Library]:
    """Plugins and definitions, without database, files and keys."""
    plugins = load_plugins(settings.plugins, settings.estates_dir)
    return plugins, read_library(settings, plugins)


def read_library(settings: Settings, plugins: Plugins, before: Library | None = None) -> Library:
    """The definitions as they stand on the disk; of `before`, what has not been changed is kept. DefinitionErrors with all
    problems at once."""
    return Library.load(plugins.sources, settings.estates_dir, overlays=plugins.overlays, before=before, data_dir=settings.data_dir,
                        field_types=[kind.name for kind in plugins.field_types], absent=plugins.out_of_service, put=placed)


def plain(settings: Settings) -> dict[str, str]:
    """The settings as plugins see them: text by name, without secrets."""
    return {name: str(value) for name, value in settings.model_dump(mode="json").items()
            if "secret" not in name and "password" not in name}
