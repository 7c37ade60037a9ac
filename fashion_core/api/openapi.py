"""The description of the API: OpenAPI 3.1."""

from typing import Any

from fashion_core import __version__
from fashion_core.api.body import FIELD_NAME
from fashion_core.api.limits import Limits
from fashion_core.data.classes import ClassList
from fashion_core.sorting.decision import N_CANDIDATES

PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
REFUSALS = {  # the key of each in the description, by status
    400: "The request is damaged",
    401: "The token is missing or wrong",
    405: "The address doesn't take this method",
    408: "The body did not arrive in time",
    413: "The body is too large, or has too many pictures",
    415: "The body is neither a picture nor multipart/form-data",
    429: "You ask too often, or too many requests are waiting",
    500: "An error of the program",
    503: "The answer took too long",
}
HEADERS = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    405: {"Allow": {"required": True, "schema": {"type": "string"}}},
    429: {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}},
    503: {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}},
}


def describe_api(classes: ClassList, limits: Limits, *, needs_token: bool) -> dict[str, Any]:
    """The description as JSON; its limits and classes are those of this server."""
    security: list[dict[str, list[str]]] = [{"token": []}] if needs_token else []
    token_refusal = (401,) if needs_token else ()
    return {
        "openapi": "3.1.0",
        "info": {"title": "fashion api", "version": __version__, "summary": "Sort pictures of clothing."},
        "paths": {
            "/v1/predict": {"post": _describe_predict(limits, security, token_refusal)},
            "/openapi.json": {"get": _describe_get("This description", "application/json", {"type": "object"})},
            "/health": {
                "get": _describe_get(
                    "Whether the API answers", "application/json", _object({"status": {"const": "ok"}})
                )
            },
            "/metrics": {
                "get": _describe_get(
                    "Counters for Prometheus", "text/plain", {"type": "string"}, 401 if needs_token else 400
                )
                | {"security": security}
            },
        },
        "components": {
            "schemas": _schemas(list(classes.names), limits),
            "responses": {str(status): _describe_refusal(status) for status in REFUSALS},
        }
        | ({"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if needs_token else {}),
    }


def _describe_predict(
    limits: Limits, security: list[dict[str, list[str]]], token_refusal: tuple[int, ...]
) -> dict[str, Any]:
    picture = {"type": "string", "format": "binary"}
    pictures = {"type": "array", "items": picture, "minItems": 1, "maxItems": limits.max_pictures}
    form = _object({FIELD_NAME: pictures})
    return {
        "operationId": "predict",
        "summary": "Predict one picture or several",
        "description": f"One picture of at most {limits.picture_bytes // 2**20} MB as the body, or up to "
        f"{limits.max_pictures} as multipart/form-data of at most {limits.body_bytes // 2**20} MB, each in a field "
        f"named {FIELD_NAME} and with a file name. The answers are in the same order.",
        "security": security,
        "requestBody": {
            "required": True,
            "content": {"image/*": {"schema": picture}, "multipart/form-data": {"schema": form}},
        },
        "responses": {
            "200": {
                "description": "An answer for each picture",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            }
        }
        | _refer_refusals(400, *token_refusal, 405, 408, 413, 415, 429, 500, 503),
    }


def _describe_get(summary: str, media_type: str, schema: dict[str, Any], *refusals: int) -> dict[str, Any]:
    answer = {"description": summary, "content": {media_type: {"schema": schema}}}
    return {"summary": summary, "responses": {"200": answer} | _refer_refusals(*refusals, 405, 500)}


def _refer_refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def _describe_refusal(status: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    headers = {"headers": HEADERS[status]} if status in HEADERS else {}
    return {"description": REFUSALS[status], "content": content} | headers


def _schemas(class_names: list[str], limits: Limits) -> dict[str, Any]:
    name = {"type": "string", "description": "the name of the file"}
    class_name = {"enum": class_names}
    sentence = {"type": "string", "minLength": 1}
    ranked = _object({"class": class_name, "probability": PROBABILITY})
    prediction = _object(
        {
            "name": name,
            "class": class_name,
            "probability": PROBABILITY
            | {"description": "calibrated, of the class against the second most probable one; decides"},
            "decision": {
                "enum": ["automatic", "check", "none"],
                "description": "automatic: the promise covers it; check: let a person look; none: probably none of the "
                "classes",
            },
            "classes": {"type": "array", "items": ranked, "minItems": 1, "maxItems": N_CANDIDATES},
            "run": {"type": "string", "description": "the model that answers"},
            "notice": sentence | {"description": "about the file, such as that its end is missing"},
        },
        optional=("notice",),
    )
    pictures = {
        "type": "array",
        "items": {"anyOf": [prediction, _object({"name": name, "error": sentence})]},
        "minItems": 1,
        "maxItems": limits.max_pictures,
    }
    return {
        "Answer": _object(
            {
                "target": PROBABILITY | {"description": "of the automatic pictures, the fraction that is correct"},
                "threshold": {
                    "type": ["number", "null"],
                    "description": "probability from which a picture is automatic",
                },
                "pictures": pictures,
            }
        ),
        "Error": _object({"error": sentence}),
    }


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
