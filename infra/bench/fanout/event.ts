import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'

/** What everybody follows: about 0.35 kB a message. */
export const QUERY = `subscription Playing($room: ID!) {
  FIELD(room: $room) { id room positionMs startedAt listeners at track { id title durationMs artist { id name } } }
}`

const TYPES = `
  type Query { ok: Boolean }
  type Play { id: ID! room: ID! positionMs: Int! startedAt: String! listeners: Int! at: String! track: Track! }
  type Track { id: ID! title: String! durationMs: Int! artist: Artist! }
  type Artist { id: ID! name: String! }`

/** As a room of ours declares it: everybody's stream, everybody's events, or nothing. */
export const SDL = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
    @link(url: "https://cadenza.example/spec/viewer/v1.0", import: ["@sharedEvents"])
    @composeDirective(name: "@sharedEvents")
  directive @sharedEvents(stream: Boolean = false) on FIELD_DEFINITION
  ${TYPES}
  type Subscription {
    oneStream(room: ID!): Play! @sharedEvents(stream: true)
    sameEvents(room: ID!): Play! @sharedEvents
    ownEvents(room: ID!): Play!
  }`

/** The same as one schema, for a server without federation. */
export const PLAIN_SDL = `${TYPES} type Subscription { ownEvents(room: ID!): Play! }`

export function supergraph(): string {
  const { supergraphSdl, errors } = composeServices([
    { name: 'stage', typeDefs: parse(SDL), url: 'http://stage' },
  ])
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}

/** `at` is when it happened, by a clock that all processes of the machine share. */
export function eventAt(n: number): object {
  return {
    id: `play-${n}`,
    room: 'main',
    positionMs: 1_000 * n,
    startedAt: '2026-01-01T00:00:00.000Z',
    listeners: 1_000,
    at: String(process.hrtime.bigint()),
    track: {
      id: `track-${n % 97}`,
      title: 'Everyone I Love Is Asleep (Live)',
      durationMs: 271_000,
      artist: { id: 'artist-12', name: 'The Paper Kites Club' },
    },
  }
}
