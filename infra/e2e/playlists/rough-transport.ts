import { parse, print } from 'graphql'
import type { FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws'
import type { LocalRoom, RoomRequest, RoomResponse } from '#shared/room.ts'
import type { Chance } from '../../../gateway/execute/testing/chance.ts'
import { ownPart } from '../../../subgraphs/playlists/testing/operations.ts'
import type { Transport } from '../../../web/playlist-client/outbox.ts'
import type { Input } from './ledger.ts'
import type { Person } from './stage.ts'

/**
 * What graphql-ws is to a client, straight to the processes of a room and worse than any network: messages come late, twice or
 * never, requests and answers are lost, sockets are cut, and after each cut another process answers.
 */
export interface RoughTransport extends Transport {
  cut(): void
  /** Loses, delays and repeats nothing any more, after one last cut. */
  heal(): void
  /** What has gone wrong, by name. */
  readonly mishaps: Readonly<Record<Mishap, number>>
  /** What has been sent, by its nonce: `input` of the mutation. */
  readonly sent: ReadonlyMap<string, { input: Input; copies: number }>
}

const MISHAPS = {
  'messages lost': 20,
  'messages that came late': 15,
  'messages that came twice': 15,
  'requests that came late': 3,
  'requests lost': 12,
  'requests that came twice': 6,
  'answers lost': 12,
  'sockets cut': 40,
  'sockets given up': 4,
}

/** Each happens once in so many times that it could. */
export type Mishap = keyof typeof MISHAPS

interface Connection {
  room: LocalRoom
  isCut: boolean
  whenCut: Promise<null>
  cut(): void
}

const RECONNECT_MS = 3
const LATE_MS = 15

export function createRoughTransport(
  rooms: readonly LocalRoom[],
  identity: Person,
  chance: Chance,
): RoughTransport {
  const sent = new Map<string, { input: Input; copies: number }>()
  const mishaps = Object.fromEntries(Object.keys(MISHAPS).map((name) => [name, 0])) as Record<Mishap, number>
  let isRough = true
  let connection = connect()

  function connect(): Connection {
    let settle = (): void => undefined
    const whenCut = new Promise<null>((resolve) => {
      settle = () => resolve(null)
    })
    return {
      room: chance.pick(rooms),
      isCut: false,
      whenCut,
      cut() {
        this.isCut = true
        settle()
      },
    }
  }

  function cut(): void {
    connection.cut()
    connection = connect()
  }

  function happens(mishap: Mishap): boolean {
    if (!isRough || !chance.onceIn(MISHAPS[mishap])) return false
    mishaps[mishap]++
    return true
  }

  /** One mutation over one connection: null when the answer does not come through. */
  async function mutate({ room }: Connection, request: RoomRequest): Promise<RoomResponse | null> {
    const isTwice = happens('requests that came twice')
    const input = request.variables?.['input'] as Input
    const nonce = input['nonce'] as string
    sent.set(nonce, { input, copies: (sent.get(nonce)?.copies ?? 0) + (isTwice ? 2 : 1) })
    if (happens('requests that came late')) await pause(chance.below(LATE_MS))
    if (happens('requests lost')) return null
    const [answer] = await Promise.all([
      room.execute(request),
      isTwice ? chance.pick(rooms).execute(request) : null,
    ])
    return happens('answers lost') ? null : answer
  }

  function deliver(from: Connection, hand: () => void): void {
    if (happens('messages lost')) return
    if (happens('messages that came late')) void pause(chance.below(LATE_MS)).then(() => from.isCut || hand())
    else hand()
    if (happens('messages that came twice')) hand()
    if (happens('sockets cut')) cut()
  }

  function subscribe<Data, Extensions>(
    payload: SubscribePayload,
    sink: Sink<FormattedExecutionResult<Data, Extensions>>,
  ): () => void {
    let isOver = false
    let leave = (): void => undefined
    const over = (): void => {
      isOver = true
      leave()
    }
    const next = (result: RoomResponse): void => {
      if (!isOver) sink.next(JSON.parse(JSON.stringify(result)) as FormattedExecutionResult<Data, Extensions>)
    }

    /** True when all has been said, false when the connection was cut. */
    async function runOver(current: Connection, request: RoomRequest): Promise<boolean> {
      if (request.query.startsWith('mutation')) {
        const answer = await mutate(current, request)
        if (answer === null) current.cut()
        if (answer === null || current.isCut) return false
        next(answer)
        return true
      }
      const source = await current.room.subscribe(request)
      if (!(Symbol.asyncIterator in source)) throw source.errors
      leave = () => void source.return?.()
      while (!isOver) {
        const step = await Promise.race([source.next(), current.whenCut])
        if (step === null) {
          leave()
          return false
        }
        if (step.done === true) return true
        deliver(current, () => next(step.value))
      }
      leave()
      return true
    }

    async function run(): Promise<void> {
      for (let isDone = false; !isDone && !isOver; ) {
        const current = connection
        const { query, variables } = JSON.parse(JSON.stringify(payload)) as Required<SubscribePayload>
        isDone = await runOver(current, { query: roomQuery(query), variables: variables ?? {}, identity })
        if (!isDone && current === connection) cut()
        if (!isDone) await pause(RECONNECT_MS)
        if (!isDone && happens('sockets given up')) throw new Error('graphql-ws has given up')
      }
    }

    run().then(sink.complete, (error) => (isOver ? sink.complete() : sink.error(error)))
    return over
  }

  return {
    subscribe,
    mishaps,
    sent,
    cut,
    heal() {
      isRough = false
      cut()
    },
  }
}

const roomQueries = new Map<string, string>()

function roomQuery(query: string): string {
  const known = roomQueries.get(query) ?? print(ownPart(parse(query)))
  roomQueries.set(query, known)
  return known
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
