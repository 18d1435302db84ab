export type AudioErrorCode =
  | 'FFMPEG_MISSING'
  | 'FFMPEG_FAILED'
  | 'FFMPEG_TIMEOUT'
  | 'FILE_BROKEN'
  | 'QUEUE_FULL'
  | 'WORKER_FAILED'
  | 'CLOSED'
  | 'NOT_AUDIO'
  | 'TRUNCATED'
  | 'TOO_LONG'
  | 'NO_ROOM'

/** Why a track has no audio: one sentence for people, a code for programs. Crosses threads as `{ code, message }`. */
export class AudioError extends Error {
  readonly code: AudioErrorCode

  constructor(code: AudioErrorCode, message: string) {
    super(message)
    this.name = 'AudioError'
    this.code = code
  }
}
