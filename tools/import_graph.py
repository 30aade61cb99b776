"""The layers of each package, and the imports of the product that violate them.

A room is the first name below its package; a file outside every room counts as one. Rooms import
only rooms of lower layers, and never one of their own. ``tests/test_architecture.py`` enforces it;
``tools/structure.py`` counts the violations.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("pages", "consultations", "practice_site")

CONSULTATIONS = [
    # Entry points: modules that Django loads by name, and commands. They may import every room.
    ["admin", "models", "urls", "management"],
    ["tasks", "demo"],
    ["backups"],
    ["data_rights", "templatetags", "transfer"],
    ["booking", "comments"],
    # Shared by the forms of booking and comments; contains no model or rule of either.
    ["visitors"],
    # Staff accounts: roles, sign-in, invitations. Booking and comments only check permissions.
    ["accounts"],
    # What emails to visitors say; knows nothing of consultations and comments.
    ["email_texts"],
    ["outbox", "screening"],
    ["rate_limits"],
    ["audit"],
    ["privacy"],
    ["apps"],
]
PAGES = [
    ["admin", "models", "urls"],
    ["views", "security_txt", "templatetags"],
    ["search", "sitemaps", "patterns", "due_for_review", "wordpress"],
    ["articles", "site_pages"],
    ["publishing", "seo"],
    ["look"],
    ["practice"],
    ["editor"],
    ["media"],
    ["text", "caching", "files", "staff_pages", "row_order", "desk"],
    ["scenes"],
]
ROOM_LAYERS = {"consultations": CONSULTATIONS, "pages": PAGES}
# Loaded by Django before any room; ``ready()`` imports rooms.
APP_CONFIGS = {"pages": ["apps"], "consultations": ["apps"]}
# Rooms inside booking, highest first. The modules directly in booking may import calendars, but
# never staff.
ROOMS_IN_BOOKING = [["staff"], ["calendars"]]
# Layers inside every room, highest first. Modules not named here belong to the lowest layer.
LAYERS_IN_A_ROOM = [
    ["urls"],
    ["views", "view", "admin", "requests"],
    [
        *("forms", "workflow", "maintenance", "actions", "base"),
        *("bookings", "reminders", "submission", "resubmission"),
        *("adapters", "signals", "sessions", "browsers"),
    ],
    ["emails"],
]


def files(*packages: str) -> Iterator[Path]:
    """Yield the Python files of the product, without migrations."""
    for package in packages or PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return what a file imports, also inside functions, as ``module.name``."""
    targets: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            targets |= {f"{node.module}.{alias.name}" for alias in node.names}
    return targets


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def levels(layers: list[list[str]]) -> dict[str, int]:
    return {name: number for number, names in enumerate(layers) for name in names}


# --- violations ---


def imports_between_rooms(package: str) -> dict[tuple[str, str], str]:
    """Return (from, to) of every import between rooms, with one file that has it."""
    return {
        (room(dotted(path)), room(target)): dotted(path)
        for path in files(package)
        for target in imports(path)
        if target.startswith(f"{package}.") and room(target) != room(dotted(path))
    }


def layer_violations(layers: list[list[str]], edges: dict[tuple[str, str], str]) -> list[str]:
    """Return the imports of a higher layer or of a neighbor."""
    level = levels(layers)
    return [
        f"{file}: {start} -> {end}"
        for (start, end), file in sorted(edges.items())
        if level[start] >= level[end]
    ]


def violations_between_rooms(package: str) -> list[str]:
    edges = {
        edge: file
        for edge, file in imports_between_rooms(package).items()
        if edge[0] not in APP_CONFIGS[package]
    }
    return layer_violations(ROOM_LAYERS[package], edges)


def violations_inside_rooms() -> list[str]:
    level, lowest = levels(LAYERS_IN_A_ROOM), len(LAYERS_IN_A_ROOM)
    modules = {dotted(path) for path in files()}
    violations = []
    for path in files("pages", "consultations"):
        parts = dotted(path).split(".")
        for target in imports(path):
            # What is imported may be a module, or a name in one.
            module = target if target in modules else target.rpartition(".")[0]
            other = module.split(".")
            if len(parts) < 3 or len(other) < 3 or parts[:2] != other[:2]:
                continue
            if level.get(layer_name(parts[-1]), lowest) > level.get(layer_name(other[-1]), lowest):
                violations.append(f"{dotted(path)}: {target}")
    return violations


def layer_name(name: str) -> str:
    """Return the part of a module name that tells its layer: "views" for ``practice_views``."""
    return name.rpartition("_")[2]


def violations_inside_booking() -> list[str]:
    level = levels(ROOMS_IN_BOOKING)
    violations = []
    for path in (PROJECT / "consultations" / "booking").rglob("*.py"):
        inner = path.parent.name
        for target in imports(path):
            other = target.split(".")[2] if target.startswith("consultations.booking.") else ""
            # The shared modules may use the calendars below, never staff's pages.
            above = level.get(inner, 0)
            if other in level and other != inner and above >= level[other]:
                violations.append(f"{dotted(path)}: {target}")
    return violations


def all_violations() -> list[str]:
    """Return every violation: between rooms, inside rooms, inside booking."""
    return [
        *(edge for package in ROOM_LAYERS for edge in violations_between_rooms(package)),
        *violations_inside_rooms(),
        *violations_inside_booking(),
    ]


# --- cycles ---


def module_imports() -> dict[str, set[str]]:
    """Return the product modules that each product module imports, also inside functions."""
    modules = {dotted(path).removesuffix(".__init__"): path for path in files()}
    return {
        name: {
            target if target in modules else target.rpartition(".")[0] for target in imports(path)
        }
        & (modules.keys() - {name})
        for name, path in modules.items()
    }


def cycles(graph: dict[str, set[str]] | None = None) -> list[list[str]]:
    """Return the strongly connected components of two modules or more (Tarjan's algorithm)."""
    graph = module_imports() if graph is None else graph
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        stack.append(module)
        for target in sorted(graph[module]):
            if target not in index:
                visit(target)
                lowest[module] = min(lowest[module], lowest[target])
            elif target in stack:
                lowest[module] = min(lowest[module], index[target])
        if lowest[module] == index[module]:
            start = stack.index(module)
            component = sorted(stack[start:])
            del stack[start:]
            if len(component) > 1:
                components.append(component)

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return components
