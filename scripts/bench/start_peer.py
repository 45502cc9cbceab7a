"""Query 1 and its export as a script of a user's own: `original` scans and copies one by one, `today` queries the index and copies in threads."""
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config

way, folder = sys.argv[1:]
threads = 32
bucket = os.environ["ML_PIPELINE_BUCKET"]
s3 = boto3.client("s3", config=Config(max_pool_connections=threads))
table = boto3.resource("dynamodb").Table(os.environ["ML_PIPELINE_TABLE"])


def pages(read, **request):
    while True:
        page = read(**request)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def copy(id):
    s3.copy_object(Bucket=bucket, Key=f"{folder}/images/{id}.jpg", CopySource=f"{bucket}/images/{id}.jpg")


if way == "original":
    wanted = Attr("gender").eq("Men") & Attr("subCategory").eq("Shoes") & Attr("year").gt(2012)
    products = list(pages(table.scan, FilterExpression=wanted))
    for product in products:
        copy(product["id"])
else:
    products = list(
        pages(
            table.query,
            IndexName="bySubCategory",
            KeyConditionExpression=Key("subCategory").eq("Shoes") & Key("yearId").gte("2013"),
            FilterExpression=Attr("gender").eq("Men"),
        )
    )
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(copy, [product["id"] for product in products]))
s3.put_object(Bucket=bucket, Key=f"{folder}/metadata.json", Body=json.dumps(products, default=int))
