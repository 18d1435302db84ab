import { expect, test } from 'vitest'
import { assetOf } from '../testing/signed.ts'
import { audioAssetSchema, renditionOf } from './audio-asset.ts'

const asset = assetOf('asset-1', 1_000)
const withPath = (path: string) => ({
  ...asset,
  renditions: asset.renditions.map((rendition) => ({ ...rendition, path })),
})

test('an asset is read as it was packaged, and what we do not need of it is left', () => {
  expect(audioAssetSchema.parse({ ...asset, waveform: [1, 2] })).toEqual(asset)
  expect(renditionOf(asset, 'HIGH')?.path).toBe('asset-1/high.mp4')
})

test.each([
  '../x.mp4',
  '/etc/passwd',
  'a/../../x',
  'a//b',
  'a/./b',
  '.hidden',
  'a\\b',
  'a\0',
  '',
  'a/',
  '~/a',
])('a path that could lead out of the audio folder is no path: %j', (path) => {
  expect(audioAssetSchema.safeParse(withPath(path)).success).toBe(false)
})

test('a segment beyond the end of its file is no segment', () => {
  const [low] = asset.renditions
  const beyond = { ...low, segments: [{ offset: 900, bytes: 101, durationMs: 1 }] }

  expect(audioAssetSchema.safeParse({ ...asset, renditions: [beyond] }).success).toBe(false)
})
