import type { ObjectStorage } from '#shared/storage/storage.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Workers } from '../jobs/workers.ts'
import { type AudioJobs, type AudioRow, requestAudio } from './audio-jobs.ts'

const LOOK_AGAIN_MS = 50

/** How many of the pieces asked for are there, of how many. Called when it changes, never when all were there before. */
export type OnReady = (ready: number, all: number) => void

/**
 * Resolves when all of these have their audio, composing what is missing; rejects with the reasons when one cannot be
 * composed. A piece whose files are gone from the storage is made again.
 */
export async function ensureAudio(
  parts: { db: PrismaClient; jobs: AudioJobs; composing: Workers; storage: ObjectStorage },
  playableIds: readonly string[],
  onReady: OnReady,
): Promise<void> {
  const { db, jobs, composing, storage } = parts
  const ids = [...new Set(playableIds)]
  await requestAudio(db, ids)
  await jobs.startAnew(ids)
  await jobs.repeat(await findLost(storage, await jobs.find(ids)))
  composing.start()
  composing.wake()

  let isFirstLook = true
  for (let known = -1; ; isFirstLook = false) {
    const rows = await jobs.find(ids)
    if (rows.length < ids.length) {
      const unknown = ids.filter((id) => !rows.some((row) => row.playableId === id))
      throw new Error(`Nothing can be composed for ${unknown.join(', ')}: missing, or without features`)
    }
    const failed = rows.filter((row) => row.state === 'FAILED')
    if (failed[0] !== undefined)
      throw new Error(
        `${failed[0].playableId} could not be composed: ${failed[0].failure ?? 'no reason known'}`,
      )
    const ready = rows.filter((row) => row.state === 'READY').length
    if (ready === ids.length && isFirstLook) return
    if (ready !== known) onReady(ready, ids.length)
    if (ready === ids.length) return
    known = ready
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** The storage may be another than the one the database remembers, or have been emptied. */
async function findLost(storage: ObjectStorage, rows: readonly AudioRow[]): Promise<string[]> {
  const lost: string[] = []
  for (const { playableId, asset } of rows) {
    const found = await Promise.all(asset?.renditions.map(({ path }) => storage.find(path)) ?? [])
    if (found.includes(null)) lost.push(playableId)
  }
  return lost
}
