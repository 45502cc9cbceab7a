"""Reads what Dataset.write wrote by the format's own reader, and prints a line of JSON for each image: its side, its
id, a digest of its pixels, and its fields. Called with the format and the folder."""

import datetime
import glob
import hashlib
import io
import json
import os
import struct
import sys
import urllib.parse

from PIL import Image


def pixels(image):
    if isinstance(image, (bytes, bytearray)):
        image = Image.open(io.BytesIO(image))
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def emit(side, image, fields):
    def plain(value):
        if isinstance(value, datetime.datetime):
            return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if isinstance(value, datetime.date):
            return value.isoformat()
        return value.tolist() if hasattr(value, "tolist") else value

    fields = {name: plain(value) for name, value in fields.items()}
    print(json.dumps({"side": side, "id": fields.get("id"), "pixels": image and pixels(image), "fields": fields}))


def side_of(file):
    return os.path.basename(file).rsplit("-", 1)[0]


def folder(root):
    for row in json.load(open(f"{root}/metadata.json")):
        with open(f"{root}/images/" + row["imagePath"].rsplit("/", 1)[1], "rb") as file:
            emit(row.get("split"), file.read(), row)


def huggingface(root):
    from datasets import load_dataset

    for name, part in load_dataset("imagefolder", data_dir=root).items():
        for row in part:
            emit(name, row.pop("image"), row)
    # By the card, which names the sides, it is the same.
    assert {name: len(part) for name, part in load_dataset(root).items()} == {
        name: len(part) for name, part in load_dataset("imagefolder", data_dir=root).items()
    }


def classes(root):
    rows = {}
    with open(f"{root}/metadata.jsonl") as file:
        for line in file:
            row = json.loads(line)
            rows[row.pop("file_name")] = row
    # As torchvision's ImageFolder and Keras go through it.
    for side in sorted(os.listdir(root)):
        if os.path.isdir(f"{root}/{side}"):
            for label in sorted(os.listdir(f"{root}/{side}")):
                for name in sorted(os.listdir(f"{root}/{side}/{label}")):
                    with open(f"{root}/{side}/{label}/{name}", "rb") as image:
                        row = rows[f"{side}/{label}/{name}"]
                        emit(side, image.read(), {**row, "folder": urllib.parse.unquote(label)})


def parquet(root):
    import pyarrow.parquet as pq
    from datasets import Image as ImageFeature
    from datasets import load_dataset

    for name, part in load_dataset(root).items():
        assert isinstance(part.features["image"], ImageFeature)
        for row in part:
            emit(name, row.pop("image"), row)
    for file in glob.glob(f"{root}/*.parquet"):
        table = pq.read_table(file)
        assert table.column("image").to_pylist()[0]["bytes"]
        print(json.dumps({"schema": {field.name: str(field.type) for field in table.schema}}), file=sys.stderr)


def references(root):
    import pyarrow.parquet as pq

    for file in sorted(glob.glob(f"{root}/*.parquet")):
        for row in pq.read_table(file).to_pylist():
            assert row.pop("image") == {"bytes": None, "path": row["imagePath"]}
            emit(os.path.basename(file).removesuffix(".parquet"), None, row)


def webdataset(root):
    import webdataset as wds

    for file in sorted(glob.glob(f"{root}/*.tar")):
        for sample in wds.WebDataset(file, shardshuffle=False).decode("pil"):
            (image,) = [value for name, value in sample.items() if not name.startswith("__") and name != "json"]
            emit(side_of(file), image, sample["json"])


def tfrecord(root):
    for file in sorted(glob.glob(f"{root}/*.tfrecord")):
        with open(file, "rb") as records:
            while head := records.read(12):
                length, sum_of_head = struct.unpack("<QI", head)
                assert sum_of_head == masked(head[:8])
                data = records.read(length)
                assert struct.unpack("<I", records.read(4))[0] == masked(data)
                features = example(data)
                (image,) = features.pop("image/encoded")
                (extension,) = features.pop("image/format")
                assert extension.isalpha()
                values = {name: [v.decode() if isinstance(v, bytes) else v for v in vs] for name, vs in features.items()}
                emit(side_of(file), image, values | {"id": values["id"][0]})


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def table_entry(value):
    for _ in range(8):
        value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value


TABLE = [table_entry(value) for value in range(256)]


def fields(data):
    """The fields of a message of Protocol Buffers: their numbers, and their values or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        else:
            assert tag & 7 == 2
            length = varint()
            yield tag >> 3, data[at : at + length]
            at += length


def varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def example(data):
    ((_, features),) = fields(data)
    found = {}
    for _, entry in fields(features):
        (_, name), (_, feature) = fields(entry)
        ((kind, values),) = fields(feature)
        if kind == 2:
            (packed,) = [value for _, value in fields(values)]
            values = list(struct.unpack(f"<{len(packed) // 4}f", packed))
        elif kind == 3:
            (packed,) = [value for _, value in fields(values)]
            values = [value - (1 << 64) if value >> 63 else value for value in varints(packed)]
        else:
            values = [value for _, value in fields(values)]
        found[name.decode()] = values
    return found


def sagemaker(root):
    for file in sorted(glob.glob(f"{root}/*.manifest")):
        for line in open(file):
            row = json.loads(line)
            emit(os.path.basename(file).rsplit(".", 1)[0], None, row)


globals()[sys.argv[1]](sys.argv[2])
