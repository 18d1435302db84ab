import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestRoom, type Json, type Person, type TestRoom } from '../testing/playback-room.ts'
import { assetOf } from '../testing/signed.ts'
import { startStream } from './stream-lease.ts'

let playback: TestRoom
let track: string
beforeAll(async () => {
  playback = await createTestRoom()
  track = await playback.addPlayable('Song', { asset: assetOf('song', 1_100) })
})
afterAll(() => playback[Symbol.asyncDispose]())

const start = async ({ identity }: Person, deviceId: string): Promise<Json> => {
  const input = { trackId: track, deviceId }
  return (await playback.answer('PlaybackStart', { input }, identity))['playbackStart'] as Json
}
const renewed = async ({ identity }: Person, manifest: Json): Promise<unknown> => {
  const { playbackRenew } = await playback.answer('PlaybackRenew', manifest, identity)
  return playbackRenew?.['code'] ?? 'RENEWED'
}

test('a start on another device takes the stream, and gives it back in the same way', async () => {
  const ada = await playback.addPerson('ada')
  const phone = await playback.addDevice(ada, 'phone')

  const first = await start(ada, ada.deviceId)
  expect(await renewed(ada, first)).toBe('RENEWED')
  const second = await start(ada, phone)
  expect(await renewed(ada, first)).toBe('CONCURRENCY')
  expect(await renewed(ada, second)).toBe('RENEWED')
  const third = await start(ada, ada.deviceId)
  expect(await renewed(ada, second)).toBe('CONCURRENCY')
  expect(await renewed(ada, first)).toBe('CONCURRENCY')
  expect(await renewed(ada, third)).toBe('RENEWED')
})

test('a device may open the next playbacks while one plays, and not any number of them', async () => {
  const bea = await playback.addPerson('bea')
  const opened: Json[] = []
  for (let n = 0; n < 4; n++) opened.push(await start(bea, bea.deviceId))

  const outcomes = await Promise.all(opened.map((manifest) => renewed(bea, manifest)))

  expect(outcomes).toEqual(['CONCURRENCY', 'RENEWED', 'RENEWED', 'RENEWED'])
})

test('what somebody else plays is no concern of theirs', async () => {
  const [cleo, dora] = await Promise.all([playback.addPerson('cleo'), playback.addPerson('dora')])
  const manifest = await start(cleo, cleo.deviceId)
  await start(dora, dora.deviceId)

  expect(await renewed(cleo, manifest)).toBe('RENEWED')
})

test('of a hundred starts at once on ten devices exactly one device has the stream, and all others know who took it', async () => {
  const eve = await playback.addPerson('eve')
  const devices = Array.from({ length: 10 }, (_, index) => `device_${index}`)

  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      playback.db.$transaction(
        (tx) =>
          startStream(tx, {
            userId: eve.userId,
            deviceId: devices[index % 10] as string,
            playbackId: `playback_${index}`,
            at: new Date(),
          }),
        { maxWait: 30_000 },
      ),
    ),
  )

  const [lease] = await playback.db.streamLease.findMany({ where: { userId: eve.userId } })
  const revoked = await playback.db.streamRevocation.findMany({ where: { userId: eve.userId } })
  const others = devices.filter((device) => device !== lease?.deviceId)
  const lost = revoked.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== lease?.deviceId)
  expect(lost.sort()).toEqual(others)
  expect(revoked.every(({ revokedBy }) => devices.includes(revokedBy))).toBe(true)
})
