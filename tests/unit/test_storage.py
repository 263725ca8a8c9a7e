"""What keeps files, the same in a folder and in an object store, and what becomes of a store that is in trouble."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from botocore.exceptions import NoRegionError
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import StorageFullError, StorageUnavailableError
from app.storage import local, s3, sweeping
from app.storage.addresses import storage_at
from app.storage.local import LocalStorage
from app.storage.protocols import Kept, Storage
from config import Settings
from tests.factories import make_analysis
from tests.object_store import KEY as ACCESS_KEY
from tests.object_store import SECRET, ObjectStore, in_both

KEY, OTHER = "analyses/A/photograph.png", "analyses/B/photograph.png"
SOMEBODY = "key:secret"
PRODUCTION = {
    "environment": "production",
    "secret_key": "k" * 32,
    "master_key": "A" * 43 + "=",
    "allowed_hosts": "lentigo.test",
}


@pytest.fixture
def kept(settings: Settings) -> Kept:
    """What keeps the encrypted objects, without the encryption."""
    return storage_at(settings.storage, settings)


@pytest.fixture
def store(object_store: ObjectStore) -> Iterator[ObjectStore]:
    object_store.mend()
    yield object_store
    object_store.mend()


def names(found: Iterator[tuple[str, object]]) -> list[str]:
    return [key for key, _ in found]


@in_both
def test_what_is_kept_comes_back_is_replaced_and_forgotten(kept: Kept) -> None:
    kept.put_all({KEY: b"photograph", OTHER: b""})
    kept.put(KEY, b"another")

    assert (kept.get(KEY), kept.get(OTHER)) == (b"another", b"")
    assert (kept.beginning(KEY, 3), kept.beginning(KEY, 30), kept.beginning(OTHER, 3)) == (b"ano", b"another", b"")
    kept.delete(KEY)
    kept.delete(KEY)
    kept.delete_all([KEY, OTHER])
    assert list(kept.keys()) == []


@in_both
@pytest.mark.parametrize("key", ["analyses/A/missing.png", "missing"])
def test_what_was_never_kept_is_not_found(kept: Kept, key: str) -> None:
    for read in (kept.get, lambda missing: kept.beginning(missing, 5)):
        with pytest.raises(FileNotFoundError):
            read(key)


@in_both
def test_a_key_leads_nowhere_else(kept: Kept) -> None:
    odd = ["../outside", "/etc/passwd", "a//b", "a/./b", "a\\b", "", "a/", "ä", "a\n", ".hidden"]
    uses = (kept.get, kept.delete, lambda key: kept.put(key, b"x"), lambda key: kept.delete_all([key]))

    for use, key in product(uses, odd):
        with pytest.raises(ValueError, match="not a storage key"):
            use(key)


@in_both
def test_keys_come_in_one_order_from_wherever_one_goes_on(kept: Kept) -> None:
    keys = ["a-b/x", "a/b/c", "a/b-c", "a/b", "a0", "b", "B/x.png", "a/b/d.pdf", "_/x"]
    keys.remove("a/b")  # which no folder can hold beside a/b/c
    kept.put_all(dict.fromkeys(keys, b"x"))

    found = names(kept.keys())

    assert found == sorted(keys)
    for after in ["", *keys, "a", "a/", "a/b", "zz"]:
        assert names(kept.keys(after=after)) == [key for key in sorted(keys) if key > after]
    assert names(kept.keys("a")) == ["a/b-c", "a/b/c", "a/b/d.pdf"]
    assert names(kept.keys("a/b", after="a/b/c")) == ["a/b/d.pdf"]
    assert names(kept.keys("nothing")) == []


def test_a_folder_of_more_than_memory_takes_is_read_in_parts(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"analyses/{number:02}/{name}" for number in range(20) for name in ("p.png", "t.jpg")]
    kept.put_all(dict.fromkeys(keys, b"x"))
    monkeypatch.setattr(local, "IN_MEMORY", 3)

    assert names(kept.keys()) == sorted(keys)
    assert names(kept.keys(after="analyses/07/p.png")) == sorted(keys)[15:]


@in_both
def test_what_others_have_put_beside_it_is_passed_over(settings: Settings, kept: Kept) -> None:
    kept.put(KEY, b"x")
    if isinstance(kept, LocalStorage):
        (settings.files / "analyses" / "lost + found").write_bytes(b"x")
        (settings.files / ".partial-x").write_bytes(b"x")
    else:
        client, name = kept._client(), kept._prefix + "analyses/lost + found"  # type: ignore[attr-defined]
        client.put_object(Bucket=kept._bucket, Key=name, Body=b"x")  # type: ignore[attr-defined]

    assert names(kept.keys()) == [KEY]


@pytest.mark.parametrize("on_object_store", [True])
def test_many_threads_may_use_it_at_once(kept: Kept) -> None:
    keys = [f"analyses/{number}/photograph.png" for number in range(16)]

    def walk(key: str) -> bytes:
        kept.put(key, key.encode())
        return kept.get(key)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(walk, keys)) == [key.encode() for key in keys]


@pytest.mark.parametrize(("on_object_store", "at_least"), [(False, 1), (False, 7), (False, 10_000), (True, 7)])
def test_walks_over_a_part_have_seen_all_after_64_of_them(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, at_least: int
) -> None:
    keys = {f"analyses/{letter}{number}/p.png" for letter in "-A_z9" for number in range(3)}
    kept.put_all(dict.fromkeys([*keys, "analysesA/p", "batches/A"], b"x"))
    monkeypatch.setattr(sweeping, "AT_LEAST", at_least)
    every = timedelta(minutes=30)
    moments = [now() + timedelta(hours=2) + turn * every for turn in range(64 if at_least == 1 else 4)]

    walks = [list(sweeping.old_keys(kept, "analyses", moment=at, every=every)) for at in moments]

    assert all(len(set(walk)) == len(walk) and set(walk) <= keys for walk in walks)
    if at_least == 1:
        assert set().union(*walks) == keys
        assert max(map(len, walks)) <= 3
    else:
        assert {len(walk) for walk in walks} <= {min(at_least, len(keys)), *range(at_least, at_least + 3)}


def test_a_store_is_asked_no_more_than_needed(store: ObjectStore, settings_there: Settings) -> None:
    kept = storage_at(settings_there.storage, settings_there)
    kept.put_all({KEY: b"x", OTHER: b"x"})
    kept.get(KEY)
    kept.beginning(KEY, 1)
    names(kept.keys())
    kept.ready()
    kept.ready()
    kept.delete_all([KEY, OTHER])

    assert store.asked() == {"PUT": 2, "GET": 2, "LIST": 1, "HEAD bucket": 1, "DELETE MANY": 1}


@pytest.fixture
def settings_there(store: ObjectStore, tmp_path: Path) -> Settings:
    return Settings(environment="testing", instance=tmp_path / "instance", **store.settings())


@pytest.fixture
def there(settings_there: Settings) -> Storage:
    return storage_at(settings_there.storage, settings_there)


def test_many_are_listed_and_deleted_many_at_once(
    store: ObjectStore, there: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "MOST_AT_ONCE", 4)
    keys = [f"analyses/{number}" for number in range(9)]
    there.put_all(dict.fromkeys(keys, b"x"))
    store.asked()

    assert names(there.keys("analyses")) == keys
    there.delete_all(keys)
    assert names(there.keys()) == []
    assert store.asked() == {"LIST": 4, "DELETE MANY": 3}


def test_an_answer_that_breaks_off_is_asked_for_again(store: ObjectStore, there: Storage) -> None:
    there.put(KEY, b"photograph")
    store.cut(2)

    assert there.get(KEY) == b"photograph"
    store.cut(3)
    with pytest.raises(StorageUnavailableError):
        there.get(KEY)


def test_a_store_that_is_busy_for_a_moment_is_asked_again(store: ObjectStore, there: Storage) -> None:
    store.fail(1)

    there.put(KEY, b"photograph")

    assert there.get(KEY) == b"photograph"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (("403 Forbidden", "AccessDenied"), StorageUnavailableError),
        (("404 Not Found", "NoSuchBucket"), StorageUnavailableError),
        (("400 Bad Request", "QuotaExceeded"), StorageFullError),
    ],
)
def test_what_a_store_refuses_is_not_taken_for_missing(
    store: ObjectStore, there: Storage, answer: tuple[str, str], error: type[Exception]
) -> None:
    for use in (lambda: there.get(KEY), lambda: there.put(KEY, b"x"), lambda: list(there.keys())):
        store.fail(1, *answer)
        with pytest.raises(error):
            use()


def test_a_store_that_does_not_delete_what_it_should_is_noticed(
    there: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = there._client()  # type: ignore[attr-defined]
    monkeypatch.setattr(client, "delete_objects", lambda **_: {"Errors": [{"Key": KEY, "Code": "AccessDenied"}]})

    with pytest.raises(StorageUnavailableError):
        there.delete_all([KEY])


def test_a_store_that_cannot_even_be_asked_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise NoRegionError

    monkeypatch.setattr(s3.Account, "connect", connect)

    assert not s3.S3Storage("photographs", "", s3.Account("http://nowhere.test")).ready()


def test_a_store_that_is_gone_is_not_ready_and_is_again_when_it_is_back(store: ObjectStore, there: Storage) -> None:
    there.put(KEY, b"photograph")
    before = there.ready()
    store.stop()

    with pytest.raises(StorageUnavailableError):
        there.get(KEY)
    during = there.ready()
    store.start()

    assert (before, during, there.ready()) == (True, False, True)
    assert there.get(KEY) == b"photograph"


@pytest.mark.parametrize("on_object_store", [True])
def test_a_page_says_that_the_store_does_not_answer(
    reader: FlaskClient, session: Session, owner: User, storage: Storage, store: ObjectStore
) -> None:
    address = f"/results/{make_analysis(session, owner, storage=storage).public_id}/image"
    store.stop()

    answer = reader.get(address)
    store.start()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "does not answer" in answer.text
    assert reader.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["s3://", "s3://Bucket", "s3://bucket/pre fix", f"s3://{SOMEBODY}@bucket", "http://x", "/srv", "file://srv"],
)
def test_what_is_no_address_of_a_storage_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="it must be s3://bucket"):
        Settings(storage_url=address)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.setting_kinds.find_spec", lambda _name: None)

    with pytest.raises(ValidationError, match="pip install boto3"):
        Settings(storage_url="s3://bucket")


@pytest.mark.parametrize(
    "endpoint", [f"https://{SOMEBODY}@objects.test", "https://objects.test/bucket", "objects.test"]
)
def test_an_endpoint_is_a_server_alone(endpoint: str) -> None:
    with pytest.raises(ValidationError):
        Settings(s3_endpoint=endpoint)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"s3_endpoint": "http://objects.test"}, "over plain HTTP"),
        ({"s3_endpoint": "http://objects.test", "s3_plain_http": True}, None),
        ({"s3_endpoint": "http://127.0.0.1:9000"}, None),
        ({"s3_endpoint": "https://objects.test"}, None),
        ({"s3_key": "key"}, "needs its secret"),
    ],
)
def test_production_does_not_ask_a_store_over_plain_http(said: dict[str, object], sentence: str | None) -> None:
    if sentence is None:
        assert Settings(**PRODUCTION, **said)
        return
    with pytest.raises(ValidationError, match=sentence):
        Settings(**PRODUCTION, **said)


def test_nothing_tells_the_secret_of_the_store(
    written: io.StringIO, store: ObjectStore, settings_there: Settings, there: Storage
) -> None:
    store.fail(1, "403 Forbidden", "InvalidAccessKeyId")
    with pytest.raises(StorageUnavailableError):
        there.put(KEY, b"x")

    told = f"{written.getvalue()} {settings_there!r} {there!r} {vars(there)!r}"
    assert "InvalidAccessKeyId" in told
    assert not [word for word in (SECRET, ACCESS_KEY, "Signature") if word in told]
