import { parentPort } from 'node:worker_threads'
import type { AudioAsset } from './asset.ts'
import { AudioError, type AudioErrorCode } from './audio-error.ts'
import { compose } from './composition.ts'
import { packageAudio } from './packaging.ts'
import type { Score } from './score.ts'

/** What the main thread asks for: one piece, or to stop the one being made. */
export type WorkerRequest =
  | { kind: 'compose'; score: Score; assetId: string; root: string; ffmpeg: string }
  | { kind: 'stop' }

export type WorkerReply = { asset: AudioAsset } | { fault: { code: AudioErrorCode; message: string } }

const port = parentPort
if (port === null) throw new Error('compose-worker.ts runs as a worker thread only')

let stopping = new AbortController()

port.on('message', async (request: WorkerRequest) => {
  if (request.kind === 'stop') return stopping.abort()
  stopping = new AbortController()
  try {
    const { score, assetId, root, ffmpeg } = request
    const asset = await packageAudio(compose(score), { root, assetId, ffmpeg, signal: stopping.signal })
    port.postMessage({ asset } satisfies WorkerReply)
  } catch (error) {
    const code = error instanceof AudioError ? error.code : 'WORKER_FAILED'
    const message = error instanceof Error ? error.message : String(error)
    port.postMessage({ fault: { code, message } } satisfies WorkerReply)
  }
})
