#!/usr/bin/env python3
"""Our walks of tf.Example, tf.SequenceExample and Event against protobuf itself: the same records are refused, and from
those that are not the same values are read.

usage: protobuf_test.py WALKED_LINES [MUTANTS [SEED]]

The messages are described here, for TensorFlow is not there. Records are made from a seed, then mutated.

Where we are stricter on purpose: protobuf's Python module only warns ("Not all data was converted") when a message ends with a tag of zero
or an end of group outside any group, at the outermost level; its C++ parser, which TensorFlow uses, refuses. The test counts the warning as a refusal.
"""
import os
import random
import struct
import subprocess
import sys
import warnings

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
    from google.protobuf.internal import api_implementation
except ImportError:
    print("no python3-protobuf: nothing compared")
    sys.exit(77)

FEATURES = """
BytesList: value=1 bytes*
FloatList: value=1 float*
Int64List: value=1 int64*
Feature: bytes_list=1 BytesList |kind, float_list=2 FloatList |kind, int64_list=3 Int64List |kind
Features: feature=1 map Feature
FeatureList: feature=1 Feature*
FeatureLists: feature_list=1 map FeatureList
Example: features=1 Features
SequenceExample: context=1 Features, feature_lists=2 FeatureLists
"""

EVENT = """
Dim: size=1 int64, name=2 string
TensorShapeProto: dim=2 Dim*, unknown_rank=3 bool
DtypeAndShape: dtype=1 int32, shape=2 TensorShapeProto
ResourceHandleProto: device=1 string, container=2 string, name=3 string, hash_code=4 uint64, maybe_type_name=5 string, dtypes_and_shapes=6 DtypeAndShape*
VariantTensorDataProto: type_name=1 string, metadata=2 bytes, tensors=3 TensorProto*
TensorProto: dtype=1 int32, tensor_shape=2 TensorShapeProto, version_number=3 int32, tensor_content=4 bytes, float_val=5 float*, double_val=6 double*, int_val=7 int32*, string_val=8 bytes*, scomplex_val=9 float*, int64_val=10 int64*, bool_val=11 bool*, dcomplex_val=12 double*, half_val=13 int32*, resource_handle_val=14 ResourceHandleProto*, variant_val=15 VariantTensorDataProto*, uint32_val=16 uint32*, uint64_val=17 uint64*, float8_val=18 bytes
Image: height=1 int32, width=2 int32, colorspace=3 int32, encoded_image_string=4 bytes
Audio: sample_rate=1 float, num_channels=2 int64, length_frames=3 int64, encoded_audio_string=4 bytes, content_type=5 string
HistogramProto: min=1 double, max=2 double, num=3 double, sum=4 double, sum_squares=5 double, bucket_limit=6 double*, bucket=7 double*
PluginData: plugin_name=1 string, content=2 bytes
SummaryMetadata: plugin_data=1 PluginData, display_name=2 string, summary_description=3 string, data_class=4 int32
Value: tag=1 string, node_name=7 string, simple_value=2 float |value, obsolete_old_style_histogram=3 bytes |value, image=4 Image |value, histo=5 HistogramProto |value, audio=6 Audio |value, tensor=8 TensorProto |value, metadata=9 SummaryMetadata
Summary: value=1 Value*
LogMessage: level=1 int32, message=2 string
SessionLog: status=1 int32, checkpoint_path=2 string, msg=3 string
TaggedRunMetadata: tag=1 string, run_metadata=2 bytes
SourceMetadata: writer=1 string
Event: wall_time=1 double, step=2 int64, file_version=3 string |what, graph_def=4 bytes |what, summary=5 Summary |what, log_message=6 LogMessage |what, session_log=7 SessionLog |what, tagged_run_metadata=8 TaggedRunMetadata |what, meta_graph_def=9 bytes |what, source_metadata=10 SourceMetadata
"""

Field = descriptor_pb2.FieldDescriptorProto
PACKAGE = "compared"


def set_type(field, name):
    if name in ("bytes", "string", "float", "double", "int32", "int64", "uint32", "uint64", "bool"):
        field.type = getattr(Field, "TYPE_" + name.upper())
    else:
        field.type = Field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{name}"


