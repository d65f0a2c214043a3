"""The contract of a blob store, on a folder and on a bucket."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer

from core.errors import StoreError, StoreUnavailable
from core.store.blobs import BlobStore, BucketBlobs, FolderBlobs, address, keep
from core.store.engine import make_engine
from core.store.models import Blob
from core.store.session import session_factory, unit_of_work

SHA = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of b"hello"
SOON = timedelta(hours=1)


def spoil(store, sha):
    store._remove(address(sha))
    if isinstance(store, FolderBlobs):
        (store.root / address(sha)).write_bytes(b"other")
    else:
        store._write(address(sha), b"other")


class BlobStoreContract:
    """What every blob store does; a subclass gives the fixture `store`."""

    def test_what_is_put_is_got(self, store):
        assert store.put(b"hello") == SHA
        assert store.put(b"hello") == SHA
        assert store.get(SHA) == b"hello"
        assert store.exists(SHA)
        assert [sha for sha, _ in store.listing()] == [SHA]

    def test_empty_and_large(self, store):
        for data in (b"", os.urandom(3_000_000)):
            assert store.get(store.put(data)) == data

    def test_what_is_missing_says_so(self, store):
        assert not store.exists(SHA)
        with pytest.raises(StoreError) as caught:
            store.get(SHA)
        assert caught.value.number == 4020
        store.remove(SHA)

    def test_what_was_changed_says_so(self, store):
        store.put(b"hello")
        spoil(store, SHA)
        with pytest.raises(StoreError) as caught:
            store.get(SHA)
        assert caught.value.number == 4021

    @pytest.mark.parametrize(
        "name", ["", "../../etc/passwd", SHA.upper(), SHA + "0", "zz" + SHA[2:], SHA[:-1] + "\n"]
    )
    def test_only_a_hash_is_an_address(self, store, name):
        with pytest.raises(StoreError):
            store.get(name)

    def test_the_sweep_takes_old_files_without_a_row(self, store, sqlite_url):
        factory, now = session_factory(make_engine(sqlite_url)), datetime.now(UTC)
        with unit_of_work(factory) as session:
            kept = keep(
                session, store, b"kept", media_type="text/plain", estate="e", by="u", at=now, name="a.txt"
            )
            assert keep(session, store, b"kept", media_type="text/plain", estate="f", by="u", at=now) == kept
        store.put(b"hello")
        with unit_of_work(factory) as session:
            assert store.sweep(session, now - SOON) == []
            assert store.sweep(session, now + SOON) == [SHA]
            assert (session.get(Blob, kept).size, session.get(Blob, kept).estate) == (4, "e")
        assert store.get(kept) == b"kept"
        assert not store.exists(SHA)


class TestFolder(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return BlobStore.from_url(str(tmp_path / "blobs"))

    def test_at_most_two_flushes_a_file(self, store, monkeypatch):
        store.put(b"hello")
        calls = []
        real = os.fsync
        monkeypatch.setattr(os, "fsync", lambda fd: (calls.append(fd), real(fd)))
        (store.root / address(SHA)).unlink()
        store.put(b"hello")
        assert len(calls) == 2

    def test_a_full_disk_is_unavailable_and_keeps_nothing(self, store, monkeypatch):
        store.put(b"hello")

        def full(fd):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", full)
            with pytest.raises(StoreUnavailable, match="No space"):
                store.put(b"hello")
            assert store.get(SHA) == b"hello" and len(list((store.root / SHA[:2]).iterdir())) == 1
            (store.root / address(SHA)).unlink()
            with pytest.raises(StoreUnavailable, match="No space"):
                store.put(b"hello")
        assert (store.root / address(SHA)).stat().st_size == 0
        assert store.put(b"hello") == SHA and store.get(SHA) == b"hello"

    @pytest.mark.parametrize("left", [b"", b"hel", b"\0\0\0\0\0"])
    def test_what_a_power_cut_left_is_put_right(self, store, left):
        store.put(b"hello")
        (store.root / address(SHA)).write_bytes(left)
        assert store.put(b"hello") == SHA and store.get(SHA) == b"hello"

    def test_many_may_put_the_same_at_once(self, store):
        data = os.urandom(300_000)
        with ThreadPoolExecutor(8) as hands:
            shas = set(hands.map(lambda _: store.put(data), range(40)))
        assert len(shas) == 1 and store.get(shas.pop()) == data
        assert len(list(store.listing())) == len([path for path in store.root.rglob("*") if path.is_file()]) == 1

    def test_putting_again_keeps_the_sweep_away(self, store, sqlite_url):
        store.put(b"hello")
        old = datetime.now(UTC) - timedelta(days=2)
        os.utime(store.root / address(SHA), (old.timestamp(), old.timestamp()))
        store.put(b"hello")
        with unit_of_work(session_factory(make_engine(sqlite_url))) as session:
            assert store.sweep(session, datetime.now(UTC) - SOON) == []

    def test_a_file_url_is_a_folder(self, tmp_path):
        store = BlobStore.from_url(f"file://{tmp_path}/b")
        assert store.get(store.put(b"x")) == b"x"


@pytest.fixture(scope="module")
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


class TestBucket(BlobStoreContract):
    @pytest.fixture
    def store(self, s3_server, monkeypatch):
        for name, value in {
            "ACCESS_KEY_ID": "test",
            "SECRET_ACCESS_KEY": "test",
            "REGION": "us-east-1",
            "ENDPOINT": s3_server,
            "ALLOW_HTTP": "true",
        }.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        client = boto3.client(
            "s3",
            endpoint_url=s3_server,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        name = f"b{os.urandom(6).hex()}"
        client.create_bucket(Bucket=name)
        store = BlobStore.from_url(f"s3://{name}/papers")
        assert isinstance(store, BucketBlobs)
        return store
