"""Kinds of damage. Each takes the bytes and the ranges that may be hit, and returns the damaged bytes, or None where the file is too
small for it. A damage that changes nothing is no damage: the caller draws again."""

# Markers without a length: TEM, RST0-7, SOI, EOI (T.81 table B.1).
ALONE = {0x01, *range(0xD0, 0xDA)}
JPEG_END = b"\xff\xd9"
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


def scan_data(jpeg):
    """The ranges of entropy-coded data of a good JPEG: from the end of each SOS segment to the next marker that is no RSTn."""
    ranges, at = [], 2
    while at + 4 <= len(jpeg):
        code = jpeg[at + 1]
        if code == 0xD9:
            break
        if code in ALONE:
            at += 2
            continue
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if code == 0xDA:
            start = at
            while not (jpeg[at] == 0xFF and jpeg[at + 1] != 0 and not 0xD0 <= jpeg[at + 1] <= 0xD7):
                at += 1
            ranges.append((start, at))
    return ranges


def place(ranges, length, random):
    """Where length bytes lie inside one range: every such place is as likely as another."""
    rooms = [(begin, end - begin - length + 1) for begin, end in ranges if end - begin >= length]
    if not rooms:
        return None
    drawn = int(random.integers(sum(room for _, room in rooms)))
    for begin, room in rooms:
        if drawn < room:
            return begin + drawn
        drawn -= room


def replace(data, at, length, new):
    return data[:at] + new + data[at + length :]


def flip_bit(data, ranges, end, random):
    at = place(ranges, 1, random)
    return replace(data, at, 1, bytes([data[at] ^ 1 << int(random.integers(8))]))


def set_byte(data, ranges, end, random):
    return replace(data, place(ranges, 1, random), 1, random.bytes(1))


def zero(length):
    def damage(data, ranges, end, random):
        at = place(ranges, length, random)
        return None if at is None else replace(data, at, length, bytes(length))

    return damage


def randomise(length):
    def damage(data, ranges, end, random):
        at = place(ranges, length, random)
        return None if at is None else replace(data, at, length, random.bytes(length))

    return damage


def insert_byte(data, ranges, end, random):
    return replace(data, place(ranges, 1, random), 0, random.bytes(1))


def delete_byte(data, ranges, end, random):
    return replace(data, place(ranges, 1, random), 1, b"")


def cut(data, ranges, random):
    """What is left after a cut at 1 to 99 % of what may be hit."""
    begin, behind = ranges[0][0], ranges[-1][1]
    return data[: begin + max(1, (behind - begin) * int(random.integers(1, 100)) // 100)]


def truncate(data, ranges, end, random):
    return cut(data, ranges, random)


def truncate_and_end(data, ranges, end, random):
    return cut(data, ranges, random) + end


def swap_blocks(data, ranges, end, random):
    """Two blocks of 512 bytes at multiples of 512 in the file, as sectors would be exchanged."""
    blocks = [at for begin, behind in ranges for at in range(-(-begin // 512) * 512, behind - 511, 512)]
    if len(blocks) < 2:
        return None
    one, two = sorted(blocks[int(i)] for i in random.choice(len(blocks), 2, replace=False))
    return data[:one] + data[two : two + 512] + data[one + 512 : two] + data[one : one + 512] + data[two + 512 :]


def append_bytes(data, ranges, end, random):
    return data + random.bytes(int(random.integers(1, 513)))


KINDS = {
    "1 bit flipped": flip_bit,
    "1 byte set": set_byte,
    "1 byte inserted": insert_byte,
    "1 byte deleted": delete_byte,
    "16 bytes zeroed": zero(16),
    "16 bytes random": randomise(16),
    "512 bytes zeroed": zero(512),
    "512 bytes random": randomise(512),
    "4096 bytes zeroed": zero(4096),
    "4096 bytes random": randomise(4096),
    "two blocks of 512 swapped": swap_blocks,
    "cut at 1-99 %": truncate,
    "cut at 1-99 %, end marker added": truncate_and_end,
    "1-512 bytes after the end": append_bytes,
}
ANYWHERE = {"1 bit flipped, anywhere in the file": flip_bit, "1 byte set, anywhere in the file": set_byte}
# Damage after which the picture's own bytes still stand there, or which no byte of the scan data suffers: not counted as damage of scan data.
OUTSIDE_SCAN_DATA = {"1-512 bytes after the end", *ANYWHERE}


def rows_of(kind):
    """Damage of a JPEG keeps to the scan data; a PNG protects every byte alike, so its damage falls anywhere."""
    return list(KINDS) if kind == "png" else list(KINDS) + list(ANYWHERE)


def damaged(data, kind, row, random):
    """The damaged bytes, or None: this file cannot be damaged so."""
    whole = [(0, len(data))]
    ranges = whole if kind == "png" or row in ANYWHERE else scan_data(data)
    end = PNG_END if kind == "png" else JPEG_END
    for _ in range(100):
        result = (KINDS.get(row) or ANYWHERE[row])(data, ranges, end, random)
        if result != data:
            return result
    return None
