import type { CSSProperties } from 'react'
import { chooseQuality, type PlayerState, player, seek, togglePlay } from './player.ts'
import { type Denial, isManifest, type Manifest, stream } from './seen.ts'
import { useStore } from './store.ts'
import './styles/player.css'

/** The bottom line of the page: what PlaybackStart answered, made audible. Always there, so that nothing jumps. */
export function PlayerStrip() {
  const latest = useStore(stream)
  const state = useStore(player)
  const manifest = isManifest(latest) ? latest : null
  const isPlaying = state.status === 'playing'
  return (
    <section className="player" aria-label="Player">
      <button
        type="button"
        className="play"
        disabled={!manifest}
        aria-label={isPlaying ? 'Pause' : 'Play'}
        onClick={togglePlay}
      >
        <PlayGlyph isPlaying={isPlaying} isLoading={state.status === 'loading'} />
      </button>
      {manifest ? (
        <Playing manifest={manifest} state={state} />
      ) : (
        <p className="quiet" role="status">
          {latest
            ? refusal(latest as Denial)
            : 'Nothing to play yet. Run PlaybackStart, then press play here.'}
        </p>
      )}
    </section>
  )
}

function Playing({ manifest, state }: { manifest: Manifest; state: PlayerState }) {
  const title = manifest.track?.title ?? manifest.episode?.title ?? 'A stream without a title'
  return (
    <>
      <p className="playing" role="status">
        <strong>{title}</strong>
        <span className="quiet small">{state.problem ?? about(manifest, state)}</span>
      </p>
      <span className="time">{clock(state.positionSeconds)}</span>
      <Position state={state} />
      <span className="time">{clock(state.durationSeconds)}</span>
      <select
        className="field quality"
        aria-label="Quality"
        value={state.chosen}
        disabled={state.qualities.length === 0}
        onChange={(event) => chooseQuality(Number(event.currentTarget.value))}
      >
        <option value={-1}>{automatic(state, manifest)}</option>
        {state.qualities.map((quality, index) => (
          <option key={quality} value={index}>
            {quality}
          </option>
        ))}
      </select>
    </>
  )
}

function Position({ state: { positionSeconds, durationSeconds } }: { state: PlayerState }) {
  const played = durationSeconds === 0 ? 0 : (100 * positionSeconds) / durationSeconds
  return (
    <input
      type="range"
      className="position"
      aria-label="Position"
      aria-valuetext={`${clock(positionSeconds)} of ${clock(durationSeconds)}`}
      min={0}
      max={durationSeconds || 1}
      step={0.1}
      value={positionSeconds}
      disabled={durationSeconds === 0}
      style={{ '--played': `${played}%` } as CSSProperties}
      onChange={(event) => seek(event.currentTarget.valueAsNumber)}
    />
  )
}

function automatic({ qualities, chosen, heard }: PlayerState, manifest: Manifest): string {
  if (qualities.length === 0) return manifest.selectedQuality ?? 'Quality'
  const now = chosen === -1 ? qualities[heard] : undefined
  return now === undefined ? 'Automatic' : `Automatic: ${now}`
}

function about({ presentation, qualities = [], selectedQuality }: Manifest, state: PlayerState): string {
  const heard = state.qualities[state.heard] ?? selectedQuality
  const quality = qualities.find((one) => one.quality === heard)
  const sound = quality && `${nameOf(quality.codec)} at ${quality.bitrateKbps} kbit/s`
  return [presentation === 'PREVIEW' && 'Preview', sound].filter(Boolean).join(', ') || 'Ready'
}

function nameOf(codec: string): string {
  if (/mp4a|aac/i.test(codec)) return 'AAC'
  return /flac/i.test(codec) ? 'FLAC' : codec
}

function refusal({ code, message, retryable }: Denial): string {
  return `No stream (${code}): ${message}${retryable ? ' Run it again in a moment.' : ''}`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

function PlayGlyph({ isPlaying, isLoading }: { isPlaying: boolean; isLoading: boolean }) {
  const shape = isPlaying ? 'M5 3h3v10H5zM9 3h3v10H9z' : 'M5 2.5v11l8-5.5z'
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className={isLoading ? 'waiting' : ''}>
      <path d={shape} fill="currentColor" />
    </svg>
  )
}
