"""The same net in Keras, fed by tf.data: files, decoded in parallel, in batches of 64."""
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import tf_keras

from measure import measure, spec

folder = Path(spec["model"])


def load():
    """The shipped model: its topology is Keras's own, its weights lie in a row, in half precision or in bytes."""
    network = json.loads((folder / "model.json").read_text())
    topology = network["modelTopology"]
    model = tf_keras.models.model_from_json(json.dumps(topology.get("model_config", topology)))
    data = (folder / "weights.bin").read_bytes()
    values, at = {}, 0
    for entry in network["weightsManifest"][0]["weights"]:
        stored = entry.get("quantization", {})
        kind = np.dtype(stored.get("dtype", entry["dtype"]))
        count = int(np.prod(entry["shape"]))
        raw = np.frombuffer(data, kind, count, at).astype(np.float32).reshape(entry["shape"])
        values[entry["name"]] = raw * stored.get("scale", 1) + stored.get("min", 0)
        at += count * kind.itemsize
    for weight in model.weights:
        weight.assign(values[weight.name.removesuffix(":0")])
    return model


def infer():
    model, card = load(), json.loads((folder / "pipeline.json").read_text())
    size, scale, offset = card["input"], card["input"]["scale"], card["input"]["offset"]

    def read(file):
        image = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
        return tf.image.resize(image, (size["height"], size["width"])) * scale + offset

    files = [str(Path(spec["images"]) / f"{id}.jpg") for id in spec["ids"]]
    # Not tf.data.AUTOTUNE: now and then it keeps an iterator that has ended waiting, for as long again as it has run.
    fixed = tf.data.Options()
    fixed.autotune.enabled = False
    batches = lambda files: tf.data.Dataset.from_tensor_slices(files).map(read, os.cpu_count()).batch(64).prefetch(2).with_options(fixed)
    model.predict(batches(files[:64]), verbose=0)
    first = card["attributes"][0]["labels"]
    return lambda: [first[best] for best in np.argmax(model.predict(batches(files), verbose=0)[0], axis=1)]


def infer_through_s3():
    import boto3
    from botocore.config import Config

    model, card = load(), json.loads((folder / "pipeline.json").read_text())
    size, scale, offset = card["input"], card["input"]["scale"], card["input"]["offset"]
    threads, bucket = 32, os.environ["ML_PIPELINE_BUCKET"]
    s3 = boto3.client("s3", config=Config(max_pool_connections=threads))
    first = card["attributes"][0]["labels"]

    def image(id):
        data = s3.get_object(Bucket=bucket, Key=f"{spec['folder']}/images/{id}.jpg")["Body"].read()
        pixels = tf.io.decode_jpeg(data, channels=3)
        return tf.image.resize(pixels, (size["height"], size["width"])) * scale + offset

    def label(ids):
        labels, batch = [], []
        with ThreadPoolExecutor(threads) as pool:
            for i, one in enumerate(pool.map(image, ids), 1):
                batch.append(one)
                if len(batch) == 64 or i == len(ids):
                    labels += [first[best] for best in np.argmax(model.predict_on_batch(tf.stack(batch))[0], axis=1)]
                    batch = []
        return labels

    def label_all():
        labels = label(spec["ids"])
        rows = [{"id": id, "gender": label} for id, label in zip(spec["ids"], labels)]
        s3.put_object(Bucket=bucket, Key=f"{spec['folder']}/predictions/metadata.json", Body=json.dumps(rows))
        return labels

    label(spec["ids"][:64])
    return label_all


measure({"infer": infer, "infer_through_s3": infer_through_s3})
