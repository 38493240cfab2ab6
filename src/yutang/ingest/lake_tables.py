"""Tables of the ground that are published to the lake: foundation lies below this registry, so they stand here."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="foundation_store",
        sql="SELECT s.id AS store_id, s.code AS code, s.name AS name, s.region_id AS region_id FROM foundation_store AS s",
        columns={"store_id": "int64", "code": "string", "name": "string", "region_id": "int64"},
    )
)
