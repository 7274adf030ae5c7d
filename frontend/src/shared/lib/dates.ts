/** Moments and days as this person reads them: in the zone of their account. */
const cache = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = cache.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    cache.set(key, found);
  }
  return found;
}

/** `24 Nov 2026, 18:05` */
export function momentIn(zone: string, iso: string): string {
  return format(zone, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(iso));
}

/** `18:05` */
export function timeIn(zone: string, iso: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
}

/** `Tuesday, 24 November 2026` for a day such as `2026-11-24`, which is in no zone. */
export function dayInWords(day: string): string {
  return format("UTC", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** The local day of a moment: `2026-11-24`. */
export function dayIn(zone: string, moment: Date): string {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(
    moment,
  );
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/**
 * The first moment of a local day, as ISO in UTC: for spans that people give in days. Looks at the
 * zone's own clock, so days on which it is set have their right length.
 */
export function startOfDay(zone: string, day: string): string {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let guess = wanted;
  for (let round = 0; round < 3; round += 1) guess -= wallClock(zone, guess) - wanted;
  return new Date(guess).toISOString();
}

/** What a zone's clocks show at a moment, as if it were UTC. */
function wallClock(zone: string, moment: number): number {
  const parts = format(zone, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(moment));
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
  return Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
}

/** The day after `2026-02-28`. */
export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** `November 2026` for `2026-11`. */
export function monthInWords(month: string): string {
  return format("UTC", { month: "long", year: "numeric" }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
}

/** The month after `2026-12`. */
export function nextMonth(month: string): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() + 1);
  return first.toISOString().slice(0, 7);
}
