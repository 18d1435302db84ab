import { expect, test } from 'vitest'
import { newId } from '#shared/id.ts'
import { createDownloadUrls } from './download-urls.ts'

const NOW = Date.UTC(2026, 10, 21)
const FIFTEEN_MINUTES = 900_000
const [job, owner, other] = [newId('privacy'), newId('user'), newId('user')]

const urlsAt = (now: number, secret = 'a secret') =>
  createDownloadUrls(secret, 'http://music.test', () => now)
const pathOf = (url: string): string => new URL(url).pathname

test('an address is good for its owner, its job and fifteen minutes, and not a millisecond longer', () => {
  const path = pathOf(urlsAt(NOW).sign(job, owner))

  expect(urlsAt(NOW).read(path)?.jobId).toBe(job)
  expect(
    urlsAt(NOW + FIFTEEN_MINUTES - 1)
      .read(path)
      ?.isGoodFor(owner),
  ).toBe(true)
  expect(
    urlsAt(NOW + FIFTEEN_MINUTES)
      .read(path)
      ?.isGoodFor(owner),
  ).toBe(false)
  expect(urlsAt(NOW).read(path)?.isGoodFor(other)).toBe(false)
  expect(urlsAt(NOW, 'another secret').read(path)?.isGoodFor(owner)).toBe(false)
  expect(
    urlsAt(NOW)
      .read(path.replace(job, newId('privacy')))
      ?.isGoodFor(owner),
  ).toBe(false)
})

test('what is not spelt as we spell it is no address', () => {
  const path = pathOf(urlsAt(NOW).sign(job, owner))
  const others = [
    `${path}=`,
    `${path}?x`,
    path.replace('/privacy/', '/privacy//'),
    `${path}/..`,
    path.slice(0, -1),
  ]

  expect(others.map((one) => urlsAt(NOW).read(one))).toEqual(others.map(() => null))
})
