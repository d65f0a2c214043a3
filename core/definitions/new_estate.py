"""The folder of an estate that begins: what it must say, and every file it may change, with what stands there now as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.definitions.difference_words import FILES
from core.definitions.differing import standing
from core.definitions.estates import DEFINITIONS, PLUGINS, TEMPLATES, EstateDefinition
from core.definitions.library import Library
from core.definitions.reader import Node, read
from core.definitions.words import known_words, unknown
from core.domain.estates import BASE_ROLES
from core.domain.sources import Overlay
from core.errors import FieldProblem, InvalidInput, NotFound

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SETTING = re.compile(r"\bestate\.([a-z][a-z0-9_]*)")
_TAKEN = (DEFINITIONS, TEMPLATES, PLUGINS)
_SHOWN = ("fee_schedule.yaml", "required_documents.yaml", "checklists.yaml", "texts.yaml", "procedure.yaml", "documents.yaml")
_PASSED = ("source", "labels")
_ROLES = {"service": "客户服务", "service_head": "客服主管", "finance": "财务", "engineering": "工程", "engineering_head": "工程主管",
          "security": "秩序维护", "security_head": "秩序主管", "manager": "项目经理", "archive": "档案员", "estate_it": "系统管理员"}
_STANDS_IN = {"service_head": "service", "engineering_head": "engineering", "security_head": "security", "manager": "service"}
_HOW = {
    "fee_schedule.yaml": """\
改单价、金额：写出 name 和要改的一行。    去掉一项：remove: true    加一项：写全 name、title、stage 和金额，用 after: 名称 指定位置
按楼栋等分别收取：amount: {by: building, values: {3: "800"}, default: "1000"}
  by 可用 building 楼栋、building_type 房屋类型、use 用途、layout 户型、person_type 业主类别""",
    "required_documents.yaml": """\
evidence 是前台要勾的：original_seen 核对原件、copy_kept 留复印件、original_kept 留原件、photo_kept 留照片
waive 是可以批准免交的岗位；optional: true 可以不交；remove: true 不要这一份；新的一份写全 name、title、evidence""",
    "checklists.yaml": "同一 group 的项目排在一起。去掉：remove: true；新增：写 name、title，用 after: 名称 指定位置。",
    "texts.yaml": "条款的文字。模板里印的是 {{ texts.名称 }}，这里改了文字，Word 模板不用动。",
    "procedure.yaml": """\
