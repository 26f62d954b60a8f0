"""The JSON Schema of each kind of file: rules and catalogues as they are read, entities and projects as the rules ask for them."""

from collections.abc import Callable, Mapping
from typing import Any

from bashu.policy.engine.rules import Fact, RuleSet
from bashu.policy.formats.schema import CatalogueFile, RuleFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MONEY = r"^-?[0-9]+(\.[0-9]{1,2})?$"


def rules_schema(_rules: RuleSet) -> dict[str, Any]:
    """A rule file."""
    return RuleFile.model_json_schema(by_alias=True)


def catalogue_schema(_rules: RuleSet) -> dict[str, Any]:
    """A support catalogue."""
    return CatalogueFile.model_json_schema(by_alias=True)


def entities_schema(rules: RuleSet) -> dict[str, Any]:
    """One line of an entity file: the facts and tables that these rules ask for. Other names are allowed, and ignored."""
    tables = {
        name: {"type": "array", "maxItems": table.rows, "items": {"type": "object", "properties": facts(rules, table.facts)}}
        for name, table in rules.tables.items()
    }  # fmt: skip
    own = {"id": {"type": "string", "minLength": 1, "maxLength": 200}, "place": {"type": "string"}}
    return {"type": "object", "required": ["id"], "properties": {**own, **facts(rules, rules.facts), **tables}}


def facts(rules: RuleSet, told: Mapping[str, Fact]) -> dict[str, Any]:
    """Facts as properties; a fact that is not known may be null or left out."""
    return {name: {"description": fact.label["en"], **fact_schema(rules, fact)} for name, fact in told.items()}


def fact_schema(rules: RuleSet, fact: Fact) -> dict[str, Any]:
    """What stands for one fact."""
    match fact.kind:
        case "boolean":
            return {"type": ["boolean", "null"]}
        case "choice":
            return {"enum": [*rules.choices[fact.choice or ""], None]}
        case "date":
            return {"type": ["string", "null"], "format": "date"}
        case "text":
            return {"type": ["string", "null"]}
    if fact.unit.split("/")[0] in ("yuan", "fen", "wan_yuan"):
        return {"type": ["string", "integer", "null"], "pattern": MONEY, "x-unit": fact.unit}
    return {"type": ["number", "string", "null"], "x-unit": fact.unit}


def projects_schema(_rules: RuleSet) -> dict[str, Any]:
    """One line of a project file: either amounts by item, or the facts that the catalogue's items ask for."""
    money = {"type": ["string", "integer"], "pattern": MONEY, "x-unit": "yuan"}
    own = {"id": {"type": "string", "minLength": 1}, "investment": money}
    amounts = {"type": "object", "additionalProperties": money}
    return {"type": "object", "required": ["id", "investment"], "properties": {**own, "amounts": amounts}}


SCHEMAS: dict[str, Callable[[RuleSet], dict[str, Any]]] = {
    "rules": rules_schema,
    "catalogue": catalogue_schema,
    "entities": entities_schema,
    "projects": projects_schema,
}


def published(kind: str, rules: RuleSet) -> dict[str, Any]:
    """A schema with its dialect and name, as the command, the address and the file give it."""
    return {"$schema": DIALECT, "$id": f"urn:bashu:policy:{kind}", **SCHEMAS[kind](rules)}
