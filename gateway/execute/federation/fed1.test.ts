import { describe, expect, it } from 'vitest'
import { federate } from '../testing/federation.ts'

const RIDERS = [
  { id: 'a', name: 'Ada', mail: 'ada@x', card: 'c1' },
  { id: 'b', name: 'Bo', mail: 'bo@x', card: 'c2' },
]

describe.each([
  { form: 'extend type', head: 'extend type Rider @key(fields: "id")' },
  { form: '@extends', head: 'type Rider @extends @key(fields: "id")' },
])('subgraphs of federation 1 with $form', ({ head }) => {
  const ask = federate({
    trips: {
      sdl: `type Query { last: Rider named: Rider @provides(fields: "name") }
            ${head} { id: ID! @external name: String! @external card: String @external trips: Int fare: String @requires(fields: "card") }`,
      resolvers: {
        Query: { last: () => ({ id: 'a' }), named: () => ({ id: 'b', name: 'Provided' }) },
        Rider: {
          __resolveReference: (reference: object) => reference,
          trips: ({ id }: { id: string }) => id.length,
          fare: ({ card }: { card: string }) => `fare on ${card}`,
        },
      },
    },
    riders: {
      sdl: `type Query { rider(id: ID!): Rider }
            type Rider @key(fields: "id") @key(fields: "mail") { id: ID! mail: String! name: String! card: String }`,
      resolvers: {
        Query: { rider: (_: object, { id }: { id: string }) => RIDERS.find((rider) => rider.id === id) },
        Rider: { __resolveReference: ({ id }: { id: string }) => RIDERS.find((rider) => rider.id === id) },
      },
    },
    letters: {
      sdl: `extend type Rider @key(fields: "mail") { mail: String! @external letters: [String] }`,
      resolvers: { Rider: { letters: ({ mail }: { mail: string }) => [`to ${mail}`] } },
    },
  })

  it('are one graph', async () => {
    const { ours, stock } = await ask(
      'query ($id: ID!) { last { name trips fare letters } rider(id: $id) { trips letters } }',
      { id: 'b' },
    )

    expect(ours).toEqual({
      data: {
        last: { name: 'Ada', trips: 1, fare: 'fare on c1', letters: ['to ada@x'] },
        rider: { trips: 1, letters: ['to bo@x'] },
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('provide what they have', async () => {
    const { ours, stock, calls } = await ask('{ named { id name } }')

    expect(ours).toEqual({ data: { named: { id: 'b', name: 'Provided' } }, errors: [] })
    expect(calls).toEqual(['trips'])
    expect(stock).toEqual(ours)
  })
})
