"""Whole processes, from their start to their end."""
import sys
from pathlib import Path

from measure import measure, program, spec

root = Path(__file__).parents[2]
node, python = spec["node"], sys.executable
query = ["scripts/query.mjs", "--query", "1", "--to", spec["folder"]]
sdk = "".join(
    f"import {{ {client} }} from '@aws-sdk/client-{package}'; new {client}({{}});"
    for package, client in [("dynamodb", "DynamoDBClient"), ("s3", "S3Client"), ("sqs", "SQSClient")]
)
start = str(Path(__file__).parent / "start_peer.py")
commands = {
    "query_node": [node, *query],
    "query_npx": ["npx", "zx", *query],
    "query_original": [python, start, "original", spec["folder"]],
    "query_today": [python, start, "today", spec["folder"]],
    "import_kit": [node, "--input-type=module", "-e", "import { clients } from 'ml-pipeline'; clients()"],
    "import_sdk": [node, "--input-type=module", "-e", sdk],
    "import_boto3": [python, "-c", "import boto3; [boto3.client(name) for name in ('dynamodb', 's3', 'sqs')]"],
    "import_wrangler": [python, "-c", "import awswrangler"],
}
ids = spec["ids"]
tasks = {name: lambda command=command: lambda: program(*command, cwd=root) or len(ids) for name, command in commands.items()}
measure(tasks)
