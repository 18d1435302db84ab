import { expect, test } from 'vitest'
import { isLicensedIn } from './market.ts'

test.each([
  [['SE', 'US'], 'SE', true],
  [['SE', 'US'], 'GB', false],
  [['SE', 'US'], 'se', false],
  [['SE', 'US'], null, false],
  [[], 'SE', false],
  [null, 'SE', true],
  [null, null, true],
])('markets %j in %s: %s', (markets, country, expected) => {
  expect(isLicensedIn(markets, country)).toBe(expected)
})