requires 写“先办完哪几步”，改顺序就改它；页面上的排列用 after: 名称 或 before: 名称。
role 是办理的岗位；remove: true 去掉一步（别的步骤不能再要求它）。""",
    "documents.yaml": "copies 是联次；seal: true 盖公章；signing 写 tablet 手写屏、paper 纸上签、either 都行；optional: true 可以不出具。",
}


@dataclass(frozen=True)
class NewEstate:
    """What was asked for. `based_on`: the estate whose own changes are taken over."""

    name: str
    company: str
    title: str = ""
    company_title: str = ""
    based_on: str | None = None


def begin(library: Library, overlays: Sequence[Overlay], folder: Path, asked: NewEstate) -> list[Path]:
    """Write the folder; the files, in order. InvalidInput for names that cannot be, NotFound for an unknown `based_on`; nothing
    is written then."""
    base = _based_on(library, asked.based_on)
    _require(library, folder, asked)
    home = folder / asked.company / asked.name
    files: dict[Path, str | bytes] = {}
    company = home.parent / "company.yaml"
    if not company.exists():
        files[company] = _company(asked)
    files[home / "estate.yaml"] = _estate(library, overlays, asked, base)
    files[home / "README.md"] = _readme(asked)
    if base:
        files |= {home / path.relative_to(base.folder): path.read_bytes() for path in _own_files(base.folder)}
    for procedure in library.procedures(base.name) if base else sorted(library.sources):
        for name, text in _examples(library, overlays, procedure):
            files.setdefault(home / DEFINITIONS / procedure / name, text)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(files)


def _based_on(library: Library, name: str | None) -> EstateDefinition | None:
    if name is not None and name not in library.estates:
        raise NotFound(unknown("项目", "estate", name, library.estates), remedy=known_words(library.estates))
    return library.estates[name] if name else None


def _require(library: Library, folder: Path, asked: NewEstate) -> None:
    problems = [FieldProblem(field, f"`{said}` 不能作名称：用小写英文、数字和下划线，以字母开头 (a name is lower-case English)")
                for field, said in (("NAME", asked.name), ("--company", asked.company)) if not _NAME.fullmatch(said)]
    problems += [FieldProblem(field, f"`{said}` 是固定的文件夹名，请换一个 (this folder means something else)")
                 for field, said in (("NAME", asked.name), ("--company", asked.company)) if said in _TAKEN]
    if asked.name in library.estates:
        at = library.estates[asked.name].folder
        problems.append(FieldProblem("NAME", f"项目 `{asked.name}` 已经有了：{at} (the estate exists)"))
    elif (folder / asked.company / asked.name).exists():
        problems.append(FieldProblem("NAME", f"{folder / asked.company / asked.name} 已经存在 (the folder exists)"))
    if problems:
        raise InvalidInput(problems, "没有写任何文件 (nothing was written)")


def _own_files(folder: Path) -> Iterator[Path]:
    """What an estate changes: definitions and templates, without its described cases, which speak of its own fees and units."""
    for part in (DEFINITIONS, TEMPLATES):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file() and "walkthroughs" not in path.parts and not path.name.startswith((".", "~$")):
                yield path


# ---------------------------------------------------------------- files


def _company(asked: NewEstate) -> str:
    return (f"# 公司。它所有的项目都这样写时，把 form_definitions、document_templates 放在本文件旁边。\ncompany: {asked.company}\n"
            f"title: {_flow(asked.company_title or asked.company)}\n"
            "# address: 某市某区某路 1 号      # 印在文书上\n# phone: 0000-0000-0000\n# uscc: 统一社会信用代码\n")


def _estate(library: Library, overlays: Sequence[Overlay], asked: NewEstate, base: EstateDefinition | None) -> str:
    said: dict[str, Any] = read(base.folder / "estate.yaml").plain if base else {}
    offered = list(library.procedures(base.name)) if base else sorted(library.sources)
    roles = said.get("roles") or [{"name": name, "title": _ROLES.get(name, name)} | (
        {"stands_in_for": [_STANDS_IN[name]]} if name in _STANDS_IN else {}) for name in BASE_ROLES]
    settings = {**_settings(library, overlays, offered), **said.get("settings", {})}
    lines = [
        "# 项目。改完运行 shouxu check，再重新启动服务。",
        f"estate: {asked.name}", f"title: {_flow(asked.title or asked.name)}",
        '# code: XM                        # 编号里用的简称，大写字母和数字，不写就用名称', "# address: 某市某区某路 1 号",
        "# phone: 0000-0000-0000", f"timezone: {said.get('timezone', 'Asia/Shanghai')}",
        f"hours: {_flow(said.get('hours', {'opens': '08:00', 'closes': '17:00'}))}    # 办公时间，时限按它计算",
        "# 本项目办理的手续，不办的删掉", f"procedures: {_flow(offered)}"]
    if settings:
        lines += ["# 规则里读到的设置 (estate.名称)", "settings:", *(f"  {key}: {_flow(value)}" for key, value in settings.items())]
    lines += ["# 岗位：title 是本项目的叫法，aliases 是别名，stands_in_for 是可以代办的岗位", "roles:",
              *(f"  - {_flow(role)}" for role in roles)]
    return "\n".join(lines) + "\n"


def _settings(library: Library, overlays: Sequence[Overlay], procedures: Iterable[str]) -> dict[str, Any]:
    """The settings that rules of these procedures read, as another estate says them, else empty."""
    known: dict[str, Any] = {}
    for estate in library.estates.values():
        known = {**estate.estate.settings, **known}
    names: dict[str, None] = {}
    for procedure in procedures:
        for _, node in _nodes(library, overlays, procedure):
            names |= {name: None for _, leaf in node.walk() if isinstance(leaf.value, str) for name in _SETTING.findall(leaf.value)}
    return {name: known.get(name, "") for name in names}


def _nodes(library: Library, overlays: Sequence[Overlay], procedure: str) -> Iterator[tuple[str, Node]]:
    for name, part in standing(library, overlays, None, procedure).assembly().parts.items():
        if part.merged is not None:
            yield name, part.merged.node


def _examples(library: Library, overlays: Sequence[Overlay], procedure: str) -> Iterator[tuple[str, str]]:
    """A file for each that may be changed, which says nothing yet: all it holds are comments."""
    nodes = dict(_nodes(library, overlays, procedure))
    said = nodes["procedure.yaml"].plain.get("title", procedure)
    title = said["zh"] if isinstance(said, dict) else said
    for name in (one for one in _SHOWN if one in nodes):
        first = f"procedure: {procedure}" if name == "procedure.yaml" else "{}"
        note = "" if name == "procedure.yaml" else "    # 表示没有改动；去掉下面任何一行的 # 之前，先删掉这一行"
        lines = [f"# {title} {procedure}：{FILES[name].zh}。下面是标准的写法，都以 # 开头，不起作用。",
                 "# 要改哪一项，去掉它的列表名、name 那一行和要改的那一行开头的“# ”，改成本项目的值。没有去掉 # 的仍按标准。",
                 *(f"# {line}" for line in _HOW[name].splitlines()), f"{first}{note}", "",
                 *(f"# {line}" for key, node in nodes[name].value.items() if isinstance(node.value, list) and node.value
                   for line in (f"{key}:", *_items(node, "  ")))]
        yield name, "\n".join(lines) + "\n"


def _items(node: Node, indent: str) -> Iterator[str]:
    """A list of named items in block style: a line for every value, so that one line is one change."""
    for item in node.value:
        if not isinstance(item.value, dict) or "name" not in item.value:
            yield f"{indent}- {_flow(item.plain)}"
            continue
        title = item.value["title"].plain if "title" in item.value else ""
        spoken = title["zh"] if isinstance(title, dict) else title
        yield f"{indent}- name: {item.value['name'].plain}" + (f"    # {spoken}" if spoken else "")
        for key, member in item.value.items():
            if key == "items" and isinstance(member.value, list):
                yield f"{indent}  {key}:"
                yield from _items(member, f"{indent}    ")
            elif key not in ("name", "title", *_PASSED):
                yield f"{indent}  {key}: {_flow(member.plain)}"


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if value is None:
        return "~"
    if isinstance(value, str):
        plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*|[\u4e00-\u9fff]+", value) and value not in ("true", "false", "null")
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _readme(asked: NewEstate) -> str:
    title = asked.title or asked.name
    return f"""# {title} ({asked.name})

