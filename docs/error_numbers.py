"""Writes docs/reference/errors.md: the tree of core/errors.py, and every number with its meaning.

`python docs/error_numbers.py` writes the page. A test fails when the page is out of date, and when a number in the
code has no meaning in MEANINGS.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.errors import ShouxuError

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "errors.md"
NUMBERS = range(1000, 4200)
POSITIONAL = {"add", "Fault", "FieldProblem", "Forbidden", "TemplateProblem", "_fault", "_of_fault", "_refused"}
"""Functions that take a number without naming it."""

MEANINGS: dict[int, str] = {
    # wiring
    1000: "a mistake of the program; nothing was stored, and the log has the incident",
    1001: "a setting is wrong, missing or misspelt",
    1003: "a setting names a part that no plugin brings",
    1005: "the demo, with its known passwords, on a server that others can reach",
    1010: "a plugin cannot be read",
    1011: "a plugin implements a hook that does not exist",
    1012: "a procedure is out of service because its plugin, or one of its estate, could not be loaded",
    1013: "two plugins give the same name",
    1014: "a plugin answered a hook with something else than the hook asks for",
    1015: "a hook crashed; the request was rolled back",
    1020: "a program or file that this act needs is not on the machine",
    1021: "a file or folder of the command line cannot be read or written",
    1030: "a notice could not be handed over to be sent; it is tried again",
    # definitions
    1200: "all mistakes of one load, each with its own number",
    1201: "the text cannot be read as YAML (or JSON)",
    1202: "the file is not plain UTF-8 text, or too large",
    1203: "a name or key stands twice",
    1204: "YAML that is not used here: anchors, aliases, tags",
    1205: "a file is missing, unreadable, or does not belong in this folder",
    1210: "unknown key",
    1211: "a needed key is missing",
    1212: "a value of the wrong shape, or a name that does not fit its file or folder",
    1213: "a word that is not one of those allowed here",
    1220: "an override of something that the layer below no longer has",
    1221: "`after`, `before` or `remove` names something that the layer below does not have",
    1222: "a folder for a procedure that does not exist",
    1224: "too many combinations of values by building, building type, use, layout or person type",
    1225: "a former name (`was`) that something bears still, or that two claim",
    1230: "a name that is not declared: step, form, document, series, role, fee stage …",
    1231: "a fee or rule reads a value that is not known yet at its step",
    1232: "steps wait for each other in a circle",
    1233: "a step that can never open",
    1234: "declared and used nowhere",
    1235: "a dead end: a step that nobody can finish, a class that nothing is below",
    1236: "a register shows a sensitive value without `masked`, or counts by one",
    1237: "a fee whose amount may be missing or negative",
    1240: "a rule is not understood, or a number pattern cannot be written",
    1241: "a rule or pattern that is broken or costs too much",
    1242: "a value that rules cannot carry",
    1243: "a rule that does not answer yes or no",
    1250: "a plugin is out of service, as `check` reports it",
    1290: "a walkthrough did not go as it is described",
    # refusals
    2000: "the request cannot be understood",
    2001: "nobody is logged in, or name and password do not fit",
    2003: "the role of the user does not allow this",
    2004: "there is no such thing, or it belongs to an estate where the user does not work",
    2029: "too many tries; wait and try again",
    2100: "something was filled in wrongly; each problem stands at its field",
    2101: "a wrong value",
    2102: "a needed value is missing",
    2103: "values that do not fit together",
    2104: "a field that the form does not have",
    2105: "too few or too many rows",
    2106: "an `Idempotency-Key` that was used for another request",
    2107: "the body is no JSON",
    2108: "JSON nested too deeply",
    2109: "a header that cannot be understood",
    2110: "a character that no document can carry, with its position",
    2111: "an `Idempotency-Key` that cannot be understood",
    2120: "a picture that is neither JPEG nor PNG, a password that is too weak, or a form with too many fields",
    2121: "a picture that is too large",
    2130: "a file that is not of the kind wanted, or broken",
    2131: "a spreadsheet with other columns than the form",
    2132: "a spreadsheet with too many rows",
    2200: "a gate is closed; every reason is listed",
    2202: "the step is not open yet",
    2203: "the step does not apply to this case",
    2204: "the step is done already",
    2205: "the step still needs something before it can be done",
    2210: "the case is suspended",
    2211: "the case has ended",
    2212: "the procedure is out of service; its cases can be read only",
    2213: "the case is not suspended",
    2220: "the document cannot be issued yet",
    2221: "the document does not apply to this case",
    2230: "the document is void or superseded",
    2231: "a receipt is voided with its money, not as a document",
    2232: "a numbered document is voided and issued anew, never replaced",
    2240: "everybody has signed",
    2241: "this document is signed the other way (paper, tablet)",
    2242: "this signer signs by hand, not by login",
    2243: "somebody else signs first",
    2250: "no blank number is left in stock",
    2251: "blanks are received again only with a report that agrees with the register (N02)",
    2252: "the number is void already",
    2253: "the series keeps no stock, so nothing is received",
    2255: "the conditions of this step may not be passed, or none is in the way",
    2256: "what the step gave has no end, or was not given yet: nothing to renew",
    2257: "the same person has consented already: four eyes are two people",
    2258: "the role has consented already",
    2259: "in a sequence another role consents first",
    2260: "the case has no document to print",
    2261: "this sub-case cannot be opened now; the reasons are listed",
    2262: "the procedure is opened from its parent case only",
    2265: "the case stands on the present definitions already",
    2266: "the case cannot be brought to the newer definitions; the reasons are listed",
    2300: "somebody else changed the same thing first; the changes are listed",
    2303: "the unit has an open case of this procedure",
    2304: "the document changed while it was being signed",
    2305: "the page was used for another case already",
    2306: "the definitions have changed since the preview",
    2400: "the amounts do not fit",
    2401: "not an amount, or out of range",
    2402: "too little was paid",
    2403: "too much was paid",
    2404: "unknown way to pay",
    2405: "the amount is not above zero",
    2406: "more would be refunded than is held",
    2407: "nothing is due",
    2408: "the ways to pay were not clear",
    2409: "more would be waived than is due or than the fee allows",
    2410: "a fee lacks a value it needs",
    2411: "a fee table has no amount for this value",
    2412: "a waiver of the charge waits for consent already, or none waits",
    2420: "the receipt was cancelled before",
    2421: "the receipt cannot be cancelled because part of its money was refunded",
    2422: "a refund cannot be cancelled",
    2425: "the deductions are more than the deposit that is held",
    2430: "the day is closed",
    2432: "a day cannot be closed before it is over",
    # documents
    3000: "something went wrong with a document",
    3100: "the template may not enter",
    3101: "no Word file, or not the one that was pinned",
    3102: "too large, or a zip bomb",
    3103: "names inside the file that are not allowed",
    3104: "broken XML, or a DOCTYPE",
    3105: "refers to something outside the file",
    3106: "macros, controls, embedded objects",
    3107: "a Word field that would fetch something",
    3110: "a tag that is not understood",
    3111: "a construct that templates may not use",
    3112: "a tag that does not end in its paragraph",
    3113: "unknown filter or test",
    3120: "prints a name that is not declared",
    3121: "a declared field that the template never prints (a note)",
    3122: "does not render with the longest values",
    3123: "uses sub-documents, which take the slow way (a note)",
    3124: "still has the comments of an earlier check, which would be printed",
    3130: "trying the template took too long and was stopped",
    3131: "trying the template took too much memory, or ended early",
    3132: "as many templates are being tried as may be at once; try again",
    3133: "the template reached for a file, the network or a program",
    3140: "words of a template at which something is put are not there",
    3141: "words of a template at which something is put are there several times",
    3200: "the document could not be made",
    3201: "a value is missing, with its name and place",
    3202: "a value that cannot be printed as it is",
    3203: "the result would be broken XML",
    3204: "a picture that cannot be printed",
    3205: "a filter or calculation that fails",
    3206: "the template goes through too many rows, or takes too long",
    3207: "the document gets too long",
    3300: "the PDF could not be made",
    3301: "LibreOffice is missing or does not start",
    3302: "LibreOffice took too long",
    3303: "LibreOffice gave no complete PDF",
    3304: "text of the Word file is missing from the PDF",
    3305: "a picture of the Word file is missing from the PDF",
    3306: "LibreOffice crashed",
    3307: "not a Word file",
    3310: "the PDF is not there yet",
    3400: "the seal could not be put on",
    3401: "the certificate of the seal cannot be read",
    3402: "there is no seal, or it is not said whose",
    3403: "no Chinese font to draw the seal with",
    3404: "this PDF cannot be sealed",
    3405: "the certificate of the seal has ended",
    3406: "the picture of the seal cannot be read",
    3407: "the token of the seal, its key or certificate is not found, does not answer, or they do not fit each other",
    3408: "the token refuses the PIN; it is not tried again before the next start",
    3409: "the certificate of the seal ends within thirty days",
    3410: "the time-stamp authority, or the service that seals, does not answer; the seal waits",
    3411: "the time-stamp authority refuses, or its answer proves nothing",
    3412: "the time-stamp authority is not trusted: its root is not among those given",
    # store
    4000: "something went wrong in the store",
    4003: "the database is away, locked or full; nothing was stored, try again",
    4010: "the database is of another version than the program",
    4020: "a file is missing from the blob store",
    4021: "a file in the blob store is not what was put there",
    4030: "an encrypted value cannot be opened: other secret, or changed",
    4040: "something tried to change what is only ever added to",
    4100: "the event chain of an estate is not whole",
}
"""What each number means, for ever: a number that the code gives up keeps its line, so that nobody uses it again."""


# ---------------------------------------------------------------- reading the code


def numbers_in_code() -> set[int]:
    """Every number that core gives to an error, those of the classes too."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "core").rglob("*.py"))
             if "migrations" not in path.parts]
    everywhere: dict[str, int] = {}  # a constant may be imported from another module
    for tree in trees:
        everywhere |= _constants(tree)
    found = {kind.number for kind in _kinds()}
    for tree in trees:
        constants = everywhere | _constants(tree)
        found |= {number for node in ast.walk(tree) for number in _numbers(node, constants)}
    return found


