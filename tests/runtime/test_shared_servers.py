"""The servers that the tests of a session share."""

import psycopg
import redis
from sqlalchemy import create_engine, text


def test_a_fresh_database_is_a_copy_of_its_own(database_url, fresh_database_url, sql):
    sql(database_url, "CREATE TABLE only_here (value int)")
    try:
        sql(fresh_database_url, "SELECT * FROM only_here")
    except psycopg.errors.UndefinedTable:
        pass
    else:
        raise AssertionError("two databases are one")
    finally:
        sql(database_url, "DROP TABLE only_here")


def test_the_addresses_work_for_their_libraries(database_url, redis_url):
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_database()")).scalar_one().startswith("kopru_test_gw")
    engine.dispose()
    with redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_redis_is_empty_before_each_test(redis_url):
    with redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
