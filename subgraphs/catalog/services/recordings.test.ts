import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AudioAsset } from '../audio/asset.ts'
import type { LoudnessHistogram } from '../audio/loudness.ts'
import { createTestCatalog, type TestCatalog } from '../testing/catalog-room.ts'
import { draftTracks, idOf } from '../testing/drafts.ts'
import { keepRecording } from './recordings.ts'

const PACKAGED = 'catalog.audio-packaged.v1'
const [loud, quiet, alone] = ['Loud', 'Quiet', 'Alone'].map((title) => idOf('track', title)) as [
  string,
  string,
  string,
]

let catalog: TestCatalog

beforeAll(async () => {
  catalog = await createTestCatalog()
  await catalog.catalogue.write(
    draftTracks({ title: 'Loud', album: 'Both' }, { title: 'Quiet', album: 'Both' }, { title: 'Alone' }),
  )
})
afterAll(() => catalog[Symbol.asyncDispose]())

const assetOf = (assetId: string, loudnessCentilufs: number): AudioAsset => ({
  assetId,
  durationMs: 40_000,
  loudnessCentilufs,
  truePeakCentidb: -100,
  renditions: [
    {
      quality: 'LOW',
      codec: 'mp4a.40.2',
      bitrateKbps: 96,
      path: `${assetId}/low.mp4`,
      bytes: 5,
      initBytes: 1,
      segments: [{ offset: 1, bytes: 4, durationMs: 40_000 }],
    },
  ],
})

/** As much of one loudness as 40 s have of blocks. */
const steady = (lufs: number): LoudnessHistogram => [[lufs * 10, 397]]
const keep = (trackId: string, lufs: number): Promise<void> =>
  catalog.db.$transaction((tx) =>
    keepRecording(tx, trackId, { asset: assetOf(`audio_${lufs}`, lufs * 100), histogram: steady(lufs) }),
  )

test('a track is told with its audio, and with the loudness of its album when that is known', async () => {
  await keep(alone, -12)
  await keep(loud, -10)

  const told = await catalog.events(PACKAGED)
  expect(told).toMatchObject([
    { playableId: alone, albumLoudnessCentilufs: null, asset: { loudnessCentilufs: -1_200 } },
    { playableId: loud, albumLoudnessCentilufs: -1_000 },
  ])
})

test('the loudness of an album is that of its tracks in a row: its power, not its decibels, is the mean', async () => {
  await keep(quiet, -16)

  const told = await catalog.events(PACKAGED)
  const mean = Math.round(1_000 * Math.log10((10 ** -1 + 10 ** -1.6) / 2))
  expect(told.map(({ playableId }) => playableId).sort()).toEqual([loud, quiet].sort())
  for (const { albumLoudnessCentilufs } of told)
    expect(Math.abs(albumLoudnessCentilufs - mean)).toBeLessThanOrEqual(1)
})

test('two tracks of an album that are ready at the same time both count', async () => {
  await Promise.all([keep(loud, -20), keep(quiet, -40)])

  const [album] = await catalog.db.album.findMany()
  // Forty is more than ten below the mean of the two: the second gate leaves it out.
  expect(album?.loudness).toBe(-2_000)
  const versions = (await catalog.events(PACKAGED)).map(
    ({ playableId, version }) => `${playableId} ${version}`,
  )
  expect(new Set(versions).size).toBe(versions.length)
})
