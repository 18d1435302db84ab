import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import type { Score } from '../audio/score.ts'
import { createAudioJobs, requestAudio } from '../services/audio-jobs.ts'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { createTestComposer, type TestComposer } from '../testing/composer.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'
import { createComposing } from './composing.ts'

const REQUESTED = 'playback.audio-requested.v1'
const PACKAGED = 'catalog.audio-packaged.v1'
const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
const ids = names.map((name) => idOf('track', name))
const [one, two] = ids as [string, string]

let catalog: TestCatalog
let composer: TestComposer
let onCompose: (score: Score) => Promise<void> | void

beforeEach(async () => {
  onCompose = () => undefined
  catalog = await createTestCatalog({
    createComposer(root) {
      composer = createTestComposer(root, (score) => onCompose(score))
      return composer
    },
  })
  await catalog.catalogue.write(
    draftTracks(...names.map((title) => ({ title, isComposable: true })), { title: 'imported' }),
  )
})
afterEach(() => catalog[Symbol.asyncDispose]())

const request = (playableId: string): Promise<void> =>
  catalog.hear('playback', REQUESTED, playableId, { playableId })
const rowOf = (playableId: string) => catalog.db.playableAudio.findUnique({ where: { playableId } })
const becomes = (playableId: string, state: string): Promise<void> =>
  vi.waitFor(async () => expect((await rowOf(playableId))?.state).toBe(state), {
    timeout: 10_000,
    interval: 20,
  })

test('what somebody wants to play is composed once from its own features, and told with its asset', async () => {
  const scores: Score[] = []
  onCompose = (score) => void scores.push(score)
  await catalog.room.start()

  await request(one)
  await request(one)
  await becomes(one, 'READY')

  const told = await catalog.events(PACKAGED)
  expect(scores).toMatchObject([
    { seed: one, durationMs: 200_000, tempo: 118.5, key: 7, mode: 1, energy: 0.6 },
  ])
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({ playableId: one, version: 2, asset: { durationMs: 200_000 } })
  expect(told[0]?.['asset'].renditions).toHaveLength(4)
})

test('what has no audio of ours is not composed, and neither is what does not exist', async () => {
  await catalog.room.start()

  await request(idOf('track', 'imported'))
  await request(idOf('track', 'nothing'))
  await request('\u0000 no id'.slice(1))
  await request(two)
  await becomes(two, 'READY')

  expect(composer.asked).toEqual([two])
  expect(await catalog.db.playableAudio.count()).toBe(1)
})

test('a piece that cannot be composed fails with the reason after three attempts', async () => {
  onCompose = () => {
    throw new Error('ffmpeg ended with 1')
  }
  await catalog.room.start()

  await request(one)
  await becomes(one, 'FAILED')

  expect(composer.asked).toEqual([one, one, one])
  expect(await rowOf(one)).toMatchObject({ attempts: 3, failure: 'ffmpeg ended with 1', asset: null })
  expect(await catalog.events(PACKAGED)).toEqual([])
})

test('a failure rests for ten minutes before a request starts anew', async () => {
  await requestAudio(catalog.db, [one])
  const fail = (age: string) => catalog.db.$executeRaw`
    UPDATE playable_audio SET state = 'FAILED', attempts = 3, requested_at = now() - ${age}::interval`

  await fail('9 minutes')
  await requestAudio(catalog.db, [one])
  const early = await rowOf(one)
  await fail('11 minutes')
  await requestAudio(catalog.db, [one])

  expect(early).toMatchObject({ state: 'FAILED', attempts: 3 })
  expect(await rowOf(one)).toMatchObject({ state: 'REQUESTED', attempts: 0 })
})

