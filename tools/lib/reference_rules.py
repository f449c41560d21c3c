"""What the API's protos must say about each element, and where they do not.

    for gap in gaps(proto_model.load(folder)): print(gap)

A comment says the meaning; of a number besides its range and unit, of a text its form or bound, of a list
its bound, of a method its errors. What holds of a field by its name or place is said once, in the
tables below, and the reference shows it at each such field.
"""

import re

NUMBERS = {"int32", "int64", "uint32", "uint64", "double", "float"}
TEXTS = {"string", "bytes"}

# Fields that mean the same in every message, by name.
SHARED = {
    "page_size": "Elements of the list; a page may have fewer and not be the last.",
    "page_token": "Opaque, at most 4096 bytes; of another query it is INVALID_ARGUMENT "
                  "(INVALID_PAGE_TOKEN). Absent: the first page.",
    "next_page_token": "Opaque, at most 4096 bytes; empty on the last page.",
    "resume_token": "Opaque, at most 512 bytes; damaged, or of another query or caller, it is "
                    "INVALID_ARGUMENT (INVALID_RESUME_TOKEN).",
    "request_id": "1 to 128 printable ASCII bytes, such as a UUID.",
    "etag": "Opaque, at most 64 bytes. Another than the current one is ABORTED (ETAG_MISMATCH).",
    "display_name": "At most 256 bytes.",
    "local_name": "At most 256 bytes.",
    "order_by": "Fields apart by commas, each with \" desc\" after it to turn it round; at most 1024 bytes.",
    "filter": "At most 4096 bytes.",
}
# Texts whose name ends so are dates.
DATE_NAME = re.compile(r"(^|_)(date|day|valid_from|valid_to)$")
DATE = "ISO date, \"YYYY-MM-DD\"."

# Bounds that come from where a field stands.
PAGED = "As many as page_size permits at most."
STREAMED = "As many as one message of the stream holds; it goes on in the next."
PACKED = "Texts have at most 4096 bytes, and a pack with all its lists at most 12 MiB."

RANGE = re.compile(
    r"\d|≥|never negative|[Ss]hare of|[Nn]ot negative|year\b", re.UNICODE)
UNIT = re.compile(
    r"\b(days?|months?|years?|hours?|minutes?|seconds?|nanoseconds|bytes|patients?|sites?|slots?|commits?|"
    r"events?|records?|referrals?|requests?|trials?|checkpoints?|line|reads?|changes|resources|names|desks?|"
    r"elements|persons?|contacts?|organizations?|points|number|share|probability|version|revision|round|"
    r"shape|rate|worth|rank|century|1 and up|0 to 1|0 to 100|1 to 12|1 to 31|1 to 100|min\(1|max\(0|"
    r"straight line)\b", re.IGNORECASE)
FORM = re.compile(
    r"`|\"|\b[Aa]t most \d|YYYY|[Ii]n words|\bhex digits|\bletters, digits|[Hh]exadecimal|SHA-256|IANA|\b\d+ (to \d+ )?bytes|ISO\b|"
    r"[Ss]erialized|\b[Ii]ds?\b|[Nn]ame as|\bas (?:in |at |of )?[A-Z]\w+|\blikewise\b")
BOUND = re.compile(
    r"[Aa]t most|\b\d+ to \d+\b|\b(?:first|last) \d+\b|\bas (?:in |at |of )?[A-Z]\w+|\b[Oo]ne for each\b|\b[Oo]ne (of each|per)\b|\b[Ee]ach once\b|\ba row per\b|\b[Aa]ll ten\b|"
    r"\b[Ee]very\b|\bten criteria\b|\b[Ee]ach at most once\b|\bno more than\b")
