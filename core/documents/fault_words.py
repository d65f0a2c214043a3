"""The faults of templates and renderings in English; they are raised in Chinese, which staff read.

Each row is a sentence as the code says it, `{}` for what changes, beside its English with the same places in the same order.
"""

from __future__ import annotations

import re
from functools import cache

ROWS: tuple[tuple[str, str], ...] = (
    # the file
    ("不是完好的 Word 文件({})", "not an intact Word file ({})"),
    ("不是 Word 文档(.docx)", "not a Word document (.docx)"),
    ("找不到正文", "the body is not found"),
    ("缺少 [Content_Types].xml", "[Content_Types].xml is missing"),
    ("缺少 _rels/.rels", "_rels/.rels is missing"),
    ("模板内容与其散列值不符", "the template is not the one of this hash"),
    ("内含文件过多：{}", "too many files inside: {}"),
    ("{} 已加密", "{} is encrypted"),
    ("{} 的压缩方式不受支持", "{} is compressed in a way that is not supported"),
    ("{} 展开后 {} 字节，超过上限", "{} unpacks to {} bytes, more than is allowed"),
    ("{} 的压缩比异常", "{} is compressed suspiciously well"),
    ("展开后共 {} 字节，超过上限", "it unpacks to {} bytes, more than is allowed"),
    ("文件路径不合规：{}", "a path inside the file is not allowed: {}"),
    ("{} 是符号链接", "{} is a symbolic link"),
    ("文件名重复：{}", "a name is there twice: {}"),
    ("XML 的编码应为 UTF-8,现为 {}", "XML must be UTF-8; this is {}"),
    ("XML 有误({})", "broken XML ({})"),
    ("含有 DOCTYPE 或实体定义", "contains a DOCTYPE or entities"),
    ("引用了外部内容 {}", "refers to something outside: {}"),
    ("图形引用了外部文件", "a drawing refers to a file outside"),
    ("模板含宏或控件", "contains macros or controls"),
    ("模板含宏、控件或 OLE 对象", "contains macros, controls or OLE objects"),
    ("模板含嵌入对象或不受支持的文件", "contains an embedded object or a file that is not supported"),
    ("模板含 {{p }} 标记：放入子文档时生成较慢", "contains a {{p }} tag: slower when a sub-document is put there"),
    ("模板含 {}", "contains {}"),
    ("域 {} 会读取外部内容", "the field {} would fetch something"),
    # what is put at its words
    ("没有文字「{}」，无处放 {}", "the words “{}” are not there, so there is no place for {}"),
    ("文字「{}」出现 {} 次，不知放在哪一处", "the words “{}” are there {} times; which of them is meant?"),
    ("文字「{}」只出现 {} 次，没有第 {} 处", "the words “{}” are there {} times only; there is no number {}"),
    ("照模板里的文字写 at:，要在同一段里", "say `at:` as the template says it, within one paragraph"),
    ("at: 多写几个字，或用 which: 写明第几处", "say more words in `at:`, or say which place with `which:`"),
    ("改小 which:", "make `which:` smaller"),
    # its tags
    ("标记有误：{}", "a tag is not understood: {}"),
    ("标记嵌套过深", "tags are nested too deep"),
    ("属性里的标记没有结束", "a tag inside an attribute does not end"),
    ("标记没有在本段内结束", "a tag does not end in its paragraph"),
    ("标记没有结束", "a tag does not end"),
    ("模板里不能使用 {}", "templates may not use {}"),
    ("模板里不能调用函数", "templates may not call functions"),
    ("没有过滤器 {}", "there is no filter {}"),
    ("没有判断 is {}", "there is no test `is {}`"),
    ("标记里的数字过长", "a number in a tag is too long"),
    ("不认识的标记 {}", "the tag {} is not known"),
    ("{% {} %} 之前没有 {% {} … %}", "{% {} %} without a {% {} … %} before it"),
    ("{% {} %} 与前面的标记交叉", "{% {} %} crosses the tags before it"),
    ("{% {} %} 没有结束", "{% {} %} does not end"),
    ("标记里不能有「{}」", "tags may not hold “{}”"),
    ("标记没有写完整：这里应是 {}，却是 {}", "a tag is not complete: {} is wanted here, not {}"),
    ("这里应是名称或数值，却是 {}", "a name or value is wanted here, not {}"),
    ("多出「{}」", "“{}” is too much"),
    ("不能给「{}」取值", "“{}” cannot be given a value"),
    # the contract
    ("没有声明 {}({} 未知)", "{} is not declared ({} is unknown)"),
    ("声明了 {}，模板没有打印", "{} is declared and never printed"),
    ("还留有上次检查写的批注，会印在文书上", "the comments of an earlier check are still there and would be printed"),
    # rendering
    ("缺少 {}", "{} is missing"),
    ("模板不能使用 {} 类的值(plain data only)", "templates cannot use a value of the kind {} (plain data only)"),
    ("{}不能直接打印，请写出其中的字段", "this cannot be printed as a whole ({}); write one of its fields"),
    ("第 {} 个字符({})无法印在文书上，请删除", "character {} ({}) cannot be printed; please delete it"),
    ("无法计算：{}", "cannot be computed: {}"),
    ("无法计算 {} {} {}", "cannot compute {} {} {}"),
    ("不能计算 {} {} {}", "may not compute {} {} {}"),
    ("模板不能调用函数", "templates may not call functions"),
    ("数字过大", "the number is too large"),
    ("「{}」不是可用的数字", "“{}” is not a number that can be used"),
    ("「{}」不是数字", "“{}” is not a number"),
    ("「{}」不是日期", "“{}” is not a date"),
    ("不能计算：{} {} {}", "may not compute {} {} {}"),
    ("join 只用于多行", "join is for rows only"),
    ("{}没有多行，不能循环；请写出其中的多行字段", "this has no rows to go through ({}); write the field that has"),
    ("{}没有多行，不能用 {}", "this has no rows ({}), which {} needs"),
    ("{} 没有判断 {}", "{} has no test {}"),
    ("{} 的份数应在 1 与 {} 之间", "{} makes between 1 and {} parts"),
    ("{} 的写法不对，应如 {}('room', 'eq', '客厅')", "{} is not written like that; write {}('room', 'eq', 'hall')"),
    ("文字过长", "the text is too long"),
    ("文书过长，超过 {} 百万字符", "the document is too long: more than {} million characters"),
    ("循环过多，超过 {} 万行", "too many rows: more than {} × 10,000"),
    ("生成超过 {} 秒，已停止", "stopped after {} seconds"),
    ("图片不是 PNG 或 JPEG", "the picture is neither PNG nor JPEG"),
    ("图片过大：{}×{} 像素", "the picture is too large: {} × {} pixels"),
    ("图片过大", "the picture is too large"),
    ("只接受完好的 JPEG 或 PNG 图片", "only intact JPEG and PNG pictures are taken"),
    ("图片没有大小", "the picture has no size"),
    ("模板里没有图片 {}", "the template has no picture {}"),
    ("生成的 XML 有误({})", "the result would be broken XML ({})"),
    # trials
    ("试印这个模板超过 {} 秒，已停止", "trying this template took more than {} seconds and was stopped"),
    (
        "试印这个模板的进程中途停止，多半是内存超过 {} MB",
        "the process that tried this template ended early; most likely it wanted more than {} MB",
    ),
    ("试印这个模板所需的内存超过上限", "trying this template takes more memory than is allowed"),
    ("模板试图使用文件、网络或其他程序({})", "the template reached for a file, the network or a program ({})"),
    # what to do
    ("是否指 {}?", "{} perhaps?"),
    ("补上 {% end{} %}", "add {% end{} %}"),
    ("这里应先写 {% end{} %}，结束前面的 {}", "write {% end{} %} here first, to end the {} before"),
    ("可以用 if、for、set、macro、with", "if, for, set, macro and with can be used"),
    ("比较两个值请写 ==", "to compare two values write =="),
    ("标记里请用半角符号：{}", "use narrow signs inside of tags: {}"),
    (
        "{} 紧跟在 {% 之后、后面空一格，如 {%{} if …%}；这种标记里不能有 % 和 }",
        "{} stands right behind {% with a blank after it, like {%{} if …%}; such a tag holds no % and no }",
    ),
    ("请改用过滤器，如 {{ x|date }}", "use a filter instead, like {{ x|date }}"),
    ("检查 {{ }} 与 {% %} 是否成对", "see whether every {{ has its }} and every {% its %}"),
    ("请用 Word 或 LibreOffice 另存为 .docx", "save it as .docx with Word or LibreOffice"),
    ("请另存为不含宏的 .docx", "save it as a .docx without macros"),
    ("图片请用 PNG 或 JPEG;嵌入对象请删除", "use PNG or JPEG pictures; delete embedded objects"),
    ("图片请嵌入而不是链接", "embed pictures instead of linking them"),
    ("更正后请在 Word 里删除全部批注(审阅—删除)", "delete all comments in Word (Review, Delete) once they are dealt with"),
    (
        "请减少模板里的段落、表格和循环，图片请缩小后再放入；改好后重新检查",
        "use fewer paragraphs, tables and loops, and smaller pictures; then check again",
    ),
    (
        "请检查循环是否套了循环、标记是否成对；改好后重新检查",
        "look for loops inside loops and for tags without their end; then check again",
    ),
    ("这样的模板不能使用，请查明它的来源", "do not use such a template; find out where it came from"),
)


def english(said: str) -> str:
    """A sentence of ROWS in English; anything else as it is."""
    for pattern, words in _patterns():
        found = pattern.fullmatch(said)
        if found:
            first, *others = words.split("{}")
            return first + "".join(piece + other for piece, other in zip(found.groups(), others, strict=True))
    return said


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile("(.*?)".join(map(re.escape, chinese.split("{}"))), re.DOTALL), words) for chinese, words in ROWS)
