import { buildSchema, parse } from 'graphql'
import { expect, test } from 'vitest'
import { createEventSharing, type EventResolution } from './event-sharing.ts'

const schema = buildSchema(`
  directive @viewer on FIELD_DEFINITION
  directive @sharedEvents on FIELD_DEFINITION
  type Query { nothing: Int }
  type Subscription { changed(id: ID!, since: Int): Change @sharedEvents  told(id: ID!): Change }
  type Change { name: String  page(first: Int): Int  isOwn: Boolean @viewer  inner: Change }
`)
const sharing = createEventSharing(schema)

function follow(text: string, variables: Record<string, unknown> = {}): EventResolution {
  return sharing({ document: parse(text), variables })
}

/** How many times the event was resolved for these followers, who get it at the same time. */
async function resolutions(followers: readonly EventResolution[], field = 'changed'): Promise<number> {
  const event = { name: 'it' }
  let count = 0
  const answers = await Promise.all(
    followers.map((resolve) => resolve({ [field]: event }, async () => ({ data: { n: ++count } }))),
  )
  expect(answers).toHaveLength(followers.length)
  return count
}

const CHANGED = parse('subscription ($id: ID!, $since: Int) { changed(id: $id, since: $since) { name } }')
const PAGED = parse('subscription ($first: Int) { changed(id: 1) { page(first: $first) } }')

test('the same words over the same event are resolved once, whatever the field itself was asked with', async () => {
  const followers = [1, 2, 3].map((since) => sharing({ document: CHANGED, variables: { id: 'a', since } }))

  expect(await resolutions(followers)).toBe(1)
})

test('what stands below the field counts', async () => {
  const followers = [1, 2, 1].map((first) => sharing({ document: PAGED, variables: { first } }))

  expect(await resolutions(followers)).toBe(2)
})

test.each([
  ['a field of the viewer’s', 'subscription { changed(id: 1) { isOwn } }'],
  ['one deep below', 'subscription { changed(id: 1) { inner { inner { isOwn } } } }'],
  ['one in a fragment', 'subscription { changed(id: 1) { ...F } } fragment F on Change { inner { isOwn } }'],
  ['a field that shares no events', 'subscription { told(id: 1) { name } }'],
])('%s is resolved for each', async (_, text) => {
  const document = parse(text)
  const followers = [1, 2].map(() => sharing({ document, variables: {} }))

  expect(await resolutions(followers, text.includes('told') ? 'told' : 'changed')).toBe(2)
})

test('other words, another event, and one that comes later are resolved by themselves', async () => {
  const one = follow('subscription { changed(id: 1) { name } }')
  const other = follow('subscription { changed(id: 1) { page } }')
  expect(await resolutions([one, other])).toBe(2)

  const same = [{ name: 'it' }, { name: 'it' }]
  let count = 0
  const work = async () => ({ data: { n: ++count } })
  await Promise.all(same.map((event) => one({ changed: event }, work)))
  expect(count).toBe(2)
  await new Promise((resolve) => setImmediate(resolve))
  await one({ changed: same[0] }, work)
  expect(count).toBe(3)
})

test('a resolution that fails fails for those who share it, and is tried again by the next', async () => {
  const resolve = sharing({ document: CHANGED, variables: {} })
  const event = { changed: {} }
  const broken = [1, 2].map(() => resolve(event, () => Promise.reject(new Error('away'))))

  expect((await Promise.allSettled(broken)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await new Promise((done) => setImmediate(done))
  expect(await resolve(event, async () => ({ data: { n: 1 } }))).toEqual({ data: { n: 1 } })
})
