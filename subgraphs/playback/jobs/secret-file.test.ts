import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { firstKeyRing, parseKeyRing } from '../services/key-ring.ts'
import { signStream, verifyStream } from '../services/stream-token.ts'
import { CLAIMS, NOW } from '../testing/signed.ts'
import { openSecretFile } from './secret-file.ts'

const logger = createLogger('test', 'silent')
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-keys-'))
})
afterEach(() => rm(home, { recursive: true }))

const openKeys = () =>
  openSecretFile({ home, name: 'stream-keys.json', first: firstKeyRing, parse: parseKeyRing, logger })
const file = () => join(home, 'secrets', 'stream-keys.json')

test('an installation makes its keys once; processes that start at the same time share them', async () => {
  const opened = await Promise.all(Array.from({ length: 5 }, () => openKeys()))
  const token = signStream(CLAIMS, (await openKeys()).current())

  for (const keys of opened) expect(verifyStream(token, keys.current(), NOW)).toEqual(CLAIMS)
  expect((await stat(file())).mode & 0o077).toBe(0)
})

test('keys are rotated while streams play: none of their tokens is refused', async () => {
  const keys = await openKeys()
  const before = signStream(CLAIMS, keys.current())
  const { active, keys: held } = JSON.parse(await readFile(file(), 'utf8'))
  const both = { ...held, next: Buffer.alloc(32, 7).toString('base64url') }

  await writeFile(file(), JSON.stringify({ active, keys: both }))
  await keys.refresh()
  expect(keys.current().active).toBe(active)
  await writeFile(file(), JSON.stringify({ active: 'next', keys: both }))
  await keys.refresh()
  const after = signStream(CLAIMS, keys.current())

  expect(after).toContain('.next.')
  for (const token of [before, after]) expect(verifyStream(token, keys.current(), NOW)).toEqual(CLAIMS)
  await writeFile(file(), JSON.stringify({ active: 'next', keys: { next: both['next'] } }))
  await keys.refresh()
  expect(verifyStream(before, keys.current(), NOW)).toBeNull()
  expect(verifyStream(after, keys.current(), NOW)).toEqual(CLAIMS)
})

test('a file that does not hold, or is gone, leaves the ring as it was', async () => {
  const keys = await openKeys()
  const token = signStream(CLAIMS, keys.current())

  for (const text of ['', '{"active":"x","keys":{}}', 'not json']) {
    await writeFile(file(), text)
    await keys.refresh()
  }
  await rm(file())
  await keys.refresh()
  expect(verifyStream(token, keys.current(), NOW)).toEqual(CLAIMS)
})
