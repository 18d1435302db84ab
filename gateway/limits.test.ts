import { readdirSync, readFileSync } from 'node:fs'
import { getIntrospectionQuery, Kind, parse, print, separateOperations } from 'graphql'
import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, enforceLimits, enforceVariableLimits, type Limits } from './limits.ts'

const LIMITS: Limits = { ...DEFAULT_LIMITS, credentials: new Map(Object.entries({ signIn: 10, signUp: 10 })) }

const isRefused = (source: string, limits = LIMITS): boolean => {
  try {
    enforceLimits(parse(source), limits)
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'QUERY_TOO_COMPLEX' })
    return true
  }
}
const many = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join(' ')

test.each<[keyof Limits, (count: number) => string]>([
  ['depth', (count) => `{ ${'a { '.repeat(count - 1)}a${' }'.repeat(count - 1)} }`],
  [
    'depth',
    (count) =>
      `{ ...F } fragment F on Q { a { ...G } } fragment G on A ${'{ a '.repeat(count - 1)}${'}'.repeat(count - 1)}`,
  ],
  ['selections', (count) => `{ r { ${'a '.repeat(count - 1)}} }`],
  [
    'selections',
    (count) =>
      `query A { r { ...F ...F } } query B { r { ${'a '.repeat(count - 24)}} } fragment F on R { ${'... { a } '.repeat(5)} }`,
  ],
  ['rootFields', (count) => `{ ${many(count, (at) => `f${at}`)} }`],
  ['rootFields', (count) => `{ ...F ... { g } } fragment F on Q { ${many(count - 1, (at) => `f${at}`)} }`],
  ['aliases', (count) => `{ r { ${many(count, (at) => `a${at}: a b${at}: b`)} } }`],
  ['aliases', (count) => `{ r { a0: a ...F } } fragment F on R { ${many(count - 1, (at) => `b${at}: a`)} }`],
  ['aliasLength', (count) => `{ r { ${'x'.repeat(count)}: a } }`],
  ['directives', (count) => `{ a ${many(count, () => '@x')} }`],
  [
    'directives',
    (count) =>
      `query ($v: Int @x) @x { a { ...F @x } } fragment F on Q @x { ${many(count - 4, (at) => `a${at % 9} @x`)} }`,
  ],
])('%s: as many as allowed are taken, and one more is refused', (name, text) => {
  const limit = LIMITS[name] as number

  expect(isRefused(text(limit))).toBe(false)
  expect(isRefused(text(limit + 1))).toBe(true)
})

test('tokens are counted by the parser', () => {
  const text = (count: number): string => `{ ${'a '.repeat(count - 2)}}`

  expect(() => parse(text(LIMITS.tokens), { maxTokens: LIMITS.tokens })).not.toThrow()
  expect(() => parse(text(LIMITS.tokens + 1), { maxTokens: LIMITS.tokens })).toThrow('token')
})

test('names for different fields, or at different places, are not counted together', () => {
  const places = many(6, (at) => `p${at} { ${many(15, (n) => `x${n}: a y${n}: b`)} }`)

  expect(isRefused(`{ ${places} }`)).toBe(false)
})

test('one attempt at a password a document, however it is spelt; what it costs is told', () => {
  expect(enforceLimits(parse('mutation { signIn { x } }'), LIMITS)).toBe(10)
  expect(enforceLimits(parse('mutation { other { x } }'), LIMITS)).toBe(0)
  expect(isRefused('mutation { a: signIn { x } b: signIn { x } }')).toBe(true)
  expect(isRefused('mutation { ...F ... { signUp { x } } } fragment F on Mutation { signIn { x } }')).toBe(
    true,
  )
  expect(isRefused('mutation A { signIn { x } } mutation B { signIn { x } }')).toBe(true)
})

test('bombs and circles of fragments are refused at once', () => {
  const bomb = (levels: number): string =>
    `{ ...F0 } ${many(levels, (at) => `fragment F${at} on T { a { ...F${at + 1} ...F${at + 1} } }`)} fragment F${levels} on T { a b c }`
  const begun = performance.now()

  for (const source of [
    bomb(30),
    '{ ...F } fragment F on Q { ...G } fragment G on Q { ...F }',
    '{ ...F } fragment F on Q { a { ...F } }',
  ])
    expect(isRefused(source)).toBe(true)
  expect(performance.now() - begun).toBeLessThan(100)
})

test('variables as large and as deep as allowed are taken, and more is refused', () => {
  const wide = (bytes: number) => ({ v: `é${'x'.repeat(bytes - '{"v":""}'.length - 2)}` })
  const deep = (levels: number): Record<string, unknown> =>
    levels < 3 ? { v: levels === 2 ? [] : 1 } : { v: [deep(levels - 2)] }
  const takes = (variables: Record<string, unknown>) => () => enforceVariableLimits(variables, LIMITS)

  expect(takes(wide(LIMITS.variableBytes))).not.toThrow()
  expect(takes(wide(LIMITS.variableBytes + 1))).toThrow('more than 64 KiB')
  expect(takes(deep(LIMITS.variableDepth))).not.toThrow()
  expect(takes(deep(LIMITS.variableDepth + 1))).toThrow('more than 8 levels')
  expect(takes(JSON.parse(`{"v":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))).toThrow('levels')
})

test('takes the introspection query of every tool', () => {
  const all = { descriptions: true, inputValueDeprecation: true, oneOf: true, schemaDescription: true }

  expect(
    isRefused(getIntrospectionQuery({ ...all, directiveIsRepeatable: true, specifiedByUrl: true })),
  ).toBe(false)
})

test('every operation of the contract would fit if it were twice what it is', () => {
  const half = Object.fromEntries(
    Object.entries(LIMITS).map(([name, value]) => [name, typeof value === 'number' ? value / 2 : value]),
  ) as unknown as Limits
  const folder = new URL('../schema/operations/', import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.graphql'))
  const operations = files.flatMap((file) =>
    Object.values(separateOperations(parse(readFileSync(new URL(file, folder), 'utf8')))),
  )

  expect(
    operations.filter(({ definitions }) => definitions[0]?.kind === Kind.OPERATION_DEFINITION).length,
  ).toBeGreaterThan(20)
  for (const operation of operations) {
    const source = print(operation)
    expect(() => parse(source, { maxTokens: half.tokens })).not.toThrow()
    expect({ source, isRefused: isRefused(source, half) }).toEqual({ source, isRefused: false })
  }
})
