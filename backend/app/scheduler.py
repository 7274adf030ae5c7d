"""What the service does by the clock."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from app.dependencies import Resources
from app.services.upkeep import Upkeep

STRENGTHEN_EVERY_SECONDS = 2
LOOK_FOR_SETTINGS_EVERY_SECONDS = 2


def start_scheduler(resources: Resources) -> AsyncIOScheduler:
    """Start the clock; jobs that come late still run, once."""
    upkeep = Upkeep(
        resources.database,
        resources.column,
        clock=resources.clock,
        hot_days=resources.settings.memory_hot_days,
    )
    scheduler = AsyncIOScheduler(
        timezone=resources.settings.timezone,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    scheduler.add_job(upkeep.run, CronTrigger(hour=1, minute=30))
    _schedule_dream(scheduler, resources)
    scheduler.add_job(
        resources.strengthening.flush, IntervalTrigger(seconds=STRENGTHEN_EVERY_SECONDS)
    )
    scheduler.add_job(
        resources.models.watch, IntervalTrigger(seconds=LOOK_FOR_SETTINGS_EVERY_SECONDS)
    )
    scheduler.start()
    return scheduler


def _schedule_dream(scheduler: AsyncIOScheduler, resources: Resources) -> None:
    """At two in the morning, and every hour since the start for people elsewhere, for late writes and for
    what failed: what is due is in the database, so it does no harm to look, and replicas that started at
    different times do not all look at once."""
    scheduler.add_job(_wake, CronTrigger(hour=2), args=[resources])
    scheduler.add_job(_wake, IntervalTrigger(hours=1), args=[resources])
    scheduler.add_job(resources.pruning.run, CronTrigger(hour=3))
    scheduler.add_job(resources.downshift.run, CronTrigger(hour=4))


async def _wake(resources: Resources) -> None:
    resources.dreamer.wake()
