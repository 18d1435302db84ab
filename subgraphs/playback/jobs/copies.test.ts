import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { createTestRoom, type TestRoom } from '../testing/playback-room.ts'
import { assetOf } from '../testing/signed.ts'

let playback: TestRoom

beforeAll(async () => {
  playback = await createTestRoom()
})
afterAll(() => playback[Symbol.asyncDispose]())

const track = (key: string, version: number, changes = {}) => ({
  trackId: derivedId('track', key),
  title: `${key} ${version}`,
  durationMs: 1_000 * version,
  markets: ['SE'],
  isComposable: true,
  version,
  ...changes,
})

test('the newest version of a track is kept, in whatever order and batch its versions come', async () => {
  const id = derivedId('track', 'versions')
  await playback.say(
    'catalog',
    'catalog.track-changed.v1',
    track('versions', 2),
    track('versions', 3),
    track('versions', 1),
  )
  await expect
    .poll(() => playback.db.playable.findUnique({ where: { id } }))
    .toMatchObject({ title: 'versions 3' })

  await playback.say('catalog', 'catalog.track-changed.v1', track('versions', 2), track('after', 1))
  await expect.poll(() => playback.db.playable.count({ where: { id: derivedId('track', 'after') } })).toBe(1)
  expect(await playback.db.playable.findUnique({ where: { id } })).toMatchObject({
    kind: 'TRACK',
    title: 'versions 3',
    durationMs: 3_000,
  })

  await playback.say(
    'catalog',
    'catalog.track-changed.v1',
    track('versions', 4, { markets: [], isComposable: false }),
  )
  await expect
    .poll(() => playback.db.playable.findUnique({ where: { id } }))
    .toMatchObject({ title: 'versions 4', markets: [], isComposable: false })
})

test('no list of markets stays no list, an empty one stays empty', async () => {
  await playback.say(
    'catalog',
    'catalog.track-changed.v1',
    track('everywhere', 1, { markets: null }),
    track('unsaid', 1, { markets: undefined }),
    track('nowhere', 1, { markets: [] }),
  )
  const read = () => playback.db.$queryRaw<{ title: string; markets: string[] | null }[]>`
    SELECT title, markets FROM playable WHERE title IN ('everywhere 1', 'unsaid 1', 'nowhere 1') ORDER BY title`

  await expect.poll(read).toEqual([
    { title: 'everywhere 1', markets: null },
    { title: 'nowhere 1', markets: [] },
    { title: 'unsaid 1', markets: null },
  ])
})

test('a track asked for lately stays so when its title changes', async () => {
  const id = await playback.addPlayable('asked')
  const askedAt = new Date(playback.clock.now)
  await playback.db.playable.update({ where: { id }, data: { audioRequestedAt: askedAt } })
  await playback.addPlayable('asked', { version: 2, title: 'New title' })

  expect(await playback.db.playable.findUnique({ where: { id } })).toMatchObject({
    title: 'New title',
    audioRequestedAt: askedAt,
  })
})

test('the newest audio is found, and two recordings may share one', async () => {
  const id = await playback.addPlayable('one', { asset: assetOf('older', 1_100) })
  await playback.addPlayable('one', { version: 3, asset: assetOf('shared', 1_100) })
  const other = await playback.addPlayable('other', { asset: assetOf('shared', 1_100) })
  const read = (playableId: string) =>
    playback.db.audioAsset.findMany({
      where: { playableId },
      orderBy: { version: 'desc' },
      select: { assetId: true },
    })

  expect(await read(id)).toEqual([{ assetId: 'shared' }, { assetId: 'older' }])
  expect(await read(other)).toEqual([{ assetId: 'shared' }])
})

test('an event that does not hold is set aside with the reason, and the others have their effect', async () => {
  await playback.say(
    'catalog',
    'catalog.track-changed.v1',
    track('good', 1),
    track('bad', 1, { durationMs: 'long' }),
    track('better', 1),
  )
  const ids = ['good', 'bad', 'better'].map((key) => derivedId('track', key))

  await expect
    .poll(() => playback.db.playable.count({ where: { id: { in: ids } } }), { timeout: 5_000 })
    .toBe(2)
  await expect
    .poll(() => playback.db.deadLetter.findMany({ where: { consumer: 'playback.catalogue' } }), {
      timeout: 5_000,
    })
    .toMatchObject([{ topic: 'catalog.track-changed.v1', reason: expect.stringContaining('durationMs') }])
})

test('an asset whose path leads out of the audio folder is set aside', async () => {
  const asset = assetOf('outside', 1_100)
  const renditions = asset.renditions.map((rendition) => ({
    ...rendition,
    path: '../secrets/stream-keys.json',
  }))
  await playback.say('catalog', 'catalog.audio-packaged.v1', {
    playableId: derivedId('track', 'outside'),
    asset: { ...asset, renditions },
    version: 1,
  })

  await expect
    .poll(() => playback.db.deadLetter.count({ where: { topic: 'catalog.audio-packaged.v1' } }), {
      timeout: 5_000,
    })
    .toBe(1)
  expect(await playback.db.audioAsset.count({ where: { assetId: 'outside' } })).toBe(0)
})

test('two accounts on one device have a row each, and neither goes back to an older version', async () => {
  const deviceId = derivedId('device', 'shared')
  const device = (userId: string, version: number, isRemoved: boolean) => ({
    userId,
    deviceId,
    isRemoved,
    version,
    name: 'TV',
  })
  await playback.say(
    'users',
    'users.device-changed.v1',
    device('user_a', 7, true),
    device('user_b', 2, false),
    device('user_a', 6, false),
  )

  await expect
    .poll(() => playback.db.device.findMany({ where: { deviceId }, orderBy: { userId: 'asc' } }))
    .toEqual([
      { userId: 'user_a', deviceId, isRemoved: true, publicKey: null, version: 7n },
      { userId: 'user_b', deviceId, isRemoved: false, publicKey: null, version: 2n },
    ])
})
