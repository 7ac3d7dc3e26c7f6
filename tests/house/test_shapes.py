"""The shapes that services, selectors, views and domain values keep, read from the source."""

import ast
from pathlib import Path

from tests.house.sources import (
    PRODUCT,
    Function,
    decorator_names,
    name_of,
    offered_services,
    public_functions,
    python_files,
    room_files,
    tree,
)

# Who has no actor, and why.
WITHOUT_ACTOR = {
    "access.create_organisation": "nobody can belong to it before it exists",
    "access.take_asked_day": "the worker takes what a member asked for; `ask_for_day` says who",
    "access.enter_first": "the first person is nobody yet: the signed link of the organisation lets it in",
    "contact.write_to_member": "whoever lost its password is nobody yet: what is sent goes to the account's own address",
    "access.set_preferences": "everybody changes only the own ones: `user` acts",
    **dict.fromkeys(
        [
            "contact.answer_to_challenge",
            "contact.keep_call",
            "contact.keep_mail",
            "contact.fetch_files",
            "contact.fetch_mail",
            "contact.fetch_sms",
        ],
        "a machine brings what came in: the door's token, the signature or the box say for whom",
    ),
    "contact.keep_written": "whoever holds the link of a case writes; what they say they are is shown apart",
    "chat.answer_key": "the exchange tells which key of which call was pressed; the row says whose it is",
    "chat.answer_replies": "the worker answers what came in; each row says whose it is",
    "payments.keep_notice": "a gateway calls: its address says which method",
    "payments.read_notices": "the clock reads for every organisation",
    "payments.read_notice": "what a gateway told, by the method that keeps it",
    "payments.page_after": "a payer comes back: the address says which method",
    "payments.ask_about": "the intent says whose it is",
    "payments.ask_open_intents": "the clock asks for every organisation",
    "contact.process_arrivals": "the worker reads what was kept; each row says whose it is",
    **dict.fromkeys(
        [
            *(
                "parties.upsert_frame",
                "ledger.open_accounts",
                "ledger.add_documents",
                "ledger.change_documents",
            ),
            *("ledger.lock_accounts", "ledger.lock_frame", "ledger.post_frame", "ledger.post_transfers"),
            *(
                "contact.place_orders",
                "contact.order_rows",
                "contact.call_rows",
                "contact.restore_services",
                "outcomes.task_rows",
                "contact.ensure_templates",
                "strategy.ensure_catalogue",
            ),
            *("outcomes.create_tasks", "outcomes.ensure_outcome_tree"),
        ],
        "a set-based step inside somebody's audited act (a load, a day, a new organisation): takes `organisation_id`",
    ),
}
STANDARD_NAMES = {
    "collections",
    "calendar",
    "types",
    "email",
    "queue",
    "statistics",
    "secrets",
    "utils",
    "helpers",
    "common",
    "core",
}
WRITES = {"save", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}


def _arguments(node: Function) -> list[str]:
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]


def test_every_value_of_the_domain_is_frozen() -> None:
    thawed = []
    for path in python_files("src/aldia/domain"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and "dataclass" in decorator_names(node):
                written = [ast.unparse(decorator) for decorator in node.decorator_list]
                if not any("frozen=True" in text for text in written):
                    thawed.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert not thawed, f"Say @dataclass(frozen=True): {thawed}"


def test_every_service_takes_named_arguments_only() -> None:
    loose = [
        f"{name_of(path)}:{node.lineno} {node.name}({', '.join(_arguments(node))})"
        for path, node in offered_services()
        if _arguments(node) and "contextmanager" not in decorator_names(node)
    ]
    assert not loose, "Put `*` first:\n" + "\n".join(loose)


def _short(path: Path, node: Function) -> str:
    return f"{path.relative_to(PRODUCT).parts[0]}.{node.name}"


def test_every_service_says_who_acts() -> None:
    """Staff act as `actor`, a debtor by the `link` that was opened."""
    nameless = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path, node in offered_services()
        if not {"actor", "link"} & {argument.arg for argument in node.args.kwonlyargs}
        and _short(path, node) not in WITHOUT_ACTOR
    ]
    assert not nameless, "Take `actor` (or say in WITHOUT_ACTOR why not):\n" + "\n".join(nameless)


def test_a_step_without_actor_names_its_organisation() -> None:
    unscoped = [
        _short(path, node)
        for path, node in offered_services()
        if "set-based" in WITHOUT_ACTOR.get(_short(path, node), "")
        and "organisation_id" not in {argument.arg for argument in node.args.kwonlyargs}
    ]
    assert not unscoped


def test_the_exceptions_are_still_there() -> None:
    assert set(WITHOUT_ACTOR) <= {_short(path, node) for path, node in offered_services()}


def test_services_and_selectors_say_what_they_promise() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for part in ("services", "selectors", "facts")
        for path in room_files(part)
        for node in public_functions(path)
        if not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def test_every_module_says_what_it_owns() -> None:
    silent = [
        name_of(path)
        for path in python_files("src/aldia")
        if tree(path).body and not ast.get_docstring(tree(path)) and path.name not in {"apps.py", "urls.py"}
    ]
    assert not silent, silent


def test_doors_and_clockwork_never_touch_tables() -> None:
    touched = []
    for path in python_files("src/aldia/web", "src/aldia/ops"):
        called = {id(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
        touched += [
            f"{name_of(path)}:{node.lineno} .{node.attr}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Attribute)
            and (node.attr == "objects" or (node.attr in WRITES and id(node) in called))
            and not ast.unparse(node).endswith("session.save")  # a visitor's session is the door's own
        ]
    assert not touched, "Call one service or selector instead:\n" + "\n".join(touched)


def test_no_module_hides_behind_a_name_without_a_subject() -> None:
    hidden = [name_of(path) for path in python_files("src/aldia") if path.stem in STANDARD_NAMES]
    hidden += [
        name_of(path)
        for path in PRODUCT.rglob("*")
        if path.is_dir() and path.name in {"utils", "helpers", "common", "core"}
    ]
    assert not hidden, hidden
