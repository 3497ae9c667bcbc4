"""Faults of schedules (P06), as README.md lists them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.server.schemas.schedules import CronSchedule

from deployments.schedules import DECLARED

UTC = UTC
CHANGES = {  # of the clocks, forward and back, in 2026
    "Europe/London": [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)],
    "America/Montreal": [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)],
}


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize("cron", ["30 1 * * *", "30 2 * * *"])
def test_P06_a_daily_run_is_planned_once_a_day_whenever_the_scheduler_looks(zone: str, cron: str) -> None:
    schedule = CronSchedule(cron=cron, timezone=zone)

    async def plan(change: datetime) -> set[datetime]:
        looks = [change + timedelta(minutes=15 * step) for step in range(-20, 20)]
        return {run for look in looks for run in await schedule.get_dates(n=2, start=look)}

    for change in CHANGES[zone]:
        days = sorted(run.astimezone(ZoneInfo(zone)).date() for run in asyncio.run(plan(change)))
        assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
        assert change.date() in days


def test_P06_every_declared_schedule_names_its_zone_and_nothing_piles_up() -> None:
    for declared in yaml.safe_load(DECLARED.read_text())["deployments"]:
        assert all(schedule["timezone"] for schedule in declared["schedules"])
        assert declared["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
