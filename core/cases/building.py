"""Making an office: plugins, definitions, database, files and keys of one installation, once per process."""

from __future__ import annotations

from typing import cast

from core.cases.definitions import FILTERS, load_definitions, plain
from core.cases.desk import Office
from core.cases.notifiers import notifier_of
from core.cases.paperworks import PaperWorks, chosen
from core.clock import Clock, SystemClock
from core.definitions.library import Library
from core.definitions.remembered import folder_of
from core.documents.shelf import Shelf
from core.domain.estates import BASE_ROLES
from core.forms.field_type import FieldType
from core.forms.fields import BUILT_IN
from core.loader import Plugins
from core.security.fields import FieldCipher
from core.security.policy import Actor
from core.settings import Settings
from core.store.blobs import BlobStore
from core.store.engine import make_engine
from core.store.session import session_factory


def build_office(settings: Settings, *, clock: Clock | None = None, durable: bool = True,
                 definitions: tuple[Plugins, Library] | None = None) -> Office:
    """The office of `settings`; DefinitionErrors or PluginError with all that is wrong, and nothing half-loaded.

    `clock`: what time it is (default: the machine's). `durable=False`: the database is thrown away afterwards.
    `definitions`: when they are loaded already.
    """
    plugins, library = definitions or load_definitions(settings)
    wrong = list(plugins.everywhere().check_config(settings=plain(settings)))
    if wrong:
        raise wrong[0]
    hooks = plugins.everywhere()
    blobs = (chosen(hooks.blob_stores(), "blob_store", settings) if settings.blob_store
             else BlobStore.from_url(settings.blob_url))
    identity = (chosen(hooks.identity_providers(), "identity_provider", settings)
                if settings.identity_provider else None)
    return Office(settings=settings, library=library, plugins=plugins, blobs=blobs, identity=identity,
                  notifier=notifier_of(settings, hooks.notifiers()), cipher=_cipher(settings),
                  papers=PaperWorks(settings, hooks.pdf_converters(), hooks.sealers()),
                  sessions=session_factory(make_engine(settings.database_url, durable=durable)),
                  clock=clock or SystemClock(),
                  field_types=BUILT_IN.with_(cast(tuple[FieldType, ...], plugins.field_types)),
                  template_filters={**FILTERS, **hooks.template_filters()}, validators=hooks.validators(),
                  shelf=Shelf(folder_of(settings.data_dir) / "plates"))


def _cipher(settings: Settings) -> FieldCipher:
    return FieldCipher(settings.secret.get_secret_value(), [old.get_secret_value() for old in settings.old_secrets])


def system_actor(office: Office) -> Actor:
    """Whoever sits at the machine itself: every role at every estate; stands as 系统 in the history."""
    roles = {name: frozenset({*BASE_ROLES, *(role.name for role in known.estate.roles)})
             for name, known in office.library.estates.items()}
    return Actor(user_id="", username="system", name="系统", admin=True, roles=roles)
