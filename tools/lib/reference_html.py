"""The reference of the API as one static page: services with their methods, then types, then errors."""

import html
import re

import reference_rules

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #888; --mark: #06c; }
@media (prefers-color-scheme: dark) { :root { --mark: #6af; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid;
  grid-template-columns: 19rem minmax(0, 62rem); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem;
  border-right: 1px solid var(--line); font-size: 13px; box-sizing: border-box; }
nav ul { list-style: none; margin: 0 0 .6rem; padding: 0 0 0 .7rem; }
main { padding: 1rem 2rem 6rem; }
a { color: var(--mark); text-decoration: none; } a:hover { text-decoration: underline; }
code { font: 13px ui-monospace, monospace; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .3rem; }
:target { outline: 2px solid var(--mark); outline-offset: 4px; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); font-size: 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
.class { color: var(--soft); font-size: 12px; } .shared { color: var(--soft); }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; } }
"""

HOW_TO_READ = (
    "Times of clocks are google.protobuf.Timestamp in UTC; dates are texts \"YYYY-MM-DD\", months "
    "\"YYYY-MM\", in the country's time zone. Names of resources are written with their pattern: "
    "`sites/{id}`; an id has 1 to 63 lower-case letters, digits and hyphens. Bounds of texts are bytes of "
    "UTF-8. Absent means the default of proto3: an empty text or list, 0, false, or no message. The class "
    "of a field says who may see it (FieldClass); what one may not see is cleared, not refused.")

WORD = re.compile(r"`[^`]+`|\b[A-Z][A-Za-z0-9_]{3,}(?:\.[a-z_]+)?\b")


class Page:
    """Renders one model; `links` holds every name that has an anchor."""

    def __init__(self, model):
        self._model = model
        self._shared = reference_rules.shared_words(model)
        self._links = {}
        for element in model.elements():
            self._links[element.full_name] = element.full_name
        for service in model.services:
            for method in service.methods:
                self._links.setdefault(method.name, method.full_name)
        for enum in model.enums:
            for value in enum.values:
                self._links.setdefault(value.name, value.full_name)
        # Comments name reasons without their prefix.
        for name in self._reasons():
            self._links.setdefault(name.removeprefix("ERROR_REASON_"), f"ErrorReason.{name}")

    def _reasons(self):
        return [value.name for enum in self._model.enums if enum.full_name == "ErrorReason"
                for value in enum.values]

    def _link(self, name, shown=None):
        text = html.escape(shown or name)
        target = self._links.get(name)
        return f'<a href="#{html.escape(target)}">{text}</a>' if target else text

    def _inline(self, text):
        """Prose with code as code, and names as links to what they name."""
        def word(found):
            name = found[0]
            if name.startswith("`"):
                return f"<code>{html.escape(name[1:-1])}</code>"
            return self._link(name)
        parts, at = [], 0
        for found in WORD.finditer(text):
            parts += [html.escape(text[at:found.start()]), word(found)]
            at = found.end()
        return "".join([*parts, html.escape(text[at:])])

    def _prose(self, text):
        return "".join(f"<p>{self._inline(part)}</p>" for part in text.split("\n\n") if part)

    def _type(self, field):
        linked = self._link(field.type) if not field.scalar else field.type
        if field.is_map:
            return f"map&lt;string, {linked}&gt;"
        return f"repeated {linked}" if field.repeated else linked

    def _method(self, method):
        roles = ", ".join(self._model.roles_of(method.permission)).lower()
        permission = self._link(f"Permission.PERMISSION_{method.permission}", method.permission)
        scope = self._link(f"Scope.SCOPE_{method.scope}", method.scope)
        call_class = self._link(f"CallClass.CALL_CLASS_{method.call_class}", method.call_class)
        reads = "yes: each answer is recorded in the audit trail" if method.confidential else "no"
        stream = "stream of " if method.streaming else ""
        rows = [
            ("takes", self._link(method.request)),
            ("answers", stream + self._link(method.response)),
            ("permission", f"{permission} — {html.escape(roles)}"),
            ("scope", scope),
            ("call class", call_class),
            ("confidential", reads),
        ]
        listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
        return (f'<h3 id="{method.full_name}">{html.escape(method.name)}</h3>'
                f"{self._prose(method.comment)}<dl>{listed}</dl>")

    def _service(self, service):
        methods = "".join(self._method(method) for method in service.methods)
        return (f'<h2 id="{service.full_name}">{html.escape(service.name)}</h2>'
                f"{self._prose(service.comment)}{methods}")

    def _field(self, field):
        said = self._inline(field.comment)
        for words in self._shared[field.full_name]:
            said += f' <span class="shared">{self._inline(words)}</span>'
        if field.oneof:
            said += f' <span class="shared">One of the alternatives of {html.escape(field.oneof)}.</span>'
        kind = self._link(f"FieldClass.FIELD_CLASS_{field.field_class}", field.field_class.lower())
        return (f'<tr id="{field.full_name}"><td><code>{html.escape(field.name)}</code></td>'
                f'<td>{self._type(field)}</td><td class="class">{kind}</td><td>{said}</td></tr>')

    def _message(self, message):
        rows = "".join(self._field(field) for field in message.fields)
        table = ("<table><tr><th>field</th><th>type</th><th>class</th><th>meaning</th></tr>"
                 f"{rows}</table>") if rows else "<p>It has no fields.</p>"
        return (f'<h3 id="{message.full_name}">{html.escape(message.full_name)}</h3>'
                f"{self._prose(message.comment)}{table}")

    def _enum(self, enum):
        rows = []
        for value in enum.values:
            roles = f" <span class=\"shared\">{', '.join(value.granted_to).lower()}</span>"
            rows.append(
                f'<tr id="{value.full_name}"><td><code>{value.name}</code></td><td>{value.number}</td>'
                f"<td>{self._inline(value.comment)}{roles if value.granted_to else ''}</td></tr>")
        return (f'<h3 id="{enum.full_name}">{html.escape(enum.full_name)}</h3>{self._prose(enum.comment)}'
                "<table><tr><th>value</th><th>number</th><th>meaning</th></tr>"
                f"{''.join(rows)}</table>")

    def _contents(self):
        parts = []
        for service in self._model.services:
            methods = "".join(f"<li>{self._link(m.full_name, m.name)}</li>" for m in service.methods)
            parts.append(f"{self._link(service.full_name)}<ul>{methods}</ul>")
        for title, anchor, types in self._type_groups():
            listed = "".join(f"<li>{self._link(t.full_name)}</li>" for t in types)
            parts.append(f'<a href="#{anchor}">{title}</a><ul>{listed}</ul>')
        return "".join(parts)

    def _type_groups(self):
        """Resources and other messages; those that only one call takes or answers; enums."""
        calls = {name for s in self._model.services for m in s.methods
                 for name in (m.request, m.response) if name.endswith(("Request", "Response"))}
        calls.discard("TrialRequest")
        plain = sorted((m for m in self._model.messages if m.full_name not in calls),
                       key=lambda m: m.full_name)
        of_calls = sorted((m for m in self._model.messages if m.full_name in calls),
                          key=lambda m: m.full_name)
        enums = sorted((e for e in self._model.enums if e.full_name != "ErrorReason"),
                       key=lambda e: e.full_name)
        errors = [e for e in self._model.enums if e.full_name == "ErrorReason"]
        return [("Error reasons", "error-reasons", errors), ("Messages", "messages", plain),
                ("Requests and responses of calls", "calls", of_calls), ("Enums", "enums", enums)]

    def render(self):
        body = "".join(self._service(service) for service in self._model.services)
        for title, anchor, types in self._type_groups():
            draw = self._enum if anchor in ("error-reasons", "enums") else self._message
            body += f'<h2 id="{anchor}">{title}</h2>' + "".join(draw(t) for t in types)
        return ("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                "<meta name=\"viewport\" content=\"width=device-width\">"
                f"<title>Trialgate: the API</title><style>{STYLE}</style></head>\n"
                f"<body><nav>{self._contents()}</nav>\n<main><h1>Trialgate: the API</h1>"
                f"{self._prose(HOW_TO_READ)}{body}</main></body></html>\n")
