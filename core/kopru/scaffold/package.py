"""The files of a new plugin, put together from templates and from the contract."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from string import Template

from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import Operation
from kopru.scaffold import code
from kopru.scaffold.contract import Hook, home_of
from kopru.scaffold.plan import Plan, Transport, repeat_of
from kopru.scaffold.steps import ABOUT, FIRST_TESTS, MAPPED, MODULES
from kopru.scaffold.texts import TEXTS

_TEMPLATES = files("kopru.scaffold") / "templates"
_STREAMS = (
    "fetch_orders",
    "fetch_returns",
    "fetch_products",
    "fetch_stock",
    "fetch_parties",
    "fetch_inbox",
    "fetch_refs",
)
_SAMPLES = frozenset(
    {
        "price_targets",
        "sample_document",
        "sample_key",
        "sample_order",
        "sample_party",
        "sample_product",
        "stock_targets",
    }
)
_FIXTURES = {
    "ctx": "ctx: Ctx[$config]",
    "world": "world: World",
    "window": "window: Window",
    "invoice": "invoice: Invoice",
}
_REMOTES = {
    PluginKind.SHOP: "shop",
    PluginKind.MARKETPLACE: "marketplace",
    PluginKind.ACCOUNTING: "ledger",
    PluginKind.EINVOICE_FORMAT: "e-document format",
    PluginKind.EINVOICE_CHANNEL: "e-invoice channel",
    PluginKind.ADVISER: "adviser",
}


def render(plan: Plan) -> dict[str, str]:
    """Return the files of a plugin by their path in its folder."""
    source, values = f"src/{plan.package}", _values(plan)
    found = {
        "pyproject.toml": _fill("pyproject.toml", values),
        "README.md": _fill("README.md", values),
        f"docs/{plan.name}.md": _fill("docs.md", values),
        ".gitignore": _fill("gitignore", values),
        f"{source}/__init__.py": _fill("__init__.py", values),
        f"{source}/py.typed": "",
        f"{source}/manifest.py": _manifest(plan, values),
        f"{source}/hooks.py": _hooks(plan),
        "tests/test_plugin.py": _fill("test_plugin.py", values),
        "tests/test_hooks.py": _first_tests(plan),
    }
    found |= {f"{source}/{name}": text for name, text in _modules(plan)}
    found |= {f"{source}/{name}": text for name, text in _own(plan, values, ".py")}
    found |= {f"{source}/{name}": text for name, text in _own(plan, values, ".wsdl")}
    for name, text in _own(plan, values, ".sql"):
        found[f"{source}/statements/{name}"] = text
    for name in ("conftest.py", "test_contract.py", "test_simulator.py"):
        if text := _of_transport(plan, f"tests/{name}", values):
            found[f"tests/{name}"] = text
    return found


def write(plan: Plan, folder: Path) -> list[Path]:
    """Write a plugin into an empty or new folder and return its files.

    Raises:
        ConfigError: the folder holds something already, or cannot be written to.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigError("scaffold.taken", TEXTS.text("scaffold.taken", folder=folder))
        written = []
        for name, text in render(plan).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            written.append(path)
    except OSError as error:
        told = TEXTS.text("scaffold.unwritable", folder=folder)
        raise ConfigError("scaffold.unwritable", told, detail=str(error)) from error
    return written


def _values(plan: Plan) -> dict[str, str]:
    """Return what the places of the templates are filled with."""
    return {
        "name": plan.name,
        "package": plan.package,
        "distribution": plan.distribution,
        "cls": plan.cls,
        "config": f"{plan.cls}Config",
        "title": plan.title,
        "kind": plan.kind.value,
        "kind_name": plan.kind.name,
        "what": _REMOTES[plan.kind],
        "transport": plan.transport.value,
        "hook_rows": "\n".join(_rows(plan)),
        "hook_list": ", ".join(f"`{hook.name}`" for hook in plan.hooks),
        "hook_set": "\n".join(f"    {code.quoted(hook.name)}," for hook in plan.hooks),
        **_optional(plan),
    }


def _optional(plan: Plan) -> dict[str, str]:
    """Return the lines of templates that stand there for some plugins only."""
    entry = f'{plan.name} = "{plan.package}.simulator:simulator"'
    driver = ", driver=remote.driver" if plan.transport is Transport.SQL else ""
    login = f"credentials = plugin.refresh_credentials(test_ctx(plugin, remote.config(){driver}))"
    logs_in = plan.has("refresh_credentials")
    credentials = ", credentials=credentials" if logs_in else ""
    held = code.unwritten(
        "simulator.py, held: return one Held for each record that writes of this operation left behind."
    )
    writes = any(operation.value in {hook.name for hook in plan.hooks} for operation in Operation)
    dependencies = {Transport.SOAP: "kopru[soap]", Transport.SQL: "kopru[mssql]"}
    return {
        "simulators": f'\n[project.entry-points."kopru.simulators"]\n{entry}\n' if plan.simulated else "",
        "kopru": dependencies.get(plan.transport, "kopru"),
        "testing": ', "sqlglot>=27,<31"' if plan.transport is Transport.SQL else "",
        "login": f"    {login}\n" if logs_in else "",
        "credentials": credentials,
        "held": held.replace("\n", "\n        ") if writes else "return []",
    }


