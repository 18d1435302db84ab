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
  onSubscribe: ((request: RoomRequest) => Promise<RoomResponse> | undefined) | null
  /** How long titles take. */
  titlesMs: number
  reload(version?: number): Promise<void>
  stop(): Promise<void>
}

export interface StageOptions {
  keys?: JSONWebKeySet | null
  admission?: Partial<AdmissionOptions>
  roomTimeoutMs?: number
}

const HEAD = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
  @link(url: "https://cadenza.example/spec/viewer/v1.0", import: ["@viewer", "@sharedEvents"])
  @composeDirective(name: "@viewer")
  @composeDirective(name: "@sharedEvents")
directive @viewer on FIELD_DEFINITION
directive @sharedEvents(stream: Boolean = false) on FIELD_DEFINITION`

/** `version` adds a field by which supergraphs can be told apart. */
function supergraphOf(version: number): string {
  const services = {
    stage: `${HEAD}
      type Query { stage: String, version${version}: Int }
      type Subscription {
        played(room: ID, since: Int): Play
        listed(room: ID, since: Int): Play @sharedEvents
        broadcast(room: ID): Play @sharedEvents(stream: true)
      }
      type Play { n: Int! kind: String track: Track mine: String @viewer }
      type Track @key(fields: "id") { id: ID! }`,
    titles: `${HEAD}
      type Query { titles: String }
      type Track @key(fields: "id") { id: ID! title(upper: Boolean): String liked: Boolean @viewer }`,
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
  let open = 0

  const rooms: Record<string, Room> = {
    stage: {
      name: 'stage',
      execute: async () => ({ data: { stage: 'main' } }),
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
    titles: {
      name: 'titles',
      async execute(request) {
        asked.push(request)
        if (stage.titlesMs > 0) await new Promise((resolve) => setTimeout(resolve, stage.titlesMs))
        const { representations = [] } = request.variables as { representations?: { id: string }[] }
        const who = request.identity.userId ?? 'nobody'
        const entities = representations.map(({ id }) => ({
          __typename: 'Track',
          title: `Title of ${id}`,
          liked: who !== 'nobody',
        }))
        return { data: { _entities: entities } }
      },
      subscribe: async () => ({ errors: [{ message: 'none' }] }),
      isReady: async () => true,
    },
  }
  const door = await createDoor({
    supergraph: supergraphOf(0),
    openRoom: (name) => rooms[name],
    authenticator: createJwksAuthenticator({ keys: options.keys ?? null, forwarded: ['x-viewer'] }),
    roomTimeoutMs: options.roomTimeoutMs ?? 5_000,
    admission: options.admission,
    isProduction: true,
    logger: createLogger('test', 'silent'),
  })
  const stage: Stage = {
    url: `http://127.0.0.1:${await door.listen(0, '127.0.0.1')}/graphql`,
    streams,
    openStreams: () => open,
    asked,
    onSubscribe: null,
    titlesMs: 0,
    reload: (version = 0) => door.reload(supergraphOf(version)),
    stop: () => door.stop(),
  }
  return stage
}
