import { Pool } from 'undici'
import { ERROR_CODES } from '#shared/errors.ts'
import { type Chance, createChance } from '../execute/testing/chance.ts'

/** What of the inside has no place in an answer. */
export const INTERNAL =
  /node_modules|\.ts:\d|\bat \w+ \(|TypeError|RangeError|Cannot read|is not a function|Maximum call stack|ECONN|127\.0\.0\.1/

const WORDS = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '!',
    '$',
    '@',
    '...',
    '|',
    '=',
    '&',
    ',',
    '"',
    '"""',
    '\\',
    '#',
    '\n',
    '\u0000',
    '\ufeff',
  ],
  ...[
    'query',
    'mutation',
    'subscription',
    'fragment',
    'on',
    'true',
    'null',
    'schema',
    'extend',
    '__typename',
    '__schema',
    '__type',
  ],
  ...[
    'viewer',
    'trending',
    'nodes',
    'node',
    'id',
    'search',
    'track',
    'Track',
    'Query',
    'Node',
    'first',
    'signIn',
    'input',
    'skip',
    'include',
    'if',
  ],
  ...[
    'a',
    'F',
    'n',
    '__proto__',
    'constructor',
    '1',
    '-0',
    '1e400',
    '9999999999999999999',
    '""',
    '"x"',
    'é',
    '😀',
    '\ud83d',
    '\u2028',
  ],
]

const DOCUMENTS = [
  '{ trending(first: 3) { nodes { id title } } }',
  'query ($id: ID!, $n: Int = 3) { track(id: $id) { title artists { name topTracks(first: $n) { ...F } } } } fragment F on Track { id @skip(if: true) }',
  '{ search(query: "x") { tracks { edges { node { id } } } didYouMean } }',
  'mutation ($i: SignInInput!) { signIn(input: $i) { userErrors { code message } } }',
  'subscription { playlistChanged(id: "p") { __typename } }',
]

/** A body that was drawn at random, or a sensible one with some of it changed. */
export function randomBody(chance: Chance): Buffer {
  switch (chance.below(5)) {
    case 0:
      return Buffer.from(Array.from({ length: chance.below(200) }, () => chance.below(256)))
    case 1:
      return Buffer.from(JSON.stringify({ query: soup(chance), variables: randomValue(chance, 3) }))
    case 2:
      return Buffer.from(JSON.stringify(randomValue(chance, 4)))
    case 3:
      return mutate(
        chance,
        Buffer.from(JSON.stringify({ query: chance.pick(DOCUMENTS), variables: randomValue(chance, 2) })),
      )
    default: {
      const query = mutate(chance, Buffer.from(chance.pick(DOCUMENTS))).toString('latin1')
      return Buffer.from(
        JSON.stringify({
          query,
          variables: { id: randomValue(chance, 2), n: randomValue(chance, 1), i: randomValue(chance, 3) },
        }),
      )
    }
  }
}

function soup(chance: Chance): string {
  return Array.from({ length: chance.below(40) }, () => chance.pick(WORDS)).join(chance.onceIn(3) ? '' : ' ')
}

function randomValue(chance: Chance, depth: number): unknown {
  switch (chance.below(depth > 0 ? 8 : 5)) {
    case 0:
      return null
    case 1:
      return chance.onceIn(2)
    case 2:
      return (chance.below(2_000) - 1_000) * 10 ** chance.below(20)
    case 3:
      return chance.pick(WORDS)
    case 4:
      return soup(chance)
    case 5:
      return Array.from({ length: chance.below(4) }, () => randomValue(chance, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: chance.below(5) }, () => [
          chance.pick([
            'query',
            'variables',
            'operationName',
            'extensions',
            'email',
            'persistedQuery',
            'documentId',
            ...WORDS,
          ]),
          randomValue(chance, depth - 1),
        ]),
      )
  }
}

/** Some bytes replaced, taken out, or put in. */
function mutate(chance: Chance, bytes: Buffer): Buffer {
  const mutated = [...bytes]
  for (let left = 1 + chance.below(4); left > 0; left--) {
    const at = chance.below(mutated.length + 1)
    const few = Array.from({ length: chance.below(3) }, () => chance.below(256))
    mutated.splice(at, chance.below(4), ...few)
  }
  return Buffer.from(mutated)
}

export interface Outcome {
  /** Answers by status. */
  statuses: Map<number, number>
  /** What was answered with something of the inside, or not as GraphQL answers; the first few. */
  faults: string[]
  seconds: number
}

const CONNECTIONS = 16
const PIPELINED = 8
const SHOWN = 10

/** Posts bodies, the same for a seed, over connections that are kept, and reads every answer. */
export async function sendRandomBodies(origin: string, count: number, seed: number): Promise<Outcome> {
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: PIPELINED })
  const chance = createChance(seed)
  const statuses = new Map<number, number>()
  const faults: string[] = []
  const begun = performance.now()
  let left = count

  async function work(): Promise<void> {
    while (left-- > 0) {
      const sent = randomBody(chance)
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: sent,
      })
      const text = await body.text()
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
      const fault = faultOf(statusCode, text)
      if (fault !== null && faults.length < SHOWN)
        faults.push(`${fault}: ${sent.toString('latin1')} -> ${text.slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS * PIPELINED }, work))
  await pool.close()
  return { statuses, faults, seconds: (performance.now() - begun) / 1_000 }
}

function faultOf(status: number, text: string): string | null {
  if (status >= 500) return `status ${status}`
  if (INTERNAL.test(text)) return 'something of the inside'
  try {
    const { data, errors = [] } = JSON.parse(text) as {
      data?: unknown
      errors?: { extensions?: { code?: string } }[]
    }
    if (data === undefined && errors.length === 0) return 'neither data nor errors'
    const isUnknown = errors.some(({ extensions }) => !Object.hasOwn(ERROR_CODES, extensions?.code ?? ''))
    const isOurs =
      data === undefined && errors.some(({ extensions }) => extensions?.code === 'INTERNAL_SERVER_ERROR')
    return isUnknown ? 'no code' : isOurs ? 'an error of ours' : null
  } catch {
    return 'no JSON'
  }
}