def _rows(plan: Plan) -> Iterator[str]:
    for hook in plan.hooks:
        module = MODULES[hook.name]
        yield f"| `{hook.name}` | `{module}.py` | {hook.summary} |"


def _fill(name: str, values: dict[str, str]) -> str:
    template = (_TEMPLATES / f"{name}.tmpl").read_text("utf-8")
    return Template(template).substitute(values)


def _of_transport(plan: Plan, name: str, values: dict[str, str]) -> str:
    """Return a file that differs by transport; nothing where this transport has none, or it is left empty."""
    template = _TEMPLATES / plan.transport.value / f"{name}.tmpl"
    if not template.is_file():
        template = _TEMPLATES / "remote" / f"{name}.tmpl"
        if not plan.simulated or not template.is_file():
            return ""
    return Template(template.read_text("utf-8")).substitute(values)


def _own(plan: Plan, values: dict[str, str], ending: str) -> Iterator[tuple[str, str]]:
    """Yield the modules or statements that a transport brings."""
    folder = _TEMPLATES / plan.transport.value
    names = {each.name.removesuffix(".tmpl") for each in folder.iterdir() if each.is_file()}
    for name in sorted(name for name in names if name.endswith(ending)):
        yield name, _of_transport(plan, name, values)


def _manifest(plan: Plan, values: dict[str, str]) -> str:
    hooks = {hook.name for hook in plan.hooks}
    streams = {code.quoted(hook): "Stream(largest_page=LARGEST_PAGE)" for hook in _STREAMS if hook in hooks}
    writes = {each: f"Write(repeat=Repeat.{repeat_of(each)})" for each in Operation if each.value in hooks}
    facts = [code.entries("streams", streams)] if streams else []
    if writes:
        named = {f"Operation.{operation.name}": write for operation, write in writes.items()}
        facts.append(code.entries("writes", named))
    facts += _addresses(plan)
    facts += ["formats=((InvoiceKind.SALE, Profile.ARCHIVE),),"] if "render_invoice" in hooks else []
    facts += ["profiles=(Profile.BASIC, Profile.ARCHIVE),"] if "submit_invoice" in hooks else []
    facts += ["documents=(InvoiceKind.SALE, InvoiceKind.RETURN),"] if "post_invoice" in hooks else []
    body = "".join(f"    {line}\n" for fact in facts for line in fact.splitlines())
    names = code.used_names(f"Manifest({body})") | {"Manifest", "PluginKind", "Text"}
    wanted = [(home, name) for name in names if (home := home_of(name))]
    wanted.append((f"{plan.package}.config", values["config"]))
    wanted += [(f"{plan.package}.codes", "LARGEST_PAGE")] if streams else []
    return _fill("manifest.py", {**values, "imports": code.imports(wanted), "facts": body})


def _addresses(plan: Plan) -> list[str]:
    if plan.transport is Transport.FILE:
        return ["folder=lambda config: config.folder,"]
    if plan.transport in (Transport.HTTP, Transport.SOAP):
        return ["base_url=lambda config: config.url,", "local_network=lambda config: config.local,"]
    if plan.transport is Transport.SQL:
        return ["sql_server=lambda config: config.server,", f'statements="{plan.package}",']
    return []


def _hooks(plan: Plan) -> str:
    config = f"{plan.cls}Config"
    own = [hook.of(config) for hook in plan.hooks]
    methods = [_method(hook) for hook in own]
    names = {name for hook in own for name in hook.names} | {"hookimpl", "ports"}
    context = "Context" in names
    names |= {"Ctx"} if context else set()
    wanted = [(home, name) for name in names if (home := home_of(name))]
    wanted += [(plan.package, MODULES[hook.name]) for hook in own]
    wanted.append((f"{plan.package}.manifest", "MANIFEST"))
    wanted += [(f"{plan.package}.config", config)] if context or config in names else []
    values = {
        **_values(plan),
        "imports": code.imports(wanted),
        "context": f"Context = Ctx[{config}]\n\n\n" if context else "\n",
        "methods": "\n\n".join(methods),
        "ports": "\n".join(f"_{hook.name}: ports.{hook.port} = plugin" for hook in own),
    }
    return _fill("hooks.py", values)