def _kinds() -> list[type[ShouxuError]]:
    from core import errors

    return [value for value in vars(errors).values()
            if inspect.isclass(value) and issubclass(value, errors.ShouxuError)]


def _constants(tree: ast.Module) -> dict[str, int]:
    """Names of whole numbers at the top of a module, also those assigned as a row."""
    found: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                rows: Iterable[tuple[ast.expr, ast.expr]] = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    rows = zip(target.elts, node.value.elts, strict=False)
                found |= {name.id: value.value for name, value in rows if isinstance(name, ast.Name)
                          and isinstance(value, ast.Constant) and type(value.value) is int}
    return found


def _numbers(node: ast.AST, constants: dict[str, int]) -> Iterator[int]:
    """The numbers that a call gives, or that a parameter or field called `number` has when none is given."""
    given: list[ast.expr] = []
    if isinstance(node, ast.Call):
        given = [keyword.value for keyword in node.keywords if keyword.arg == "number"]
        given += node.args if _called(node) in POSITIONAL else []
    elif isinstance(node, ast.FunctionDef) and node.args.defaults:
        named = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
        given = [default for argument, default in named if argument.arg == "number"]
    elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "number" and node.value:
        given = [node.value]
    for value in given:
        for part in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            number = part.value if isinstance(part, ast.Constant) else constants.get(getattr(part, "id", ""), 0)
            if type(number) is int and number in NUMBERS:
                yield number


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


# ---------------------------------------------------------------- the page


def page() -> str:
    """The page as Markdown."""
    lines = ["# Error numbers", "",
             "<!-- Written by docs/error_numbers.py; change the code it describes, then run it again. -->", "",
             "An error has one number everywhere: on the page (small, behind the words), in JSON "
             "(`application/problem+json`), in the terminal and in the log. A number never changes its meaning.", "",
             "## Kinds", "", "| kind | number | HTTP | title | for what |", "|---|---|---|---|---|"]
    for kind in _kinds():
        lines.append(f"| {'&nbsp;' * 3 * (len(kind.__mro__) - 4)}`{kind.__name__}` | SX-{kind.number} | {kind.status} "
                     f"| {kind.title} | {_first_sentence(kind)} |")
    lines += ["", "## Numbers", "", "| number | means |", "|---|---|"]
    lines += [f"| SX-{number} | {_cell(meaning)} |" for number, meaning in MEANINGS.items()]
    return "\n".join([*lines, ""])


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _first_sentence(kind: type) -> str:
    said = inspect.cleandoc(kind.__dict__.get("__doc__") or "").split("\n\n")[0]
    return _cell(" ".join(said.split()))


def main() -> int:
    """Write the page."""
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
