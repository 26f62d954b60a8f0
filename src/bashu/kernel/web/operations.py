"""The API's documentation as a page of ours: every operation of the contract, from the contract itself."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_resolver

from bashu.kernel.errors import every_error


class Operation(NamedTuple):
    """One method on one path, as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str
    answers: list[str]


def contract() -> dict[str, Any]:
    """The OpenAPI document of the API that this node's addresses (`bashu.urls`) mount."""
    addresses: Any = get_resolver().urlconf_module
    schema: dict[str, Any] = addresses.api.get_openapi_schema(path_prefix="/api/v1/")
    return schema


def read(schema: dict[str, Any]) -> list[Operation]:
    """Every operation of an OpenAPI document, in the document's order."""
    found = []
    for path, methods in schema["paths"].items():
        for method, spec in methods.items():
            parameters = [
                {
                    "name": parameter["name"],
                    "where": parameter["in"],
                    "required": parameter.get("required", False),
                    "type": kind_of(parameter.get("schema", {})),
                }
                for parameter in spec.get("parameters", [])
            ]
            content = spec.get("requestBody", {}).get("content", {})
            body = next((kind_of(media.get("schema", {})) for media in content.values()), "")
            summary, description = spec.get("summary", ""), spec.get("description", "")
            found.append(
                Operation(method.upper(), path, summary, description, parameters, body, list(spec.get("responses", {})))
            )
    return found


def kind_of(schema: dict[str, Any]) -> str:
    """A schema in a few words: a component's name, a type, or its alternatives."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(kind_of(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def operations(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/docs."""
    refusals = sorted({(error.code, error.status, str(error.message)) for error in every_error()})
    return render(request, "web/operations.html", {"operations": read(contract()), "refusals": refusals})