这个文件夹里的改动只管{title}。没有写到的，都按手续的标准。

| 文件 | 内容 |
|---|---|
| `estate.yaml` | 名称、办公时间、办理的手续、岗位 |
| `form_definitions/<手续>/fee_schedule.yaml` | 费用 |
| `form_definitions/<手续>/required_documents.yaml` | 所需资料 |
| `form_definitions/<手续>/checklists.yaml` | 检查表 |
| `form_definitions/<手续>/texts.yaml` | 条款的文字 |
| `form_definitions/<手续>/procedure.yaml` | 步骤和顺序 |
| `form_definitions/<手续>/documents.yaml` | 联次、盖章、签署方式 |
| `document_templates/<手续>/*.docx` | 替换用的 Word 模板，文件名与标准相同 |

另有两样由你放进来：`units.xlsx` 房屋和业主，`demo_users.yaml` 预演 (`shouxu walk`) 里办事的人；样例见玉兰花园的文件夹。

每个 .yaml 里都有标准的写法，以 `#` 开头。要改哪一项，就去掉那几行的 `#`。

```sh
shouxu check                                    # 找出所有写错的地方，指明文件和行
shouxu diff {asked.name}                        # 列出改了什么，标准是什么
shouxu import units units.xlsx --estate {asked.name}    # 导入房屋和业主
shouxu users add wang --name 王某某 --estate {asked.name} --role service
```

This folder holds what {asked.name} changes; everything else comes from the procedures themselves.
"""
