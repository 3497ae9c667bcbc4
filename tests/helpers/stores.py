"""A store on loopback that speaks S3, and tables of pairs for a small model of an earlier version."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from flows.commands.running import run_flow

OLD = Path(__file__).parents[1] / "data/run-0.1.0"
MODEL = str(OLD / "runs" / "current")


@contextmanager
def s3_store(bucket: str) -> Iterator[s3fs.S3FileSystem]:
    """A server with a bucket, named to whoever is started from here on."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urllib.request.urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()  # its servers share their buckets
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                environment.setenv(name, "test")
            environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
            s3fs.S3FileSystem.clear_instance_cache()  # one made for another server
            store = s3fs.S3FileSystem()
            store.mkdir(bucket)
            yield store
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
        server.stop()


def keys_of(store: s3fs.S3FileSystem, bucket: str) -> set[str]:
    """All keys of a bucket, as the server has them."""
    answer = store.call_s3("list_objects_v2", Bucket=bucket)
    return {each["Key"] for each in answer.get("Contents", [])}


def put_key(store: s3fs.S3FileSystem, bucket: str, key: str, content: bytes = b"precious") -> None:
    """Put an object under any key, whatever the client would make of it."""
    store.call_s3("put_object", Bucket=bucket, Key=key, Body=content)


def run_batch(pairs: object, out: object) -> dict[str, Any]:
    """What `twinflow batch --no-server` comes to."""
    parameters = {"pairs": str(pairs), "out": str(out), "model": MODEL}
    return run_flow("flows.batch:batch", parameters, "twinflow.monitoring.check", server=False)


def write_table(folder: Path, parts: int = 2, *, broken: bool = False) -> Path:
    """A table of the pairs that `MODEL` was tested on; a broken one has a number in it that is none."""
    folder.mkdir(parents=True)
    frame = pd.read_csv(OLD / "test.csv")
    if broken:
        frame.loc[0, "v3"] = np.inf
    for number, rows in enumerate(np.array_split(np.arange(len(frame)), parts)):
        frame.iloc[rows].to_parquet(folder / f"part-{number}.parquet", index=False)
    return folder