def add_field(described, text):
    parts = text.split()
    name, number = parts[0].split("=")
    field = described.field.add(name=name, number=int(number), label=Field.LABEL_OPTIONAL)
    if parts[1] == "map":
        entry_name = name.title().replace("_", "") + "Entry"
        entry = described.nested_type.add(name=entry_name)
        entry.options.map_entry = True
        for entry_field, entry_number, entry_type in (("key", 1, "string"), ("value", 2, parts[2])):
            set_type(entry.field.add(name=entry_field, number=entry_number, label=Field.LABEL_OPTIONAL), entry_type)
        field.label = Field.LABEL_REPEATED
        set_type(field, f"{described.name}.{entry_name}")
        return
    if parts[1].endswith("*"):
        field.label = Field.LABEL_REPEATED
    set_type(field, parts[1].rstrip("*"))
    if parts[2:]:
        oneof = parts[2].lstrip("|")
        if oneof not in [one.name for one in described.oneof_decl]:
            described.oneof_decl.add(name=oneof)
        field.oneof_index = [one.name for one in described.oneof_decl].index(oneof)


def message_classes():
    file = descriptor_pb2.FileDescriptorProto(name="compared.proto", package=PACKAGE, syntax="proto3")
    for line in (FEATURES + EVENT).strip().splitlines():
        if line:
            name, fields = line.split(": ", 1)
            described = file.message_type.add(name=name)
            for field in fields.split(", "):
                add_field(described, field)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {letter: factory.GetPrototype(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
            for letter, name in (("e", "Example"), ("s", "SequenceExample"), ("v", "Event"))}


# --- what protobuf reads, in the words of walked_lines

MASK = (1 << 64) - 1


def words_of(feature):
    kind = feature.WhichOneof("kind")
    if kind is None:
        return "none:0:0"
    values = getattr(feature, kind).value
    if kind == "bytes_list":
        numbers = [number for value in values for number in (len(value), *value)]
    elif kind == "float_list":
        # Through the serialized form: a signalling NaN does not survive as a Python float.
        getattr(feature, kind).DiscardUnknownFields()
        packed = getattr(feature, kind).SerializeToString()
        numbers = struct.unpack(f"<{len(values)}I", packed[len(packed) - 4 * len(values):])
    else:
        numbers = values
    digest = 0
    for number in numbers:
        digest = (digest * 1000003 + number) & MASK
    return f"{ {'bytes_list': 'bytes', 'float_list': 'float', 'int64_list': 'int64'}[kind]}:{len(values)}:{digest:x}"


class Silence:
    """protobuf's C++ parser tells of every string that is not UTF-8, on the error output itself."""

    nowhere = os.open(os.devnull, os.O_WRONLY)

    def __enter__(self):
        self.real = os.dup(2)
        os.dup2(self.nowhere, 2)

    def __exit__(self, *_):
        os.dup2(self.real, 2)
        os.close(self.real)


def line_of(letter, parsed):
    if letter == "v":
        return []
    features = parsed.features if letter == "e" else parsed.context
    words = [f"{name.encode().hex()}:{words_of(feature)}" for name, feature in features.feature.items()]
    if letter == "s":
        for name, steps in parsed.feature_lists.feature_list.items():
            words.append("list " + "/".join([name.encode().hex()] + [words_of(step) for step in steps.feature]))
    return sorted(words)


def read_by_protobuf(cls, letter, record):
    """None when it is refused, else the sorted words."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            parsed = cls.FromString(record)
        except message.DecodeError:
            return None
    if any("Not all data was converted" in str(warning.message) for warning in warned):
        return None
    assert not warned, [str(warning.message) for warning in warned]
    return line_of(letter, parsed)


# --- records and their mutants

NAMES = ["image/encoded", "label", "x", "é/ü", "", "image/object/bbox/xmin", "a" * 130]


def fill_feature(feature, rng):
    kind = rng.randrange(4)
    count = rng.choice([0, 1, 1, 2, 5, 20])
    if kind == 0:
        feature.bytes_list.value.extend([rng.randbytes(rng.choice([0, 1, 3, 20, 140])) for _ in range(count)])
    elif kind == 1:
        feature.float_list.value.extend([rng.gauss(0, 100) for _ in range(count)])
    elif kind == 2:
        feature.int64_list.value.extend([rng.choice([0, 1, 300, -1, -2**63, 2**63 - 1, rng.randrange(2**40)]) for _ in range(count)])
    if kind < 3:
        getattr(feature, ("bytes_list", "float_list", "int64_list")[kind]).SetInParent()


def make_example(cls, rng):
    record = cls()
    for name in rng.sample(NAMES, rng.randrange(1, 5)):
        fill_feature(record.features.feature[name], rng)
    return record


def make_sequence(cls, rng):
    record = cls()
    for name in rng.sample(NAMES, rng.randrange(3)):
        fill_feature(record.context.feature[name], rng)
    for name in rng.sample(NAMES, rng.randrange(1, 3)):
        record.feature_lists.feature_list[name].SetInParent()
        for _ in range(rng.randrange(4)):
            fill_feature(record.feature_lists.feature_list[name].feature.add(), rng)
    return record


def fill_any(record, rng, depth):
    """Every field of every message comes up."""
    for field in rng.sample(list(record.DESCRIPTOR.fields), rng.randrange(1, 1 + min(6, len(record.DESCRIPTOR.fields)))):
        if field.message_type is not None:
            if depth == 0:
                continue
            if field.label == field.LABEL_REPEATED:
                for _ in range(rng.randrange(3)):
                    fill_any(getattr(record, field.name).add(), rng, depth - 1)
            else:
                getattr(record, field.name).SetInParent()
                fill_any(getattr(record, field.name), rng, depth - 1)
            continue
        make = {field.CPPTYPE_DOUBLE: lambda: rng.gauss(0, 1e9), field.CPPTYPE_FLOAT: lambda: rng.gauss(0, 10), field.CPPTYPE_BOOL: lambda: True,
                field.CPPTYPE_INT32: lambda: rng.randrange(-2**31, 2**31), field.CPPTYPE_INT64: lambda: rng.randrange(-2**63, 2**63),
                field.CPPTYPE_UINT32: lambda: rng.randrange(2**32), field.CPPTYPE_UINT64: lambda: rng.randrange(2**64),
                field.CPPTYPE_STRING: lambda: rng.choice(NAMES) if field.type == field.TYPE_STRING else rng.randbytes(rng.randrange(30))}[field.cpp_type]
        if field.label == field.LABEL_REPEATED:
            getattr(record, field.name).extend([make() for _ in range(rng.randrange(5))])
        else:
            setattr(record, field.name, make())


def make_event(cls, rng):
    record = cls()
    record.wall_time = 1.6e9
    record.step = rng.randrange(2**20)
    if rng.random() < 0.7:
        fill_any(record.summary.value.add(), rng, 6)
    else:
        fill_any(record, rng, 6)
    return record


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def hostile_piece(rng):
    """Fields and parts of fields that mean something to a parser."""
    number = rng.choice([0, 1, 2, 3, 15, 16, 2047, 2**29 - 1])
    kind = rng.randrange(12)
    if kind == 0:
        return varint(number << 3 | rng.randrange(8))
    if kind == 1:
        depth = rng.choice([1, 2, 90, 94, 95, 96, 97, 98, 99, 100, 101])
        return varint(number << 3 | 3) * depth + varint(number << 3 | 4) * depth
    if kind == 2:
        return varint(number << 3) + b"\xff" * rng.randrange(8, 11) + bytes([rng.randrange(256)])
    if kind == 3:
        return varint(number << 3 | 2) + b"\xff\xff\xff\xff" + bytes([rng.randrange(16)])
    if kind == 4:
        return varint(number << 3 | 5) + rng.randbytes(4)
    if kind == 5:
        return varint(number << 3 | 1) + rng.randbytes(8)
    if kind == 6:
        return bytes([0x80 | rng.randrange(128)]) * 4 + bytes([rng.randrange(256)]) + rng.randbytes(3)
    if kind == 7:
        return b"\x0a\x00"
    if kind == 8:
        length = rng.randrange(12)
        return varint(number << 3 | 2) + bytes([length]) + rng.randbytes(length)
    if kind == 9:
        return rng.choice([b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbf\xbf", b"\xf0\x9f\x98\x80", b"\xe0\x80\x80"])
    if kind == 10:
        return bytes([number << 3 & 0x78 | 3]) + rng.randbytes(rng.randrange(4)) + bytes([number << 3 & 0x78 | 4])
    return varint(rng.randrange(2**35)) + rng.randbytes(2)


def places_of_messages(data, depth=0, base=0):
    """(start of the length, start, end) of whatever could be a message inside: there the outer lengths can be mended."""
    at, found = 0, []
    while at + 1 < len(data) and data[at] & 7 in (1, 2, 5, 0) and data[at] < 0x80:
        kind, at = data[at] & 7, at + 1
        if kind == 1 or kind == 5:
            at += 8 if kind == 1 else 4
        elif kind == 0:
            while at < len(data) and data[at] >= 0x80:
                at += 1
            at += 1
        else:
            start, length, shift = at, 0, 0
            while at < len(data):
                length |= (data[at] & 0x7F) << shift
                shift, at = shift + 7, at + 1
                if data[at - 1] < 0x80:
                    break
            if at + length > len(data):
                break
            found.append((base + start, base + at, base + at + length))
            if depth < 6:
                found += places_of_messages(data[at:at + length], depth + 1, base + at)
            at += length
    return found


def replace_inside(data, place, new):
    """Replaces a nested message and mends its length and those around it."""
    around = [one for one in places_of_messages(data) if one[1] <= place[1] and one[2] >= place[2] and one != place]
    start, end = place[0], place[2]
    result = varint(len(new)) + new
    for outer in sorted(around, key=lambda one: one[1], reverse=True):
        body = data[outer[1]:start] + result + data[end:outer[2]]
        result = varint(len(body)) + body
        start, end = outer[0], outer[2]
    return data[:start] + result + data[end:]


def mutate(data, other, rng):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(10)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(data):
            data[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        elif kind == 2:
            data[at:at] = rng.randbytes(rng.randrange(1, 4))
        elif kind == 3:
            del data[at:at + rng.choice([1, 1, 2, 9])]
        elif kind == 4:
            data[at:at] = hostile_piece(rng)
        elif kind == 5:
            data[at:] = other[rng.randrange(len(other) + 1):] if other else b""
        else:
            places = places_of_messages(bytes(data))
            if not places:
                continue
            place = rng.choice(places)
            inside = bytearray(data[place[1]:place[2]])
            spot = rng.choice([0, len(inside), rng.randrange(len(inside) + 1)])
            if kind == 6:
                inside[spot:spot] = hostile_piece(rng)
            elif kind == 7:
                inside += bytes(inside) if len(inside) < 500 else b""
            elif kind == 8:
                del inside[spot:spot + rng.randrange(1, 6)]
            elif inside:
                inside[min(spot, len(inside) - 1)] = rng.randrange(256)
            data = bytearray(replace_inside(bytes(data), place, bytes(inside)))
        if len(data) > 20000:
            break
    return bytes(data)


def records(classes, count, rng):
    makers = {"e": make_example, "s": make_sequence, "v": make_event}
    for _ in range(count):
        letter = rng.choice("eeesvv")
        good = makers[letter](classes[letter], rng).SerializeToString(deterministic=True)
        yield letter, good
        other = makers[letter](classes[letter], rng).SerializeToString(deterministic=True)
        for _ in range(9):
            yield letter, mutate(good, other, rng)


def without_merged(ours, theirs):
    """Of a list written in several pieces we show the count only."""
    if len(ours) != len(theirs):
        return theirs
    changed = []
    for our, their in zip(ours, theirs):
        our_steps, their_steps = our.split("/"), their.split("/")
        for place, step in enumerate(our_steps):
            if step.endswith(":merged") and place < len(their_steps):
                their_steps[place] = their_steps[place].rsplit(":", 1)[0] + ":merged"
        changed.append("/".join(their_steps))
    return changed


def split_words(line):
    words = []
    for word in line.replace("list ", "list\0").split(" "):
        words.append(word.replace("\0", " "))
    return words


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 30_000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 3021)
    classes = message_classes()
    cases = list(records(classes, max(1, count // 9), rng))
    stream = b"".join(letter.encode() + struct.pack("<I", len(record)) + record for letter, record in cases)
    lines = subprocess.run([program], input=stream, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(lines) == len(cases), (len(lines), len(cases))

    wrong = refused = odd = 0
    troubles = {}
    for (letter, record), line in zip(cases, lines):
        with Silence():
            theirs = read_by_protobuf(classes[letter], letter, record)
        ours = None
        if line.startswith("bad "):
            troubles[line[4:]] = troubles.get(line[4:], 0) + 1
        else:
            words = split_words(line)[1:]
            odd += words[:1] == ["odd"]
            ours = words[1:] if words[:1] == ["odd"] else words
        refused += theirs is None
        if ours is not None and theirs is not None:
            theirs = without_merged(ours, theirs)
        if ours != theirs:
            wrong += 1
            if wrong <= 10:
                print(f"{letter} {record.hex()[:2000]}\n  ours     {line[:600]}\n  protobuf {theirs if theirs is None else theirs[:8]}")
    print(f"protobuf's {api_implementation.Type()} parser: {len(cases)} records, {refused} refused by it, {odd} read but odd, {wrong} judged otherwise")
    for trouble, times in sorted(troubles.items()):
        print(f"  {times:6} {trouble}")
    expected = {"the varint has more than ten bytes", "the tag is zero", "the string is not UTF-8", "messages and groups are nested more than 100 deep",
                "the length is 2 GiB or more", "the packed values do not end with the field", "a group ends with the number of another field",
                "the tag has more than five bytes", "a group ends that never began", "the message ends inside a group", "the field's number is zero"}
    missing = expected - set(troubles)
    if missing:
        print("no mutant brought about:", missing)
    assert refused > len(cases) // 10 and len(cases) - refused > len(cases) // 4, "the mutants are too tame or too wild to say anything"
    sys.exit(1 if wrong or missing else 0)


if __name__ == "__main__":
    main()
