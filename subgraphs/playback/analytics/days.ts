export const DAY_MS = 24 * 3_600_000

/** The day (UTC) of an instant, YYYY-MM-DD. */
export function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10)
}

/** The first of so many days, of which today (UTC) is the last. */
export function firstDay(days: number, now: number): string {
  return dayOf(new Date(now - (days - 1) * DAY_MS))
}
