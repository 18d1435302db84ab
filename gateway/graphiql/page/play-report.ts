import { ask } from './api.ts'
import { randomId } from './random-id.ts'

const REPORT = `mutation PlaybackReport($events: [PlaybackEventInput!]!) {
  playbackReport(events: $events) { accepted rejected { eventId code } }
}`
const HEARTBEAT_SECONDS = 10

/** Tells the server what is heard, as any player should: these plays count towards trending. */
export function playReport(playbackId: string, audio: HTMLAudioElement): { stop(): void } {
  const listening = new AbortController()
  let state: 'unstarted' | 'playing' | 'paused' | 'stalled' = 'unstarted'
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
    // It also fires after every seek, which is no resuming.
    if (state !== 'playing') tell(state === 'unstarted' ? 'START' : 'RESUME')
    state = 'playing'
  })
  on('pause', () => {
    if (state === 'unstarted' || audio.ended) return
    state = 'paused'
    tell('PAUSE')
  })
  on('waiting', () => {
    // hls.js empties the element for a moment when the codec changes; nobody hears a stall then.
    if (state !== 'playing' || audio.seeking || audio.readyState === HTMLMediaElement.HAVE_NOTHING) return
    state = 'stalled'
    tell('STALL')
  })
  on('seeking', () => {
    lastBeat = audio.currentTime
  })
  on('seeked', () => {
    if (state !== 'unstarted') tell('SEEK')
  })
  on('timeupdate', () => {
    const isDue = audio.currentTime - lastBeat >= HEARTBEAT_SECONDS
    if (state === 'playing' && isDue) tell('HEARTBEAT')
  })
  on('ended', () => {
    tell('COMPLETE')
    // Hearing it again from here is for pleasure: a playback completes once.
    listening.abort()
  })
  return { stop: () => listening.abort() }
}
