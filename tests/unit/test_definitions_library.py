import shutil
import time
from pathlib import Path

import jsonschema_rs
import pytest

from core.definitions.check import check_all
from core.definitions.library import Library, ProcedureSource
from core.definitions.reader import read
from core.definitions.schema import json_schemas
from core.domain.bundle import Bundle
from core.domain.sources import Overlay
from core.errors import DefinitionErrors, NotFound
from core.loader import load_plugins

ROOT = Path(__file__).parents[2]
ESTATES = ROOT / "estates"
DATA = ROOT / "tests" / "data"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "small", tmp_path / "small")
    templates = tmp_path / "small" / "document_templates" / "lend"
    templates.mkdir(parents=True)
    (templates / "slip.docx").write_bytes(b"the plugin's slip")
    return tmp_path / "small"


def source(small: Path, version: str = "1") -> ProcedureSource:
    return ProcedureSource("lend", small / "form_definitions/lend", small / "document_templates/lend", version)


def load(small: Path, **more: object) -> Library:
    return Library.load([source(small)], small / "estates", **more)  # type: ignore[arg-type]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_bundle_has_everything_of_the_procedure(small: Path) -> None:
    library = load(small)
    bundle = library.bundle("park", "lend")
    assert library.procedures("park") == ("lend",)
    assert [step.name for step in bundle.procedure.steps] == ["ask", "pay", "lend", "back"]
    assert bundle.form("request").field("weight").min is not None
    assert bundle.fee("by_house").amounts == {"walk_up": "5", "elevator": "8"}
    assert bundle.papers("identity").items[1].waive == ("manager",)
    assert len(bundle.document("slip").copies) == 2
    assert library.template(bundle.templates["slip.docx"]) == b"the plugin's slip"
    assert library.estates["park"].company.company == "acme"
    assert library.bundle("park", "lend") is bundle


def test_a_pinned_bundle_is_read_back_with_the_same_pin(small: Path) -> None:
    bundle = load(small).bundle("park", "lend")
    again = Bundle.model_validate_json(bundle.canonical)
    assert again == bundle
    assert again.pin == bundle.pin


def test_the_pin_changes_with_definitions_templates_and_version(small: Path) -> None:
    pins = {load(small).bundle("park", "lend").pin}
    assert load(small).bundle("park", "lend").pin in pins
    pins.add(Library.load([source(small, "2")], small / "estates").bundle("park", "lend").pin)
    (small / "document_templates/lend/slip.docx").write_bytes(b"another slip")
    pins.add(load(small).bundle("park", "lend").pin)
    write(small / "estates/acme/park/form_definitions/lend/fee_schedule.yaml",
          "fees: [{name: deposit, rate: '3.00'}]\n")
    pins.add(load(small).bundle("park", "lend").pin)
    assert len(pins) == 4


def test_an_estate_overrides_what_it_wants_and_nothing_else(small: Path) -> None:
    write(small / "estates/acme/form_definitions/lend/fee_schedule.yaml", "fees: [{name: deposit, rate: '3.00'}]\n")
    own = small / "estates/acme/park/form_definitions/lend"
    write(own / "fee_schedule.yaml", "fees: [{name: by_house, amounts: {elevator: 10}}]\n")
    write(own / "forms/request.yaml", "fields:\n  - {name: colour, title: 颜色, type: text, after: item}\n"
                                      "  - {name: item, choices: [{value: cart, remove: true}]}\n")
    write(small / "estates/acme/park/document_templates/lend/slip.docx", "the estate's slip")
    library = load(small)
    bundle = library.bundle("park", "lend")
    assert bundle.fee("deposit").rate == "3.00"
    assert bundle.fee("by_house").amounts == {"walk_up": "5", "elevator": "10"}
    assert [field.name for field in bundle.form("request").fields][:3] == ["item", "colour", "pieces"]
    assert [choice.value for choice in bundle.form("request").field("item").choices] == ["ladder", "drill"]
    assert library.template(bundle.templates["slip.docx"]) == b"the estate's slip"
    assert library.mark("park", "lend", "fee_schedule.yaml", "fees", 0, "rate").file.endswith(
        "acme/form_definitions/lend/fee_schedule.yaml")


def test_an_overlay_stands_between_plugin_and_company(small: Path) -> None:
    write(small / "overlay/fee_schedule.yaml", "fees: [{name: deposit, rate: '7', title: 叠加}]\n")
    write(small / "estates/acme/form_definitions/lend/fee_schedule.yaml", "fees: [{name: deposit, rate: '8'}]\n")
    library = load(small, overlays=[Overlay("lend", small / "overlay", small / "none")])
    fee = library.bundle("park", "lend").fee("deposit")
    assert (fee.rate, str(fee.title)) == ("8", "叠加")


def test_a_value_is_taken_back_to_its_default(small: Path) -> None:
    write(small / "estates/acme/park/form_definitions/lend/fee_schedule.yaml",
          "fees: [{name: deposit, rate: ~, per: ~, quantity: ~, amount: '20'}]\n")
    fee = load(small).bundle("park", "lend").fee("deposit")
    assert (fee.amount, fee.rate, fee.per) == ("20", None, ())


