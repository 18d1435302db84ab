import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** The keys that streams are signed with: one signs, and at most one other still verifies (or will soon sign). */
export interface KeyRing {
  readonly active: string
  readonly keys: ReadonlyMap<string, Buffer>
}

const file = z
  .object({
    active: z.string(),
    keys: z.record(z.string().regex(/^[\w-]{1,16}$/), z.base64url().min(43)),
  })
  .refine(({ active, keys }) => Object.hasOwn(keys, active), { error: 'the active key is not in the ring' })
  .refine(({ keys }) => Object.keys(keys).length <= 2, { error: 'a ring holds at most two keys' })

/** Reads `stream-keys.json`: `{ "active": kid, "keys": { kid: base64url of 32 bytes or more } }`. Throws what does not hold. */
export function parseKeyRing(text: string): KeyRing {
  const { active, keys } = file.parse(JSON.parse(text))
  return {
    active,
    keys: new Map(Object.entries(keys).map(([kid, key]) => [kid, Buffer.from(key, 'base64url')])),
  }
}

/** The text of a first ring: one key, and it signs. */
export function firstKeyRing(): string {
  const kid = randomBytes(4).toString('hex')
  return `${JSON.stringify({ active: kid, keys: { [kid]: randomBytes(32).toString('base64url') } }, null, 2)}\n`
}
