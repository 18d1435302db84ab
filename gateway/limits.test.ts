import { getIntrospectionQuery, parse } from 'graphql'
import { expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { enforceLimits, LIMITS } from './limits.ts'

const refused = (source: string): boolean => {
  try {
    enforceLimits(parse(source))
    return false
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).code).toBe('QUERY_TOO_COMPLEX')
    return true
  }
}
const nested = (depth: number): string => `{ ${'a { '.repeat(depth - 1)}a${' }'.repeat(depth - 1)} }`
const wide = (count: number): string => `{ r { ${'a '.repeat(count)}} }`

test('takes a document of exactly the greatest depth and refuses one level more', () => {
  expect(refused(nested(LIMITS.depth))).toBe(false)
  expect(refused(nested(LIMITS.depth + 1))).toBe(true)
})

test('takes exactly as many selections as allowed and refuses one more', () => {
  expect(refused(wide(LIMITS.selections - 1))).toBe(false)
  expect(refused(wide(LIMITS.selections))).toBe(true)
})

test('counts selections after fragments are spread: a bomb of a few hundred bytes is refused at once', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `fragment F${level} on T { a { ...F${level + 1} ...F${level + 1} } }`,
  )
  const begun = performance.now()

  expect(refused(`{ ...F0 } ${levels.join(' ')} fragment F12 on T { a b c }`)).toBe(true)
  expect(performance.now() - begun).toBeLessThan(100)
})

test('takes as many root fields as allowed and refuses one more', () => {
  const roots = (count: number): string =>
    `{ ${Array.from({ length: count }, (_, at) => `a${at}: a`).join(' ')} }`

  expect(refused(roots(LIMITS.rootFields))).toBe(false)
  expect(refused(roots(LIMITS.rootFields + 1))).toBe(true)
  expect(refused(`query { ...F } fragment F on Query ${roots(LIMITS.rootFields + 1)}`)).toBe(true)
})

test('one attempt at a password a document, however it is spelt', () => {
  expect(refused('mutation { signIn { x } }')).toBe(false)
  expect(refused('mutation { a: signIn { x } b: signIn { x } }')).toBe(true)
  expect(refused('mutation { ...F ... { signUp { x } } } fragment F on Mutation { signIn { x } }')).toBe(true)
})

test('takes the introspection query of every tool', () => {
  expect(
    refused(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, oneOf: true })),
  ).toBe(false)
})
