import { AppError } from '#shared/errors.ts'

/** A calendar month in UTC, written 2026-10. */
export interface Month {
  name: string
  /** Its first day, as PostgreSQL reads a date. */
  day: string
  from: Date
  /** The first instant that is no longer in it. */
  to: Date
}

const NAME = /^20\d\d-(0[1-9]|1[0-2])$/

export function monthNamed(name: string): Month | null {
  if (!NAME.test(name)) return null
  const day = `${name}-01`
  const from = new Date(`${day}T00:00:00Z`)
  return { name, day, from, to: new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1)) }
}

/** The same, or BAD_USER_INPUT. */
export function readMonth(name: string): Month {
  const month = monthNamed(name)
  if (month === null) throw new AppError('BAD_USER_INPUT', 'A month is written YYYY-MM')
  return month
}

/** The month of an instant, in ms. */
export function monthOf(instant: number): Month {
  return readMonth(new Date(instant).toISOString().slice(0, 7))
}
