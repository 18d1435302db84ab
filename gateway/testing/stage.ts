import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'
import type { JSONWebKeySet } from 'jose'
import type { Room, RoomRequest, RoomResponse } from '#shared/room.ts'
import { type Channel, createChannel } from '#shared/streams.ts'
import { createLogger } from '#shared/telemetry.ts'
import type { AdmissionOptions } from '../admission.ts'
import { createJwksAuthenticator } from '../jwks-authenticator.ts'
import { createDoor } from '../server.ts'

/** A stream that the door has opened, and the test feeds. */
export interface OpenStream {
  request: RoomRequest
  /** Sends an event of `field` with the number `n`, about the track `track-<n>`. */
  emit(field: string, n: number, more?: object): void
  channel: Channel<RoomResponse>
}

/** A door over two rooms in this process: one has streams, the other titles for what is in them. */
export interface Stage {
  url: string
  /** All streams that were ever opened, and how many still are. */
  streams: OpenStream[]
  openStreams(): number
  /** Whom the room of titles was asked by, call for call. */
  asked: RoomRequest[]
  /** What the stage does when a stream is asked for, instead of opening it. */
  onSubscribe: ((request: RoomRequest) => ReturnType<Room['subscribe']> | undefined) | null
  /** What the stage answers to `{ stage }`. */
  text: string
  /** How long titles take. */
  titlesMs: number
  reload(version: Version): Promise<void>
  /** Rooms that were let go of. */
  closed: string[]
  stop(): Promise<void>
}

/** By what supergraphs differ. */
export interface Version {
  number: number
  /** Which of two rooms has the titles; null where there are none. */
  titlesIn: 'titles' | 'names' | null
}

export interface StageOptions {
  keys?: JSONWebKeySet | URL | null
  admission?: Partial<AdmissionOptions>
  roomTimeoutMs?: number
  slowestReaderMs?: number
}

const HEAD = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
  @link(url: "https://cadenza.example/spec/viewer/v1.0", import: ["@viewer", "@sharedEvents"])
  @composeDirective(name: "@viewer")
  @composeDirective(name: "@sharedEvents")
directive @viewer on FIELD_DEFINITION
directive @sharedEvents(stream: Boolean = false) on FIELD_DEFINITION`

function supergraphOf({ number, titlesIn }: Version): string {
  const services: Record<string, string> = {
    stage: `${HEAD}
      type Query { stage: String, version${number}: Int }
      type Mutation { touch: String }
      type Subscription {
        played(room: ID, since: Int): Play
        listed(room: ID, since: Int): Play @sharedEvents
        broadcast(room: ID): Play @sharedEvents(stream: true)
      }
      type Play { n: Int! kind: String track: Track mine: String @viewer }
      type Track @key(fields: "id") { id: ID! }`,
  }
  if (titlesIn !== null) {
    services[titlesIn] = `${HEAD}
      type Query { titles: String }
      type Track @key(fields: "id") { id: ID! title(upper: Boolean): String liked: Boolean @viewer }`
  }
  const { supergraphSdl, errors } = composeServices(
    Object.entries(services).map(([name, sdl]) => ({ name, typeDefs: parse(sdl), url: `http://${name}` })),
  )
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const streams: OpenStream[] = []
  const asked: RoomRequest[] = []
  const closed: string[] = []
  let open = 0

  const roomOfTitles = (name: string): Room => ({
    name,
    async execute(request) {
      asked.push(request)
      if (stage.titlesMs > 0) await new Promise((resolve) => setTimeout(resolve, stage.titlesMs))
      const { representations = [] } = request.variables as { representations?: { id: string }[] }
      const entities = representations.map(({ id }) => ({
        __typename: 'Track',
        title: `${name === 'titles' ? 'Title' : 'Name'} of ${id}`,
        liked: request.identity.userId !== null,
      }))
      return { data: { _entities: entities } }
    },
    subscribe: async () => ({ errors: [{ message: 'none' }] }),
    isReady: async () => true,
    close: async () => void closed.push(name),
  })
  const rooms: Record<string, Room> = {
    stage: {
      name: 'stage',
      execute: async () => ({ data: { stage: stage.text } }),
      async subscribe(request) {
        const instead = stage.onSubscribe?.(request)
        if (instead !== undefined) return instead
        open++
        const channel = createChannel<RoomResponse>({ onClose: () => open-- })
        streams.push({
          request,
          channel,
          emit(field, n, more = {}) {
            const track = { __typename: 'Track', id: `track-${n}` }
            channel.push({ data: { [field]: { __typename: 'Play', n, kind: 'PLAY', track, ...more } } })
          },
        })
        return channel
      },
      isReady: async () => true,
    },
    titles: roomOfTitles('titles'),
    names: roomOfTitles('names'),
  }
  const door = await createDoor({
    supergraph: supergraphOf({ number: 0, titlesIn: 'titles' }),
    openRoom: (name) => rooms[name],
    authenticator: createJwksAuthenticator({
      keys: options.keys ?? null,
      forwarded: ['authorization', 'cookie', 'x-country'],
    }),
    roomTimeoutMs: options.roomTimeoutMs ?? 5_000,
    admission: options.admission,
    slowestReaderMs: options.slowestReaderMs,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  const stage: Stage = {
    url: `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`,
    streams,
    openStreams: () => open,
    asked,
    onSubscribe: null,
    text: 'main',
    titlesMs: 0,
    reload: (version) => door.reload(supergraphOf(version)),
    closed,
    stop: () => door.stop(),
  }
  return stage
}
