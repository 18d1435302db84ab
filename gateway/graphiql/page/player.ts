import type Hls from 'hls.js'
import { wordsOf } from './http.ts'
import { playReport } from './play-report.ts'
import { isManifest, type Manifest, stream } from './seen.ts'
import { createStore } from './store.ts'

export interface PlayerState {
  status: 'idle' | 'loading' | 'playing' | 'paused' | 'failed'
  positionSeconds: number
  durationSeconds: number
  /** The qualities there are, best last, and which one is chosen (-1: as the network allows) and heard. */
  qualities: string[]
  chosen: number
  heard: number
  problem: string | null
}

const IDLE: PlayerState = {
  status: 'idle',
  positionSeconds: 0,
  durationSeconds: 0,
  qualities: [],
  chosen: -1,
  heard: -1,
  problem: null,
}

export const player = createStore<PlayerState>(IDLE)

const audio = new Audio()
let hls: Hls | null = null
let report: ReturnType<typeof playReport> | null = null

/** Plays the manifest the strip shows, from where it stands, or pauses it. */
export function togglePlay(): void {
  const manifest = stream.get()
  if (!isManifest(manifest)) return
  if (player.get().status === 'playing') audio.pause()
  else if (report) void audio.play().catch(failed)
  else void start(manifest).catch(failed)
}

export function seek(seconds: number): void {
  if (report) audio.currentTime = seconds
}

export function chooseQuality(index: number): void {
  if (hls) hls.nextLevel = index
  change({ chosen: index })
}

/** Puts the player back to nothing, for the next manifest. */
export function stopPlayer(): void {
  report?.stop()
  report = null
  hls?.destroy()
  hls = null
  audio.removeAttribute('src')
  player.set(IDLE)
}

async function start(manifest: Manifest): Promise<void> {
  change({ status: 'loading', problem: null })
  const { default: HlsPlayer } = await import('hls.js')
  if (stream.get() !== manifest) return
  report = playReport(manifest.playbackId, audio)
  if (HlsPlayer.isSupported()) attach(HlsPlayer, manifest)
  else audio.src = manifest.url
  await audio.play()
}

function attach(HlsPlayer: typeof Hls, manifest: Manifest): void {
  // No worker of its own: hls.js starts that from a blob, which the page's policy refuses.
  const instance = new HlsPlayer({
    autoStartLoad: false,
    enableWorker: false,
    maxBufferLength: manifest.bufferSeconds ?? 30,
  })
  const { MANIFEST_PARSED, LEVEL_SWITCHED, ERROR } = HlsPlayer.Events
  instance.on(MANIFEST_PARSED, () => {
    const qualities = instance.levels.map((level) => nameOf(manifest, level.audioCodec, level.bitrate))
    const chosen = qualities.indexOf(manifest.selectedQuality ?? '')
    change({ qualities, chosen })
    instance.loadLevel = chosen
    instance.startLoad()
  })
  instance.on(LEVEL_SWITCHED, (_event, { level }) => change({ heard: level }))
  instance.on(ERROR, (_event, { fatal, details, response }) => {
    if (!fatal) return
    const refused = response?.code === 401 || response?.code === 403 || response?.code === 410
    const reason = refused ? 'its signature is no longer accepted. Run PlaybackStart again' : details
    failed(new Error(`The stream stopped: ${reason}.`))
  })
  instance.loadSource(manifest.url)
  instance.attachMedia(audio)
  hls = instance
}

/** The manifest's name for a level: FLAC is the lossless one, the others are told apart by their rate. */
function nameOf({ qualities = [] }: Manifest, codec = '', bitsPerSecond = 0): string {
  const isLossless = /flac/i.test(codec)
  const distance = (kbps: number) => Math.abs(Math.log((kbps * 1000) / bitsPerSecond))
  const candidates = qualities.filter((one) => /flac/i.test(one.codec) === isLossless)
  const [nearest] = candidates.toSorted((a, b) => distance(a.bitrateKbps) - distance(b.bitrateKbps))
  return nearest?.quality ?? `${Math.round(bitsPerSecond / 1000)} kbit/s`
}

function failed(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return
  stopPlayer()
  change({ status: 'failed', problem: wordsOf(error) })
}

function change(part: Partial<PlayerState>): void {
  player.set({ ...player.get(), ...part })
}

audio.addEventListener('playing', () => change({ status: 'playing' }))
audio.addEventListener('pause', () => change({ status: 'paused' }))
audio.addEventListener('durationchange', () => {
  change({ durationSeconds: Number.isFinite(audio.duration) ? audio.duration : 0 })
})
audio.addEventListener('timeupdate', () => change({ positionSeconds: audio.currentTime }))

let shown = stream.get()
stream.subscribe(() => {
  if (stream.get() !== shown) stopPlayer()
  shown = stream.get()
  // Fetched early, so that pressing play answers at once.
  if (isManifest(shown)) void import('hls.js')
})