def test_estates_that_offer_nothing_else_share_the_work(small: Path) -> None:
    for number in range(40):
        write(small / f"estates/acme/park{number}/estate.yaml", f"estate: park{number}\ntitle: 园{number}\n")
    started = time.perf_counter()
    library = load(small)
    assert time.perf_counter() - started < 1
    assert len(library.estates) == 41
    assert library.bundle("park7", "lend").pin != library.bundle("park8", "lend").pin


@pytest.mark.parametrize(("path", "text", "said"), [
    ("acme/park/estate.yaml", "estate: garden\ntitle: x\n", "与文件夹同名"),
    ("acme/park/estate.yaml", "estate: park\ntitle: x\nprocedures: [lent]\n", "did you mean `lend`?"),
    ("acme/empty/note.txt", "", "missing estate.yaml"),
    ("other/note.txt", "", "missing company.yaml"),
    ("acme/park/form_definitions/lent/texts.yaml", "texts: []\n", "did you mean `lend`?"),
    ("other/park/estate.yaml", "estate: park\ntitle: x\n", "estate exists already"),
    ("acme/park/document_templates/lend/slip.doc", "x", "a template is a .docx"),
    ("acme/park/form_definitions/lend/fees.yaml", "fees: []\n", "unknown file `fees.yaml`"),
    ("acme/park/document_templates/lend/slop.docx", "x", "no document uses this template"),
])
def test_mistakes_in_the_folder_of_estates(small: Path, path: str, text: str, said: str) -> None:
    write(small / "estates" / path, text)
    if path.startswith("other/park"):
        write(small / "estates/other/company.yaml", "company: other\ntitle: x\n")
    with pytest.raises(DefinitionErrors) as caught:
        load(small)
    assert said in str(caught.value)


def test_a_procedure_out_of_service_may_be_named(small: Path) -> None:
    write(small / "estates/acme/park/estate.yaml", "estate: park\ntitle: x\nprocedures: [lend, repair]\n")
    assert load(small, absent=["repair"]).procedures("park") == ("lend",)


def test_what_is_not_there_is_not_found(small: Path) -> None:
    library = load(small)
    for ask in (lambda: library.bundle("park", "x"), lambda: library.bundle("x", "lend"),
                lambda: library.template("00"), lambda: library.estate("x")):
        with pytest.raises(NotFound):
            ask()


def test_rules_may_read_settings_of_the_estate(small: Path) -> None:
    own = small / "estates/acme/park/form_definitions/lend/procedure.yaml"
    write(own, "steps: [{name: pay, when: 'estate.late_fee && estate.desk != null'}]\n")
    assert load(small).bundle("park", "lend").procedure.step("pay").when
    write(own, "steps: [{name: pay, when: estate.late_fees}]\n")
    with pytest.raises(DefinitionErrors, match=r"did you mean `estate\.late_fee`"):
        load(small)


def test_walkthroughs_of_a_higher_layer_win(small: Path) -> None:
    for folder in ("form_definitions/lend", "estates/acme/park/form_definitions/lend"):
        write(small / folder / "walkthroughs/usual.yaml", "walkthrough: usual\n")
    write(small / "form_definitions/lend/walkthroughs/lost.yaml", "walkthrough: lost\n")
    found = load(small).walkthroughs("lend", "park")
    assert [path.name for path in found] == ["lost.yaml", "usual.yaml"]
    assert "estates" in found[1].parts


# ---------------------------------------------------------------- the house's own


def test_the_house_has_no_mistake() -> None:
    plugins = load_plugins(estates=ROOT / "estates", installed=False)
    assert check_all(plugins, ROOT / "estates") == []
    library = Library.of(plugins, ROOT / "estates")
    for estate in library.estates:
        assert library.procedures(estate)


def test_the_published_schemas_take_what_the_loader_takes() -> None:
    schemas = json_schemas()
    checked = 0
    for path in [*ROOT.glob("form_definitions/*/*.yaml"), *ROOT.glob("form_definitions/*/forms/*.yaml"),
                 *(DATA / "small").glob("form_definitions/*/*.yaml"),
                 *ESTATES.glob("*/company.yaml"), *ESTATES.glob("*/*/estate.yaml"),
                 *ESTATES.glob("*/*/form_definitions/*/*.yaml")]:
        if path.is_relative_to(ESTATES / "broken"):
            continue
        [schema] = [schema for pattern, schema in schemas.items() if _matches(path, pattern)]
        errors = [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(read(path).plain)]
        assert errors == [], path
        checked += 1
    assert checked > 10


def test_the_schema_of_an_override_keeps_the_key_called_required() -> None:
    schema = jsonschema_rs.validator_for(json_schemas()["estates/**/form_definitions/*/forms/*.yaml"])
    assert schema.is_valid({"fields": [{"name": "a", "required": True, "after": "b"}]})
    assert not schema.is_valid({"fields": [{"required": True}]})
    assert not schema.is_valid({"fields": [{"name": "a", "requird": True}]})


def _matches(path: Path, pattern: str) -> bool:
    """Whether the end of `path` fits; patterns of estates only under the house's estates."""
    if path.is_relative_to(ROOT / "estates") != pattern.startswith("estates/"):
        return False
    return path.match(pattern.replace("**/", "*/*/"))
