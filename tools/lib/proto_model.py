"""The API as its protos describe it: services, messages and enums with their comments and options.

    model = proto_model.load(ROOT / "proto")
    for service in model.services: ...

protoc reads the protos, so what is told here is what a client compiles.
"""

import dataclasses
import pathlib
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "trialgate.v1"
Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    Field.TYPE_DOUBLE: "double", Field.TYPE_FLOAT: "float", Field.TYPE_INT64: "int64",
    Field.TYPE_UINT64: "uint64", Field.TYPE_INT32: "int32", Field.TYPE_UINT32: "uint32",
    Field.TYPE_BOOL: "bool", Field.TYPE_STRING: "string", Field.TYPE_BYTES: "bytes",
}


@dataclasses.dataclass
class Element:
    """Whatever has a name and a comment. `full_name` is without the package: "Offer.site"."""
    full_name: str
    comment: str
    file: str
    line: int

    @property
    def name(self):
        return self.full_name.rsplit(".", 1)[-1]


@dataclasses.dataclass
class FieldElement(Element):
    type: str  # of a map's values
    repeated: bool
    is_map: bool
    oneof: str
    field_class: str  # without its prefix
    number: int

    @property
    def scalar(self):
        return self.type in SCALARS.values()


@dataclasses.dataclass
class MessageElement(Element):
    fields: list


@dataclasses.dataclass
class ValueElement(Element):
    number: int
    granted_to: list  # roles, without their prefix


@dataclasses.dataclass
class EnumElement(Element):
    values: list


@dataclasses.dataclass
class MethodElement(Element):
    request: str
    response: str
    streaming: bool
    permission: str
    scope: str
    call_class: str
    confidential: bool


@dataclasses.dataclass
class ServiceElement(Element):
    methods: list


@dataclasses.dataclass
class Model:
    services: list
    messages: list
    enums: list

    def elements(self):
        """Every element, outer ones before what they hold."""
        for service in self.services:
            yield service
            yield from service.methods
        for message in self.messages:
            yield message
            yield from message.fields
        for enum in self.enums:
            yield enum
            yield from enum.values

    def types(self):
        return {t.full_name: t for t in [*self.messages, *self.enums]}

    def roles_of(self, permission):
        for enum in self.enums:
            for value in enum.values:
                if value.full_name == f"Permission.PERMISSION_{permission}":
                    return value.granted_to
        return []


def _compile(folder):
    """The descriptor set of all protos of the API below `folder`, comments included."""
    protos = sorted(str(path) for path in (folder / PACKAGE.replace(".", "/")).glob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "set.binpb"
        subprocess.run(["protoc", "-I", str(folder), "--include_imports", "--include_source_info",
                        f"--descriptor_set_out={out}", *protos], check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


class _Options:
    """Reads the options that the API defines itself."""

    def __init__(self, descriptors):
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptors.file:
            self._pool.Add(file)
        self._factory = message_factory.MessageFactory(self._pool)

    def get(self, options, extension):
        """The value of `extension`, or None."""
        kind = options.DESCRIPTOR.full_name
        read = self._factory.GetPrototype(self._pool.FindMessageTypeByName(kind)).FromString(
            options.SerializeToString())
        descriptor = self._pool.FindExtensionByName(f"{PACKAGE}.{extension}")
        if descriptor.label == descriptor.LABEL_REPEATED or read.HasExtension(descriptor):
            return read.Extensions[descriptor]
        return None

    def value_name(self, enum, number):
        """"READ" for the value CALL_CLASS_READ of CallClass."""
        values = self._pool.FindEnumTypeByName(f"{PACKAGE}.{enum}").values_by_number
        names = [value.name for value in values.values()]
        prefix = names[0].removesuffix("UNSPECIFIED")
        return values[number].name.removeprefix(prefix)


def _short(name):
    return name.removeprefix(".").removeprefix(PACKAGE + ".")


class _Reader:
    def __init__(self, file, options, model):
        self._file, self._options, self._model = file, options, model
        self._locations = {tuple(l.path): l for l in file.source_code_info.location}

    def _base(self, full_name, path):
        location = self._locations.get(tuple(path))
        # A blank comment line parts paragraphs.
        paragraphs = [" ".join(p.split()) for p in
                      (location.leading_comments if location else "").split("\n\n")]
        comment = "\n\n".join(p for p in paragraphs if p)
        return {"full_name": full_name, "comment": comment, "file": self._file.name,
                "line": location.span[0] + 1 if location else 0}

    def read(self):
        for i, service in enumerate(self._file.service):
            self._model.services.append(self._service(service, [6, i]))
        for i, message in enumerate(self._file.message_type):
            self._message(message, "", [4, i])
        for i, enum in enumerate(self._file.enum_type):
            self._enum(enum, "", [5, i])

    def _service(self, service, path):
        methods = [self._method(service.name, m, [*path, 2, i]) for i, m in enumerate(service.method)]
        return ServiceElement(**self._base(service.name, path), methods=methods)

    def _method(self, service, method, path):
        access = self._options.get(method.options, "access")
        name = self._options.value_name
        return MethodElement(
            **self._base(f"{service}.{method.name}", path),
            request=_short(method.input_type), response=_short(method.output_type),
            streaming=method.server_streaming,
            permission=name("Permission", access.permission) if access else "",
            scope=name("Scope", access.scope) if access else "",
            call_class=name("CallClass", access.call_class) if access else "",
            confidential=bool(access and access.confidential))

    def _message(self, message, outer, path):
        name = outer + message.name
        entries = {n.name: n for n in message.nested_type if n.options.map_entry}
        fields = [self._field(name, message, f, entries, [*path, 2, i])
                  for i, f in enumerate(message.field)]
        self._model.messages.append(MessageElement(**self._base(name, path), fields=fields))
        for i, nested in enumerate(message.nested_type):
            if nested.name not in entries:
                self._message(nested, name + ".", [*path, 3, i])
        for i, enum in enumerate(message.enum_type):
            self._enum(enum, name + ".", [*path, 4, i])

    def _field(self, message, parent, field, entries, path):
        entry = entries.get(field.type_name.rsplit(".", 1)[-1])
        value = entry.field[1] if entry else field
        field_class = self._options.get(field.options, "field_class")
        in_oneof = field.HasField("oneof_index") and not field.proto3_optional
        return FieldElement(
            **self._base(f"{message}.{field.name}", path),
            type=SCALARS.get(value.type) or _short(value.type_name),
            repeated=field.label == Field.LABEL_REPEATED, is_map=entry is not None,
            oneof=parent.oneof_decl[field.oneof_index].name if in_oneof else "",
            field_class=self._options.value_name("FieldClass", field_class) if field_class else "",
            number=field.number)

    def _enum(self, enum, outer, path):
        name = outer + enum.name
        values = []
        for i, value in enumerate(enum.value):
            granted = self._options.get(value.options, "granted_to") or []
            values.append(ValueElement(
                **self._base(f"{name}.{value.name}", [*path, 2, i]), number=value.number,
                granted_to=[self._options.value_name("Role", role) for role in granted]))
        self._model.enums.append(EnumElement(**self._base(name, path), values=values))


def load(folder):
    """The API whose protos lie below `folder`. subprocess.CalledProcessError: protoc refuses them."""
    descriptors = _compile(pathlib.Path(folder))
    options = _Options(descriptors)
    model = Model([], [], [])
    for file in descriptors.file:
        if file.package == PACKAGE:
            _Reader(file, options, model).read()
    return model
