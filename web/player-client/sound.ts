import type Hls from 'hls.js'
import type { FollowedPlayer, Transport } from './player.ts'

export interface SoundOptions {
  player: FollowedPlayer
  transport: Transport
  /** The device that this page is. */
  deviceId: string
  audio: HTMLAudioElement
  /** The library, however the page has loaded it. */
  createHls(): Hls
}

/** What this device does of what the player says. */
export interface Sound {
  /** Why nothing is heard, where it should be: a code of `StreamDenied`. */
  denial(): string | null
  close(): void
}

const START = `mutation ($input: PlaybackStartInput!) { playbackStart(input: $input) {
  __typename ... on StreamManifest { url } ... on StreamDenied { code retryable } } }`

interface StartAnswer {
  playbackStart: { __typename: string; url?: string; code?: string; retryable?: boolean }
}

/** How far what is heard may be from where the player is, in milliseconds, before it jumps. */
const DRIFT_MS = 80
const RETRY_MS = 500

/**
 * Plays, as long as the player says that this device does, what is chosen, where it is; and is silent as soon as another one has taken
 * over. Says next when something has ended.
 */
export function playSound({ player, transport, deviceId, audio, createHls }: SoundOptions): Sound {
  let hls: Hls | null = null
  let loaded: string | null = null
  let denied: string | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function silence(): void {
    clearTimeout(timer)
    hls?.destroy()
    hls = null
    loaded = null
    audio.pause()
  }

  function load(queueItemId: string, input: object): void {
    silence()
    loaded = queueItemId
    transport.subscribe<StartAnswer>(
      { query: START, variables: { input } },
      {
        next({ data }) {
          if (loaded !== queueItemId) return
          const answer = data?.playbackStart
          denied = answer?.code ?? null
          if (answer?.url !== undefined) attach(answer.url)
          else {
            loaded = null
            if (answer === undefined || answer.retryable === true) timer = setTimeout(obey, RETRY_MS)
          }
        },
        error() {
          loaded = null
          timer = setTimeout(obey, RETRY_MS)
        },
        complete: () => undefined,
      },
    )
  }

  function attach(url: string): void {
    hls = createHls()
    hls.loadSource(url)
    hls.attachMedia(audio)
    audio.addEventListener('loadeddata', settle, { once: true })
  }

  /** Where the player is, at its rate. */
  function settle(): void {
    const state = player.state()
    if (state === null || hls === null) return
    const seconds = player.positionMs() / 1_000
    if (Math.abs(audio.currentTime - seconds) * 1_000 > DRIFT_MS) audio.currentTime = seconds
    audio.playbackRate = state.rate
    if (state.playing) void audio.play().catch(() => undefined)
    else audio.pause()
  }

  function obey(): void {
    const state = player.state()
    const { current = null, device = null } = state ?? {}
    const item = current?.item
    const isMine = device?.id === deviceId
    if (state === null || current === null || item == null || !isMine) silence()
    else if (loaded === current.queueItemId) settle()
    // A pause is no reason to load anything yet.
    else if (!state.playing) silence()
    else {
      const named = item.__typename === 'Track' ? { trackId: item.id } : { episodeId: item.id }
      load(current.queueItemId, { ...named, deviceId })
    }
  }

  function end(): void {
    const state = player.state()
    if (state === null || state.current === null || state.device?.id !== deviceId) return
    const expectedItemId = state.current.queueItemId
    const isAgain = state.repeat === 'ONE'
    void player.control({ ...(isAgain ? { seek: { positionMs: 0 } } : { next: true }), expectedItemId })
  }

  audio.addEventListener('ended', end)
  const unfollow = player.onChange(obey)
  obey()
  return {
    denial: () => denied,
    close() {
      unfollow()
      audio.removeEventListener('ended', end)
      silence()
    },
  }
}
