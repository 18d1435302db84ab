import {
  buildSchema,
  GraphQLError,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { createCadenzaDoor } from './cadenza.ts'
import { takeDirectives } from './directives.ts'
import { hideSchema, maskAtDoor } from './masking.ts'
import type { Door } from './server.ts'
import { openSocket } from './testing/raw-socket.ts'
import { createFakeUsers } from './testing/users-room.ts'

let door: Door
let url: string
/** Names of fields, arguments, inputs' fields and enums' values: what a stranger would like to know. */
let secrets: Set<string>

beforeAll(async () => {
  const supergraph = await readSupergraph()
  door = await createCadenzaDoor({
    supergraph,
    rooms: [await createFakeUsers()],
    defaultCountry: 'US',
    roomTimeoutMs: 1_000,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  url = `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`
  secrets = namesIn(supergraph)
})
afterAll(() => door.stop())

function namesIn(supergraph: string): Set<string> {
  const schema = buildSchema(takeDirectives(supergraph).sdl, { assumeValid: true, assumeValidSDL: true })
  const names = new Set<string>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    if (isEnumType(type)) for (const { name } of type.getValues()) names.add(name)
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      names.add(field.name)
      if ('args' in field) for (const { name } of field.args) names.add(name)
    }
  }
  return names
}

interface Answer {
  data?: unknown
  errors?: { message: string; extensions: { code: string } }[]
}

const overHttp = async (query: string, variables = {}): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}
const overSocket = async (query: string, variables = {}): Promise<Answer> => {
  const { socket, init, subscribe, frames } = await openSocket(url)
  await init()
  const heard = new Promise((resolve) => socket.once('message', resolve))
  subscribe('1', query, variables)
  await heard
  socket.terminate()
  const { type, payload } = frames.at(-1) ?? { type: '' }
  return (type === 'error' ? { errors: payload } : payload) as Answer
}

test.each([
  getIntrospectionQuery(),
  '{ __schema { types { name } } }',
  '{ a: __schema { b: types { c: name } } }',
  '{ ...F } fragment F on Query { ... { ...G } } fragment G on Query { x: __schema { queryType { name } } }',
  '{ __type(name: "User") { fields { name } } }',
  'query ($n: String!) { t: __type(name: $n) { fields { name } } }',
  'mutation { __schema { types { name } } }',
  'subscription { __schema { types { name } } }',
])('in production there is no introspection, over neither transport: %s', async (query) => {
  for (const ask of [overHttp, overSocket]) {
    const { data, errors } = await ask(query, { n: 'User' })
    expect(data ?? null).toBeNull()
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  }
})

test('guesses that are nearly right teach no name of the schema, over neither transport', async () => {
  const near = [...secrets]
    .flatMap((name) => [`${name}s`, name.slice(0, -1), `${name[0]}x${name.slice(2)}`])
    .filter((name) => /^[a-z]\w{2,}$/i.test(name) && !secrets.has(name))
  const probes = [
    ...near.filter((_, at) => at % 12 === 0).map((name) => `{ ${name} }`),
    ...near
      .filter((_, at) => at % 12 === 1)
      .map((name) => `{ viewer { ${name} } artist(id: "a") { ${name} } }`),
    ...near.filter((_, at) => at % 12 === 2).map((name) => `mutation { ${name} { ${name} } }`),
    ...near.filter((_, at) => at % 24 === 3).map((name) => `{ search(${name}: 1) { ${name} } }`),
    '{ artist { name } }',
    '{ artist(id: 1.5) }',
    '{ search }',
    '{ viewer }',
    '{ node(id: "x") { ... on Artis { name } } }',
    'mutation { signIn { session } }',
    'mutation { signIn(input: {}) { session { accessToken } } }',
    'mutation { signIn(input: { emial: "x", device: { kind: WEBB } }) { userErrors { message } } }',
    'mutation { playlistCreate(input: { nam: "x", visibilty: PUBLICK }) { userErrors { message } } }',
  ]
  const learnt = new Set<string>()
  const hear = ({ errors }: Answer, probe: string): void => {
    expect({ probe, errors: errors?.length }).not.toEqual({ probe, errors: undefined })
    for (const { message } of errors ?? []) {
      expect(message.length).toBeLessThanOrEqual(200)
      for (const word of message.match(/"[^"]*"/g) ?? []) {
        const name = word.slice(1, -1).replace(/[[\]!$]/g, '')
        if (secrets.has(name) && !probe.includes(name)) learnt.add(name)
      }
    }
  }
  for (const probe of probes) hear(await overHttp(probe), probe)
  for (const probe of probes.slice(-9)) hear(await overSocket(probe), probe)
  const input = 'mutation ($i: SignInInput!) { signIn(input: $i) { userErrors { message } } }'
  for (const given of [
    {},
    null,
    1,
    { emial: 'x' },
    { email: 'x', password: 'x', device: { name: 'x', kind: 'WEBB' } },
  ])
    hear(await overHttp(input, { i: given }), `${input} ${JSON.stringify(given)}`)

  expect(probes.length).toBeGreaterThan(100)
  expect([...learnt]).toEqual([])
})

test('of a mistake, what was written stays and what was not goes', () => {
  const schema = buildSchema('type Query { track(id: ID!): Track } type Track { title: String }')
  const said = (source: string): string[] => validate(schema, parse(source)).map((error) => hideSchema(error))

  expect(said('{ track(id: 1) { titel } }')).toEqual([
    'Cannot query field "titel" on type "…". Did you mean "…"?',
  ])
  expect(said('{ track { title } }')).toEqual([
    'Field "track" argument "…" of type "…" is required, but it was not provided.',
  ])
  expect(said('query ($n: ID) { track(id: 1) { title } }')[0]).toBe('Variable "$n" is never used.')
})

test('a message has at most 200 characters, and no error more than its code, path and place', () => {
  const logger = createLogger('test', 'silent')
  const mask = (error: GraphQLError) => maskAtDoor(error.toJSON(), error, logger)

  expect(mask(new AppError('FORBIDDEN', 'x'.repeat(200))).message).toHaveLength(200)
  expect(mask(new AppError('FORBIDDEN', 'x'.repeat(201))).message).toHaveLength(200)
  const extensions = {
    code: 'NOT_FOUND',
    serviceName: 'users',
    url: 'http://10.0.0.1',
    stacktrace: ['at x'],
    retryAfter: 3,
  }
  expect(mask(new GraphQLError('gone', { path: ['a', 0], extensions }))).toEqual({
    message: 'gone',
    path: ['a', 0],
    extensions: { code: 'NOT_FOUND' },
  })
  expect(
    mask(new GraphQLError('later', { extensions: { code: 'RATE_LIMITED', retryAfter: 3 } })).extensions,
  ).toEqual({
    code: 'RATE_LIMITED',
    retryAfter: 3,
  })
  const unexpected = new GraphQLError('connect ECONNREFUSED 10.0.0.1:5432', {
    originalError: new Error('inside'),
  })
  expect(mask(unexpected).message).toMatch(/^Unexpected error \(log id [0-9a-f]{8}\)$/)
})
