import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Counter } from 'prom-client'
import { metrics } from '#shared/telemetry.ts'
import { createGate } from './gate.ts'
import { isOverlong } from './password-rules.ts'

/** argon2id at 19 MiB, two passes, one lane: the least that OWASP's password storage sheet accepts, 10 to 30 ms of a core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

const operations = new Counter({
  name: 'cadenza_users_password_operations_total',
  help: 'argon2id operations begun',
  labelNames: ['operation'] as const,
  registers: [metrics],
})

export interface Passwords {
  /** The argon2id hash of a password in its PHC form. RATE_LIMITED when too many wait. */
  hash(password: string): Promise<string>
  /** Whether the password is the one hashed. Without a hash the answer is no, after the same work as with one. */
  verify(hashed: string | null, password: string): Promise<boolean>
}

export function createPasswords(limits: { concurrency: number; queueLength: number }): Passwords {
  const gate = createGate(limits.concurrency, limits.queueLength)
  const nobodys = unmatchableHash()

  return {
    hash: (password) =>
      gate.run(() => {
        operations.inc({ operation: 'hash' })
        return hash(normalise(password), COST)
      }),
    verify: (hashed, password) =>
      gate.run(() => {
        operations.inc({ operation: 'verify' })
        // No account has an overlong password: the answer is no, after the same work.
        const isPossible = hashed !== null && !isOverlong(password)
        return verify(isPossible ? hashed : nobodys, isOverlong(password) ? '' : normalise(password))
      }),
  }
}

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B). */
function normalise(password: string): string {
  return password.normalize('NFKC')
}

/** A hash of the same cost that no password has: its bytes are random, not computed. */
function unmatchableHash(): string {
  const [salt, digest] = [16, COST.outputLen].map((length) =>
    randomBytes(length).toString('base64').replace(/=+$/, ''),
  )
  return `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$${salt}$${digest}`
}
