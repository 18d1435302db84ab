import { ask } from './api.ts'
import { randomId } from './random-id.ts'

const REPORT = `mutation PlaybackReport($events: [PlaybackEventInput!]!) {
  playbackReport(events: $events) { accepted rejected { eventId code } }
}`
const HEARTBEAT_SECONDS = 10

/** Tells the server what is heard, as any player should: these plays count towards trending. */
export function playReport(playbackId: string, audio: HTMLAudioElement): { stop(): void } {
  const listening = new AbortController()
  let started = false
  let lastBeat = 0

  function tell(kind: string): void {
    lastBeat = audio.currentTime
    const positionMs = Math.round(audio.currentTime * 1000)
    const event = { eventId: randomId(), playbackId, kind, positionMs, at: new Date().toISOString() }
    // A lost event costs a statistic, never the music.
    void ask(REPORT, { events: [event] }).catch(() => null)
  }

  function on(type: string, listener: () => void): void {
    audio.addEventListener(type, listener, { signal: listening.signal })
  }

  on('playing', () => {
    tell(started ? 'RESUME' : 'START')
    started = true
  })
  on('pause', () => {
    if (started && !audio.ended) tell('PAUSE')
  })
  on('seeked', () => {
    if (started) tell('SEEK')
  })
  on('ended', () => tell('COMPLETE'))
  on('timeupdate', () => {
    if (started && audio.currentTime - lastBeat >= HEARTBEAT_SECONDS) tell('HEARTBEAT')
  })
  return { stop: () => listening.abort() }
}
