import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLAIMS, NOW, newRing, OTHER_TRACK, TRACK } from '../testing/signed.ts'
import { EVERY_CLASS, forgeries, validTargets } from '../testing/url-mutations.ts'
import { admit } from './admission.ts'
import { multivariantPath } from './stream-path.ts'
import { type StreamClaims, signStream } from './stream-token.ts'

const ring = newRing()
const MUTATIONS = 20_000
const SEED = Date.now() % 2 ** 31

const master = (claims: Partial<StreamClaims> = {}) =>
  multivariantPath(signStream({ ...CLAIMS, ...claims }, ring), claims.playableId ?? TRACK)
const file = (name: string, claims: Partial<StreamClaims> = {}) => master(claims).replace('master.m3u8', name)
const opens = (target: string, now = NOW) => admit(target, ring, now) !== null

test.each(EVERY_CLASS)('%s opens with its token, and not without', (name) => {
  const token = signStream(CLAIMS, ring)

  expect(opens(file(name))).toBe(true)
  for (const forged of [
    '',
    'a.b.c',
    token.slice(0, -1),
    `${token}A`,
    token.replace('.', ''),
    token.toLowerCase(),
  ])
    expect(opens(`/stream/${forged}/${TRACK}/${name}`)).toBe(false)
  expect(opens(`/stream/${TRACK}/${name}`)).toBe(false)
})

test.each(EVERY_CLASS)('%s closes for another track, one second late, and under another key', (name) => {
  expect(opens(file(name).replace(TRACK, OTHER_TRACK))).toBe(false)
  expect(opens(file(name), CLAIMS.expiresAt * 1_000 - 1)).toBe(true)
  expect(opens(file(name), CLAIMS.expiresAt * 1_000)).toBe(false)
  expect(opens(file(name), CLAIMS.expiresAt * 1_000 + 1_000)).toBe(false)
  expect(admit(file(name), newRing(), NOW)).toBeNull()
})

test('no quality above the token opens', () => {
  const opened = (top: StreamClaims['top']) =>
    EVERY_CLASS.filter((name) => opens(file(name, { top, first: 'LOW' })))

  expect(opened('LOW')).toEqual(['master.m3u8', 'low/index.m3u8', 'low/audio.mp4', 'low/key'])
  expect(opened('NORMAL')).toHaveLength(7)
  expect(opened('HIGH')).toHaveLength(10)
  expect(opened('LOSSLESS')).toHaveLength(13)
})

const AUDIO = file('low/audio.mp4')
const TOKEN = AUDIO.split('/')[2] ?? ''

test.each([
  `${AUDIO}?`,
  `${AUDIO}?a=b`,
  `${AUDIO}#a`,
  `${AUDIO}/`,
  `${AUDIO}\0`,
  `${AUDIO}%00`,
  `${AUDIO}\n`,
  `${AUDIO} `,
  `/${AUDIO}`,
  `http://localhost${AUDIO}`,
  AUDIO.replace('/low/', '//low/'),
  AUDIO.replace('/low/', '/./low/'),
  AUDIO.replace('/low/', '/low/../low/'),
  AUDIO.replace('/low/', '/lossless/../low/'),
  AUDIO.replace('/low/', '\\low\\'),
  AUDIO.replace('/low/', '/Low/'),
  AUDIO.replace('/low/', '/low;a=b/'),
  AUDIO.replace('/low/', '/%6cow/'),
  AUDIO.replace('/low/', '/%256cow/'),
  AUDIO.replace('/low/', '%2flow/'),
  AUDIO.replace('/low/', '/low%2f'),
  AUDIO.replace('audio.mp4', '..'),
  AUDIO.replace('audio.mp4', '..%2faudio.mp4'),
  AUDIO.replace('audio.mp4', '%2e%2e/low/audio.mp4'),
  AUDIO.replace('audio.mp4', 'audio.mp4.map'),
  AUDIO.replace('audio.mp4', 'secrets/stream-keys.json'),
  AUDIO.replace('/stream/', '/stream//'),
  AUDIO.replace('/stream/', '/stream/../stream/'),
  AUDIO.replace('/stream/', '/STREAM/'),
  AUDIO.replace(TOKEN, `${TOKEN}=`),
  AUDIO.replace(TOKEN, TOKEN.replaceAll('.', '%2e')),
  AUDIO.replace(TOKEN, `${TOKEN}/${TOKEN}`),
  AUDIO.replace(TRACK, `${TRACK}/${TRACK}`),
  AUDIO.replace(TRACK, 'track_'),
  AUDIO.replace(TRACK, CLAIMS.deviceId),
  AUDIO.replace('low', 'ｌｏｗ'),
  `/stream/${'A'.repeat(3_000)}.k1.${'A'.repeat(43)}/${TRACK}/low/audio.mp4`,
  '/stream/',
  '/stream',
  '',
])('no trick opens: %j', (target) => {
  expect(opens(AUDIO)).toBe(true)
  expect(opens(target)).toBe(false)
})

test(`${MUTATIONS} forgeries of valid URLs: none opens what it was not signed for (seed ${SEED})`, () => {
  const rings = [ring, newRing('k2')] as const
  const both = { active: 'k1', keys: new Map(rings.flatMap(({ keys }) => [...keys])) }
  const valid = validTargets(rings)
  const known = new Set(valid)
  let tried = 0

  fc.assert(
    fc.property(forgeries(valid), (forged) => {
      fc.pre(!known.has(forged))
      tried++
      return admit(forged, both, NOW) === null
    }),
    { numRuns: MUTATIONS, seed: SEED, maxSkipsPerRun: 100 },
  )

  // Of each ring and track: up to each of the four qualities.
  expect(valid).toHaveLength(2 * 2 * (4 + 7 + 10 + 13))
  expect(tried).toBe(MUTATIONS)
})
