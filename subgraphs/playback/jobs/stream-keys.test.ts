import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { signStream, verifyStream } from '../services/stream-token.ts'
import { CLAIMS, NOW } from '../testing/signed.ts'
import { openStreamKeys } from './stream-keys.ts'

const logger = createLogger('test', 'silent')
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-keys-'))
})
afterEach(() => rm(home, { recursive: true }))

const file = () => join(home, 'secrets', 'stream-keys.json')

test('an installation makes its keys once; processes that start at the same time share them', async () => {
  const opened = await Promise.all(Array.from({ length: 5 }, () => openStreamKeys(home, logger)))
  const token = signStream(CLAIMS, (await openStreamKeys(home, logger)).ring())

  for (const keys of opened) expect(verifyStream(token, keys.ring(), NOW)).toEqual(CLAIMS)
  expect((await stat(file())).mode & 0o077).toBe(0)
})

test('keys are rotated while streams play: none of their tokens is refused', async () => {
  const keys = await openStreamKeys(home, logger)
  const before = signStream(CLAIMS, keys.ring())
  const { active, keys: held } = JSON.parse(await readFile(file(), 'utf8'))
  const both = { ...held, next: Buffer.alloc(32, 7).toString('base64url') }

  await writeFile(file(), JSON.stringify({ active, keys: both }))
  await keys.refresh()
  expect(keys.ring().active).toBe(active)
  await writeFile(file(), JSON.stringify({ active: 'next', keys: both }))
  await keys.refresh()
  const after = signStream(CLAIMS, keys.ring())

  expect(after).toContain('.next.')
  for (const token of [before, after]) expect(verifyStream(token, keys.ring(), NOW)).toEqual(CLAIMS)
  await writeFile(file(), JSON.stringify({ active: 'next', keys: { next: both['next'] } }))
  await keys.refresh()
  expect(verifyStream(before, keys.ring(), NOW)).toBeNull()
  expect(verifyStream(after, keys.ring(), NOW)).toEqual(CLAIMS)
})

test('a file that does not hold, or is gone, leaves the ring as it was', async () => {
  const keys = await openStreamKeys(home, logger)
  const token = signStream(CLAIMS, keys.ring())

  for (const text of ['', '{"active":"x","keys":{}}', 'not json']) {
    await writeFile(file(), text)
    await keys.refresh()
  }
  await rm(file())
  await keys.refresh()
  expect(verifyStream(token, keys.ring(), NOW)).toEqual(CLAIMS)
})
