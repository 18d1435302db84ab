import type { Counter } from 'prom-client'
import { Pool } from 'undici'
import { createChance } from '../../execute/testing/chance.ts'
import { doorAnswers, doorCallsShared, doorEntities } from '../../telemetry.ts'
import type { CachingOptions } from '../caching.ts'
import { openMarket, PRODUCTS } from './market.ts'
import { createWitness, DOCUMENTS, type Kind, type Witness } from './witness.ts'

export interface MixedReport {
  requests: number
  seconds: number
  /** Answers that hold something of another viewer or another country. */
  foreign: string[]
  /** Answers that are not what was asked for, or older than what their viewer knew. */
  wrong: string[]
  /** What was not done again. */
  answersShared: number
  answersCached: number
  callsShared: number
  entitiesCached: number
  /** Requests that reached a room. */
  calls: number
}

const VIEWERS = 50
/** Requests that one viewer has under way at a time. */
const LANES = 4
const COUNTRIES = ['SE', 'US', 'JP']
/** So often something public changes, a viewer changes something of theirs, and a viewer asks the same in two places at once. */
const [REPRINT_ONCE_IN, RENAME_ONCE_IN, TWICE_ONCE_IN] = [300, 40, 4]
const QUERIES = (Object.keys(DOCUMENTS) as Kind[]).filter((kind) => kind !== 'rename')
/** Few, so that many ask for the same. */
const PAGES = [2, PRODUCTS.length]

/** Sends seeded requests of 50 viewers to a door over HTTP, 200 at a time, and looks at every answer. */
export async function runMixed(
  requests: number,
  seed: number,
  caching: CachingOptions,
): Promise<MixedReport> {
  const chance = createChance(seed)
  const market = await openMarket(caching, () => chance.below(4))
  const pool = new Pool(new URL(market.url).origin, { connections: VIEWERS * LANES })
  const prints = new Map(PRODUCTS.map((id) => [id, 0]))
  const foreign: string[] = []
  const wrong: string[] = []
  const before = await countSpared()
  const begunAt = performance.now()
  let left = requests

  async function ask(witness: Witness, kind: Kind): Promise<void> {
    left--
    const question = witness.ask(kind, chance.pick(PAGES), chance.pick(PRODUCTS))
    const { first, id } = question
    const { body } = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        authorization: witness.name,
        'x-country': witness.country,
      },
      body: JSON.stringify({ query: DOCUMENTS[kind], variables: { first, id } }),
    })
    const text = await body.text()
    if (witness.isForeign(text)) foreign.push(`${witness.name} asked ${kind} and got ${text}`)
    if (!witness.isRight(question, text)) wrong.push(`${witness.name} asked ${kind} and got ${text}`)
  }

  async function work(witness: Witness): Promise<void> {
    while (left > 0) {
      if (chance.onceIn(REPRINT_ONCE_IN)) {
        const id = chance.pick(PRODUCTS)
        prints.set(id, market.reprint(id))
      }
      const kind = chance.onceIn(RENAME_ONCE_IN) ? 'rename' : chance.pick(QUERIES)
      const isTwice = left > 1 && chance.onceIn(TWICE_ONCE_IN)
      await Promise.all([ask(witness, kind), isTwice && ask(witness, kind)])
    }
  }

  try {
    const witnesses = Array.from({ length: VIEWERS }, (_, index) =>
      createWitness(`viewer-${index}`, COUNTRIES[index % COUNTRIES.length] ?? '', prints),
    )
    await Promise.all(witnesses.flatMap((witness) => Array.from({ length: LANES }, () => work(witness))))
  } finally {
    await pool.close()
    await market.close()
  }
  const after = await countSpared()
  return {
    requests,
    seconds: (performance.now() - begunAt) / 1_000,
    foreign,
    wrong,
    answersShared: after.answersShared - before.answersShared,
    answersCached: after.answersCached - before.answersCached,
    callsShared: after.callsShared - before.callsShared,
    entitiesCached: after.entitiesCached - before.entitiesCached,
    calls: market.calls(),
  }
}

async function countSpared() {
  return {
    answersShared: await sum(doorAnswers, 'shared'),
    answersCached: await sum(doorAnswers, 'cached'),
    callsShared: await sum(doorCallsShared),
    entitiesCached: await sum(doorEntities, 'cached'),
  }
}

/** What a counter has counted by now, of one label's value or of all. */
async function sum(counter: Counter<string>, label?: string): Promise<number> {
  const { values } = await counter.get()
  const meant = values.filter(({ labels }) => label === undefined || Object.values(labels).includes(label))
  return meant.reduce((total, { value }) => total + value, 0)
}
