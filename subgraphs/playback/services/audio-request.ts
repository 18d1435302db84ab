import type { SqlDatabase } from '#shared/database.ts'
import { publish } from '#shared/outbox.ts'
import { AUDIO_REQUEST_EVERY_MS, TRANSACTION } from '../config.ts'
import { audioRequested } from '../events.ts'

/** Asks the catalogue for the audio of a playable, at most once in ten seconds however many want to hear it. */
export async function requestAudio(db: SqlDatabase, playableId: string, now: number): Promise<void> {
  await db.$transaction(async (tx) => {
    const [playable] = await tx.$queryRaw<{ askedAt: Date | null }[]>`
      SELECT audio_requested_at AS "askedAt" FROM playable WHERE id = ${playableId} FOR UPDATE`
    if (playable === undefined || now - (playable.askedAt?.getTime() ?? 0) < AUDIO_REQUEST_EVERY_MS) return
    await tx.$executeRaw`UPDATE playable SET audio_requested_at = ${new Date(now)} WHERE id = ${playableId}`
    await publish(tx, [audioRequested(playableId)])
  }, TRANSACTION)
}
