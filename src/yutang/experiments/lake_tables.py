"""Tables of the room that are published to the lake: who was drawn into which arm when, by keys."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="experiments_assignment",
        sql="""
            SELECT a.id AS assignment_id, a.experiment_id AS experiment_id, a.customer_id AS customer_id, a.arm AS arm,
                a.version AS version, a.assigned_at AS assigned_at, a.assigned_date AS assigned_date
            FROM experiments_assignment AS a
        """,
        columns={
            "assignment_id": "int64",
            "experiment_id": "int64",
            "customer_id": "int64",
            "arm": "int16",
            "version": "int16",
            "assigned_at": "timestamp",
            "assigned_date": "date",
        },
        month_column="assigned_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="experiments_groupmember",
        sql="""
            SELECT m.assignment_id AS assignment_id, m.customer_id AS customer_id, m.assigned_date AS assigned_date
            FROM experiments_groupmember AS m
        """,
        columns={"assignment_id": "int64", "customer_id": "int64", "assigned_date": "date"},
        month_column="assigned_date",
    )
)
