import type { Client } from 'graphql-ws'
import { createServerClock, type PlayerState, positionAt } from './clock.ts'

/** The part of a graphql-ws client that is needed. */
export type Transport = Pick<Client, 'subscribe'>

export interface PlayerOptions {
  transport: Transport
  /** How long to wait before following again what ended, in milliseconds. */
  retryMs?: number
}

/** One field of `PlayerControlInput`. */
export type Control = Readonly<Record<string, unknown>>

export interface Outcome {
  isDone: boolean
  /** Why not: a code of `userErrors`, or UNAVAILABLE when no answer came. */
  code: string | null
}

/** What plays, on whichever device: the same for all of them. */
export interface FollowedPlayer {
  /** Null until the server has told; another object whenever anything changed. */
  state(): PlayerState | null
  /** Where it is now, in milliseconds. */
  positionMs(): number
  onChange(listener: () => void): () => void
  /** Never rejects. Sent once: whoever means "next, at its end" adds `expectedItemId`, and may say it twice. */
  control(control: Control): Promise<Outcome>
  close(): void
}

const STATE = `id revision playing positionMs at rate repeat shuffle device { id name } revokedBy { id name }
  current { ...Item } queue(first: 50) { totalCount nodes { ...Item } }`
const ITEM = `fragment Item on QueueItem {
  queueItemId item { __typename ... on Track { id title durationMs } ... on Episode { id title durationMs } } }`
const FOLLOW = `subscription { playerChanged { ${STATE} } } ${ITEM}`
const CONTROL = `mutation ($input: PlayerControlInput!) {
  playerControl(input: $input) { player { ${STATE} } userErrors { code } } } ${ITEM}`

interface ControlAnswer {
  playerControl: { player: PlayerState | null; userErrors: { code: string }[] }
}

/** Follows the viewer's player, through cut sockets and servers that end, and says what it is to do. */
export function followPlayer({ transport, retryMs = 250 }: PlayerOptions): FollowedPlayer {
  const clock = createServerClock()
  const listeners = new Set<() => void>()
  let known: PlayerState | null = null
  let isClosed = false
  let leave = (): void => undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Answers and messages may pass each other on the way: only what is newer counts. What one device alone is told has no revision. */
  function take(state: PlayerState, isNow: boolean): void {
    clock.hear(state.at)
    const isSame = known?.id === state.id
    if (isSame && known !== null && state.revision < known.revision + (isNow ? 0 : 1)) return
    known = state
    for (const listener of listeners) listener()
  }

  function follow(): void {
    let isOver = false
    const again = (): void => {
      if (isOver || isClosed) return
      isOver = true
      leave()
      timer = setTimeout(follow, retryMs)
    }
    const stop = transport.subscribe<{ playerChanged: PlayerState }>(
      { query: FOLLOW },
      {
        next({ data }) {
          if (data == null) again()
          else if (!isOver) take(data.playerChanged, true)
        },
        error: again,
        complete: again,
      },
    )
    leave = stop
  }

  follow()
  return {
    state: () => known,
    positionMs: () => (known === null ? 0 : positionAt(known, clock.now())),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    control(control) {
      return new Promise((resolve) => {
        const fail = (): void => resolve({ isDone: false, code: 'UNAVAILABLE' })
        transport.subscribe<ControlAnswer>(
          { query: CONTROL, variables: { input: control } },
          {
            next({ data }) {
              if (data == null) return fail()
              const { player, userErrors } = data.playerControl
              if (player !== null) take(player, false)
              resolve({ isDone: userErrors.length === 0, code: userErrors[0]?.code ?? null })
            },
            error: fail,
            complete: fail,
          },
        )
      })
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      leave()
      listeners.clear()
    },
  }
}
