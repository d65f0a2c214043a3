from core.definitions.layers import merge
from core.definitions.reader import read_bytes


def merged(*texts: str) -> object:
    return merge([read_bytes(text.encode(), f"layer{at}.yaml") for at, text in enumerate(texts)]).node.plain


def test_mappings_merge_and_scalars_replace() -> None:
    assert merged("a: {b: 1, c: 2}\nd: x\n", "a: {c: 3, e: 4}\nd: y\n") == {"a": {"b": 1, "c": 3, "e": 4}, "d": "y"}


def test_plain_lists_replace() -> None:
    assert merged("role: [service, finance]\n", "role: [security]\n") == {"role": ["security"]}


def test_named_items_merge_by_name_and_keep_their_order() -> None:
    base = "items:\n  - {name: a, title: A}\n  - {name: b, title: B}\n  - {name: c, title: C}\n"
    over = "items:\n  - {name: c, title: X}\n  - {name: a, remove: true}\n  - {name: d, title: D}\n"
    assert merged(base, over) == {"items": [{"name": "b", "title": "B"}, {"name": "c", "title": "X"},
                                            {"name": "d", "title": "D"}]}


def test_after_and_before_place_an_item() -> None:
    base = "items: [{name: a}, {name: b}, {name: c}]\n"
    over = "items: [{name: x, after: a}, {name: y, before: a}, {name: c, before: b}]\n"
    [names] = [[item["name"] for item in value] for value in merged(base, over).values()]  # type: ignore[attr-defined]
    assert names == ["y", "a", "x", "c", "b"]


def test_choices_merge_by_value_even_when_written_as_words() -> None:
    base = "choices: [ladder, cart]\n"
    over = "choices: [{value: cart, remove: true}, {value: drill, title: 电钻}, {value: ladder, title: 梯}]\n"
    assert merged(base, over) == {"choices": [{"value": "ladder", "title": "梯"},
                                              {"value": "drill", "title": "电钻"}]}


def test_parties_written_as_a_mapping_are_removed_by_key() -> None:
    assert merged("parties: {owner: {many: true}, agent: }\n", "parties: {agent: {remove: true}}\n") == {
        "parties": {"owner": {"many": True}}}


def test_three_layers_and_the_file_each_value_is_from() -> None:
    texts = ("fees: [{name: a, rate: '1', per: m2}]\n", "fees: [{name: a, rate: '2'}]\n",
             "fees: [{name: a, per: [m2, month]}]\n")
    tree = merge([read_bytes(text.encode(), f"layer{at}.yaml") for at, text in enumerate(texts)]).node
    assert tree.plain == {"fees": [{"name": "a", "rate": "2", "per": ["m2", "month"]}]}
    assert tree.nearest(("fees", 0, "rate"))[0].mark.file == "layer1.yaml"
    assert tree.nearest(("fees", 0, "per"))[0].mark.file == "layer2.yaml"
    assert tree.nearest(("fees", 0, "name"))[0].mark.file in ("layer0.yaml", "layer1.yaml", "layer2.yaml")


def test_layers_are_not_changed_by_merging() -> None:
    base = read_bytes(b"items: [{name: a}]\n", "layer0.yaml")
    before = base.plain
    merge([base, read_bytes(b"items: [{name: b, before: a}, {name: a, title: T}]\n", "layer1.yaml")])
    assert base.plain == before