def _method(hook: Hook) -> str:
    body = f"return {MODULES[hook.name]}.{hook.name}({hook.arguments})"
    text = code.function(hook.name, ("self", *hook.parameters), hook.returns, hook.summary, body, depth=1)
    return f"    @hookimpl\n{text}"


def _modules(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the modules that do the hooks' work, each function still to be written, and what they need."""
    for module in dict.fromkeys(MODULES[hook.name] for hook in plan.hooks):
        if module != "check" or not plan.connects:
            hooks = [hook for hook in plan.hooks if MODULES[hook.name] == module]
            yield f"{module}.py", _module(plan, module, hooks)
    mapped = list(dict.fromkeys(MAPPED[hook.name] for hook in plan.hooks if hook.name in MAPPED))
    if mapped and plan.connects:
        functions = "\n\n\n".join(
            _fill("mapped.py", {**_values(plan), "word": each.word, "document": each.document}).strip()
            for each in mapped
        )
        wanted = [("kopru.model", each.document) for each in mapped]
        wanted += [("typing", "Any"), ("kopru.sdk", "Record"), ("kopru.toolkit", "validation")]
        wanted.append(("kopru.toolkit.records", "Item"))
        values = {**_values(plan), "imports": code.imports(wanted), "functions": functions}
        yield "mapping.py", _fill("mapping.py", values)
    if any(hook.name in _STREAMS for hook in plan.hooks):
        orders = plan.has("fetch_orders")
        yield "codes.py", _fill("codes_orders.py" if orders else "codes.py", _values(plan))


def _module(plan: Plan, module: str, hooks: Iterable[Hook]) -> str:
    config, names, functions = f"{plan.cls}Config", set[str](), []
    for hook in (each.of(config) for each in hooks):
        parameters = tuple(each.replace("Context", f"Ctx[{config}]") for each in hook.parameters)
        message = f"{module}.py, {hook.name}: {hook.summary}"
        functions.append(
            code.function(hook.name, parameters, hook.returns, hook.doc, code.unwritten(message))
        )
        names |= (hook.names - {"Context"}) | ({"Ctx", config} if "Context" in hook.names else set())
    wanted = [(home, name) for name in names if (home := home_of(name))]
    wanted += [(f"{plan.package}.config", config)] if config in names else []
    body = "\n\n\n".join(functions)
    return f'"""{ABOUT[module]}"""\n\n{code.imports(wanted)}\n\n\n{body}\n'


def _first_tests(plan: Plan) -> str:
    places = {"operation": _an_operation(plan), "refs": _listed(plan)}
    bodies = {hook: Template(FIRST_TESTS[hook.name]).substitute(places) for hook in plan.hooks}
    names = frozenset().union(*(code.used_names(body) for body in bodies.values()))
    wanted = [(home, name) for name in names if (home := home_of(name))]
    wanted += [("kopru.testing.samples", name) for name in names & _SAMPLES]
    fixtures = {"ctx": ("kopru.sdk", "Ctx"), "window": ("kopru.sdk", "Window")}
    fixtures |= {"world": ("kopru.testing.world", "World"), "invoice": ("kopru.model", "Invoice")}
    wanted += [origin for name, origin in fixtures.items() if name in names]
    wanted += [(plan.package, "plugin")]
    wanted += [(f"{plan.package}.config", f"{plan.cls}Config")] if "ctx" in names else []
    head, pytest = code.imports(wanted), "import pytest\n\n" if "pytest" in names else ""
    tests = "\n\n\n".join(_first_test(plan, hook, body) for hook, body in bodies.items())
    return (
        f'"""The first test of each hook, in the order of the contract."""\n\n{pytest}{head}\n\n\n{tests}\n'
    )


def _first_test(plan: Plan, hook: Hook, body: str) -> str:
    names = code.used_names(body)
    given = [
        Template(text).substitute(config=f"{plan.cls}Config")
        for name, text in _FIXTURES.items()
        if name in names
    ]
    return code.function(f"test_{hook.name}", given, "None", "", body)


def _an_operation(plan: Plan) -> str:
    hooks = {hook.name for hook in plan.hooks}
    found = (each.name for each in Operation if each.value in hooks)
    return next(found, Operation.UPDATE_ORDER_STATUS.name)


def _listed(plan: Plan) -> str:
    if plan.kind in (PluginKind.SHOP, PluginKind.MARKETPLACE):
        return "ORDER"
    return "LEDGER_DOCUMENT" if plan.kind is PluginKind.ACCOUNTING else "E_DOCUMENT"