test('several processes share the queue: each piece is composed once', async () => {
  const jobs = createAudioJobs(catalog.db)
  const composers = [1, 2, 3].map(() => createTestComposer(() => join(catalog.home, 'audio')))
  const all = composers.map((each) =>
    createComposing({ jobs, composer: each, workers: 2, logger: createLogger('test', 'silent') }),
  )
  await requestAudio(catalog.db, ids)

  for (const composing of all) composing.start()
  for (const id of ids) await becomes(id, 'READY')
  for (const composing of all) await composing.stop()

  expect(composers.flatMap(({ asked }) => asked).sort()).toEqual([...ids].sort())
  expect(await catalog.events(PACKAGED)).toHaveLength(ids.length)
})

test('a lease that ran out is taken over, and the one who lost it stores nothing', async () => {
  const jobs = createAudioJobs(catalog.db)
  await requestAudio(catalog.db, [one])
  const lost = await jobs.lease()
  const nobodyElse = await jobs.lease()
  await catalog.db.$executeRaw`UPDATE playable_audio SET leased_until = now() - interval '1 second'`
  const held = await jobs.lease()
  const asset = await composer.compose(await jobs.readScore(one))

  expect(nobodyElse).toBeNull()
  expect([lost, held]).toEqual([
    { playableId: one, attempt: 1 },
    { playableId: one, attempt: 2 },
  ])
  expect(lost !== null && (await jobs.store(lost, asset))).toBe(false)
  expect(held !== null && (await jobs.store(held, asset))).toBe(true)
  expect(await catalog.events(PACKAGED)).toHaveLength(1)
})

test('a process that ends each time it composes a piece does so three times only', async () => {
  const jobs = createAudioJobs(catalog.db)
  await requestAudio(catalog.db, [one])

  const attempts: unknown[] = []
  for (let turn = 0; turn < 4; turn++) {
    attempts.push((await jobs.lease())?.attempt)
    await catalog.db
      .$executeRaw`UPDATE playable_audio SET leased_until = now() - interval '1 second' WHERE state = 'COMPOSING'`
  }

  expect(attempts).toEqual([1, 2, 3, undefined])
  expect(await rowOf(one)).toMatchObject({
    state: 'FAILED',
    failure: 'The composer ended each time it was tried',
  })
})

test('what is being composed when the room stops goes back as if it had not been begun', async () => {
  onCompose = () => new Promise(() => undefined)
  await catalog.room.start()
  await request(one)
  await becomes(one, 'COMPOSING')

  await catalog.room.stop()

  expect(await rowOf(one)).toMatchObject({ state: 'REQUESTED', attempts: 0, leasedUntil: null })
})

test('ensuring audio composes what is missing, counts, and is silent when all is there', async () => {
  const counted: [number, number][] = []
  await catalog.room.ensureAudio([one], () => undefined)

  await catalog.room.ensureAudio(ids, (ready, all) => counted.push([ready, all]))
  const asked = composer.asked.length
  await catalog.room.ensureAudio(ids, () => expect.unreachable())

  expect(counted.at(-1)).toEqual([8, 8])
  expect(counted[0]?.[0]).toBeGreaterThanOrEqual(1)
  expect([asked, composer.asked.length]).toEqual([8, 8])
})

test('a piece whose files are gone is composed again', async () => {
  await catalog.room.ensureAudio([one, two])
  const { asset } = (await rowOf(one)) as unknown as { asset: { assetId: string } }
  await rm(join(catalog.home, 'audio', asset.assetId), { recursive: true })

  await catalog.room.ensureAudio([one, two])

  expect(composer.asked.slice(0, 2).sort()).toEqual([one, two].sort())
  expect(composer.asked.slice(2)).toEqual([one])
  expect(
    (await catalog.events(PACKAGED)).map(({ playableId, version }) => [playableId, version]).at(-1),
  ).toEqual([one, 3])
})

test('audio that cannot be had is said so at once', async () => {
  await expect(catalog.room.ensureAudio([one, idOf('track', 'imported')])).rejects.toThrow(
    /Nothing can be composed/,
  )
  onCompose = () => {
    throw new Error('no ffmpeg here')
  }
  await expect(catalog.room.ensureAudio([two])).rejects.toThrow(/could not be composed: no ffmpeg here/)
})
