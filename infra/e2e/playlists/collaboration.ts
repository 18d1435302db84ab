import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiClient } from '../../testing/client.ts'
import { runCuts } from './cuts.ts'
import { runEditors } from './editors.ts'
import { signUpPeople } from './people.ts'

/** Cadenza as services, as far as these tests look into it. */
export interface Services {
  doors: readonly string[]
  databaseUrl: string
  /** Ends the playlists room as a power cut would, and has it back. */
  killRoom(): Promise<void>
}

const EDITS = 100
const WATCHERS = 20
const CUTS = 5

/** Small forms of the benches of the same names. */
export function testCollaboration(services: () => Services): void {
  let db: pg.Pool
  let people: ApiClient[]

  beforeAll(async () => {
    db = new pg.Pool({ connectionString: services().databaseUrl, max: 2 })
    people = await signUpPeople(services().doors[0] ?? '', 4)
  })
  afterAll(() => db.end())

  test(`${WATCHERS} clients at two doors, each cut off ${CUTS} times during ${EDITS} edits: no edit is missing, repeated or out of order for any`, async () => {
    const { doors } = services()
    const seed = Date.now() % 1_000_000_007
    process.stdout.write(`cuts: seed ${seed}\n`)

    const result = await runCuts({ doors, db, people, watchers: WATCHERS, cuts: CUTS, edits: EDITS, seed })

    expect(result.connections).toBeGreaterThan(WATCHERS * 2)
    expect(result.told).toBeGreaterThan(WATCHERS * (EDITS / 2))
  }, 120_000)

  test(`2 editors, ${EDITS} edits, the room killed once: what was acknowledged is in the list, once`, async () => {
    const { doors, killRoom } = services()
    const seed = Date.now() % 1_000_000_007
    process.stdout.write(`editors: seed ${seed}\n`)

    const { applied } = await runEditors({
      door: doors[0] ?? '',
      db,
      people: people.slice(0, 2),
      edits: EDITS,
      kills: 1,
      kill: killRoom,
      seed,
    })

    expect(applied).toBeGreaterThan(EDITS / 2)
  }, 120_000)
}