CODES = {
    "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "UNAUTHENTICATED", "DATA_LOSS",
    "UNIMPLEMENTED", "DEADLINE_EXCEEDED", "CANCELLED", "INTERNAL",
}
# The reasons that follow a code: "FAILED_PRECONDITION (NO_FREE_SLOT, WRONG_STATE)".
REASONS = re.compile(rf"\b(?:{'|'.join(sorted(CODES))}) \(([A-Z][A-Z_0-9]*(?:, [A-Z][A-Z_0-9]*)*)\)")
# Says that a method has no errors but those of its service, or which other method has the same.
NO_OTHERS = re.compile(r"[Nn]o errors but those of the service")
AS_ANOTHER = re.compile(r"\b[Ee]rrors\b[^.]*?\bas (?:(?:at|in|of) )?([A-Z]\w+)")

# Elements that need not say what the rules demand, each with the reason.
EXEMPT = {
    "AuditRecord.keys": "keys of the store, whose number a commit bounds (200,000 writes)",
}


def _reachable(types, root):
    found, todo = set(), [root]
    while todo:
        name = todo.pop()
        if name in found or not hasattr(types.get(name), "fields"):
            continue
        found.add(name)
        todo += [field.type for field in types[name].fields]
    return found


def shared_words(model):
    """By full name of a field, what is said of it once for all: a list of sentences."""
    types = model.types()
    packed = _reachable(types, "Pack")
    streamed = {m.response for service in model.services for m in service.methods if m.streaming}
    words = {}
    for message in model.messages:
        paged = any(field.name == "next_page_token" for field in message.fields)
        for field in message.fields:
            said = []
            if field.name in SHARED and not field.repeated:
                said.append(SHARED[field.name])
            if DATE_NAME.search(field.name) and field.type == "string" and not field.repeated:
                said.append(DATE)
            if paged and field.repeated:
                said.append(PAGED)
            if message.full_name in streamed and field.repeated:
                said.append(STREAMED)
            if message.full_name in packed and (field.repeated or field.type in TEXTS):
                said.append(PACKED)
            words[field.full_name] = said
    return words


def _of_field(field, shared):
    """What `field` leaves unsaid."""
    said = field.comment
    if field.type in NUMBERS:
        if not RANGE.search(said):
            yield "a number without its range"
        if not UNIT.search(" ".join([said, field.name.replace("_", " "), *shared])):
            yield "a number without its unit"
    if field.type in TEXTS and not shared and not FORM.search(said):
        yield "a text without a form or a bound"
    if (field.repeated or field.is_map) and not shared and not BOUND.search(said):
        yield "a list without a bound"


def _of_method(method, service, reasons, methods):
    named = any(re.search(rf"\b{code}\b", method.comment) for code in CODES)
    other = AS_ANOTHER.search(method.comment)
    if other and other[1] not in methods:
        yield f"has the errors of {other[1]}, which is no method"
    elif not (named or other or NO_OTHERS.search(method.comment)):
        yield "a method without its errors"
    for listed in REASONS.findall(method.comment + " " + service.comment):
        for reason in listed.split(", "):
            if reason not in reasons:
                yield f"names the reason {reason}, which there is not"
    if not method.permission:
        yield "a method without access"


def gaps(model):
    """Every gap as a line "file:line: element: what is missing", in the order of the protos."""
    shared = shared_words(model)
    reasons = {value.name.removeprefix("ERROR_REASON_") for enum in model.enums
               if enum.full_name == "ErrorReason" for value in enum.values}
    methods = {method.name for service in model.services for method in service.methods}
    found, used = [], set()

    def tell(element, words):
        for word in words:
            if element.full_name in EXEMPT:
                used.add(element.full_name)
            else:
                found.append(f"{element.file}:{element.line}: {element.full_name}: {word}")

    for element in model.elements():
        if not re.search(r"\w.*[.:)…]$", element.comment, re.DOTALL):
            tell(element, ["no comment that says its meaning in a sentence"])
    for service in model.services:
        for method in service.methods:
            tell(method, _of_method(method, service, reasons, methods))
    for message in model.messages:
        for field in message.fields:
            tell(field, _of_field(field, shared[field.full_name]))
    for name in sorted(set(EXEMPT) - used):
        found.append(f"{name}: exempted, and needs no exemption")
    return found
