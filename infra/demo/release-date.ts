import { createChance } from './chance.ts'

/** The day the catalogue was closed: nothing in it is younger. */
const CLOSED_ON = '2026-11-21'

/** Since July 2015 records come out on Fridays all over the world; Mondays before. */
const FRIDAYS_SINCE = '2015-07'
const MONDAY = 1
const FRIDAY = 5

/** A day for a release of the month `YYYY-MM`, on the weekday records came out on then. */
export function releaseDateOf(releaseKey: string, month: string): string {
  const weekday = month >= FRIDAYS_SINCE ? FRIDAY : MONDAY
  const days: string[] = []
  for (let day = 1; day <= 28; day++) {
    const date = `${month}-${String(day).padStart(2, '0')}`
    if (new Date(`${date}T00:00:00Z`).getUTCDay() === weekday && date <= CLOSED_ON) days.push(date)
  }
  return createChance(`day ${releaseKey}`).pick(days)
}

/** Whole days from a date to the day the catalogue was closed. */
export function ageInDays(date: string): number {
  return Math.round((Date.parse(CLOSED_ON) - Date.parse(date)) / 86_400_000)
}
