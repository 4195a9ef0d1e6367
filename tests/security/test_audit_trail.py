"""The story of a running installation: sealed as it happens, and every change of the past is found.

What single rows can suffer is tried in ``tests/storage/test_audit.py``; here the command tells it.
"""

import pytest

from kopru.runtime.compose import compose
from kopru.runtime.servers import connect
from kopru.storage.audit import check_anchor

COUNT = 12


@pytest.fixture(scope="module")
def witness(story):
    """A company with a short story of its own; it is put back after each tampering."""
    story.at.kopru("tenant", "add", "witness", ok=True)
    for n in range(COUNT):
        story.at.kopru(
            "plugin", ("enable", "disable")[n % 2], "trendyol", "-t", "witness", ok=True, kept=False
        )
    story.at.wait(lambda: report(story)["sealed"] == COUNT, 60)


def report(story):
    return story.at.json("audit", "verify", tenant="witness", kept=False)[0]


OWN = "tenant_id = (select id from tenant where slug = 'witness')"
AT = f"(select id from event where {OWN} order by id offset 5 limit 1)"
NEXT = f"(select id from event where {OWN} order by id offset 6 limit 1)"
TAMPERING = {
    "one letter": f"update event set actor = 'operatos' where id = {AT}",
    "time": f"update event set at = at + interval '1 microsecond' where id = {AT}",
    "delete": f"delete from event where id = {AT}",
    "delete with its seal": f"with e as (delete from event where id = {AT} returning id)"
    " delete from event_seal where event_id in (select id from e)",
    "swap": f"update event set action = case when id = {AT} then 'plugin.enabled' else 'plugin.disabled' end"
    f" where id in ({AT}, {NEXT})",
    "seal": f"update event_seal set hash = sha256(hash) where event_id = {AT}",
    "put in between": "insert into event (tenant_id, id, actor, subject, subject_id, action)"
    f" overriding system value select tenant_id, -id, actor, subject, subject_id, action from event where id = {AT}",
}


@pytest.fixture
def tamper(story, witness):
    """Change the past as the owner of the cluster could, and put it back."""
    with story.at.database() as db:
        for table in ("event", "event_seal"):
            db.execute(f"create temp table kept_{table} as select * from {table} where {OWN}")

        def change(statement):
            assert db.execute(statement).rowcount

        yield change
        for table in ("event_seal", "event"):
            db.execute(f"delete from {table} where {OWN}")
            db.execute(f"insert into {table} overriding system value select * from kept_{table}")
    assert report(story)["intact"]


def test_the_story_is_sealed_while_it_happens(story, witness):
    found = report(story)
    assert (found["events"], found["sealed"], found["unsealed"], found["intact"]) == (COUNT, COUNT, 0, True)
    assert story.at.json("audit", "verify")[0]["intact"]


@pytest.mark.parametrize("how", TAMPERING)
def test_the_command_finds_it(story, tamper, how):
    tamper(TAMPERING[how])
    found = story.at.kopru("audit", "verify", "-t", "witness", kept=False)
    assert found.exit_code == 1
    assert "chain breaks at event" in found.output


@pytest.fixture
def kept(story, witness):
    """Whether the chain still holds a head that was kept elsewhere."""
    head = report(story)["head"]

    def holds():
        with connect(story.at.settings) as endpoints, compose(story.at.settings, endpoints) as engine:
            return check_anchor(engine.store, engine.store.tenant_id("witness"), head)

    assert holds()
    return holds


def test_a_tail_that_was_cut_off_is_found_by_the_head_kept_elsewhere(story, kept, tamper):
    cut = f"with cut as (delete from event where {OWN} and id > {AT} returning id)"
    tamper(f"{cut} delete from event_seal where event_id in (select id from cut)")
    assert report(story)["intact"], "what is left is a chain"
    assert not kept()


def test_a_tail_that_was_written_anew_is_found_by_the_head_kept_elsewhere(story, kept, tamper):
    tamper(f"update event set actor = 'nobody' where {OWN} and id > {AT}")
    tamper(f"delete from event_seal where {OWN} and event_id > {AT}")
    story.at.wait(lambda: report(story)["unsealed"] == 0, 60)
    assert report(story)["intact"], "the sealer made a chain of it again"
    assert not kept()
