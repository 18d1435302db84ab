import type { Caller } from './caller.ts'

export interface AdmissionOptions {
  /** Sockets and event streams of one person at the same time. */
  perUser: number
  /** The same of one address, whoever comes from it. */
  perAddress: number
}

export const ADMISSION: AdmissionOptions = { perUser: 50, perAddress: 2_000 }

/** Counts what stays connected. Each way in returns the way out, or null where there are as many as there may be. */
export interface Admission {
  fromAddress(address: string): (() => void) | null
  /** Nobody in particular is counted by address alone. */
  asUser(caller: Caller): (() => void) | null
}

export function createAdmission({ perUser, perAddress }: AdmissionOptions): Admission {
  const users = createCount(perUser)
  const addresses = createCount(perAddress)
  return {
    fromAddress: addresses,
    asUser: ({ identity: { userId } }) => (userId === null ? () => undefined : users(userId)),
  }
}

function createCount(limit: number): (key: string) => (() => void) | null {
  const counts = new Map<string, number>()
  return (key) => {
    const count = counts.get(key) ?? 0
    if (count >= limit) return null
    counts.set(key, count + 1)
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      const left = (counts.get(key) ?? 1) - 1
      if (left === 0) counts.delete(key)
      else counts.set(key, left)
    }
  }
}
