"""Makes the Word templates: `python -m document_templates.build [FOLDER]` writes one .docx per paper, and the one to start from.

Each procedure's folder has a module `papers` with `PAPERS`: file name → (title, a function that makes the paper).
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from document_templates import starter

PROCEDURES = ("move_in", "complaints", "item_release", "repairs", "repair_settlement", "fit_out", "special_permit", "violation",
              "hidden_works")


def build(procedure: str, folder: Path) -> list[Path]:
    """Writes every template of `procedure` into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (title, make) in import_module(f"document_templates.{procedure}.papers").PAPERS.items():
        path = folder / f"{name}.docx"
        make().save(path, title)
        written.append(path)
    return written


def main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for procedure in PROCEDURES:
        for path in build(procedure, root / procedure):
            print(path)
    print(starter.write(root))


if __name__ == "__main__":
    main()
