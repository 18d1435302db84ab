import { Refusal } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { HintTopic } from '#shared/topics/hint-topic.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { MemberRole, PlaylistRow } from '../models.ts'
import { canSee, roleOf } from './access.ts'
import type { EditQueue } from './edit-queue.ts'
import { playlistMissing } from './lock.ts'
import { answerAgain, type EarlierAnswer, earlierAnswer, hashOf, keepAnswer, readNonce } from './nonce.ts'
import { type Change, record } from './record.ts'

/** The part that all edits of a list have in common. */
export interface EditInput {
  playlistId: string
  baseRevision?: number | null | undefined
  requireRevision?: boolean | null | undefined
  nonce?: string | null | undefined
}

/** One kind of edit: what it has to find out, and what it makes of it. */
export interface EditPlan<Found, Answer extends object> {
  input: EditInput
  /** Owners may do everything; editors what concerns the items. */
  right: 'OWNER' | 'EDITOR'
  /** What makes a second request with the same nonce the same request. */
  content: object
  /** Columns, as SQL, of what the decision needs to know of the list as it is now. */
  find: Prisma.Sql
  /** Refuses, if it does, before it writes. */
  decide(
    tx: Prisma.TransactionClient,
    playlist: PlaylistRow,
    found: Found & { at: Date; userId: string },
  ): Promise<Decision<Answer>>
}

export interface Decision<Answer extends object> {
  /** Null when there is nothing to do: the revision stays. */
  change: Change | null
  answer: Answer
}

export interface EditTools {
  db: PrismaClient
  topic: HintTopic
  queue: EditQueue
}

interface Scene {
  at: Date
  memberRole: MemberRole | null
  earlier: EarlierAnswer | null
}

export type Edited<Answer> = Answer & { revision: number; alreadyApplied: boolean }

/**
 * One edit of a list that its transaction has locked: look, decide, write. Throws Refusal; then nothing has changed. A
 * nonce this person has used on this list brings the first answer with `alreadyApplied`, and edits nothing.
 */
export async function edit<Found, Answer extends object>(
  { queue }: EditTools,
  identity: Identity,
  plan: EditPlan<Found, Answer>,
): Promise<Edited<Answer>> {
  const { userId } = requireUser(identity)
  const { playlistId } = plan.input
  const nonce = readNonce(plan.input.nonce)
  const hash = hashOf(plan.content)
  if (!isIdOf('playlist', playlistId)) throw playlistMissing()

  return queue.run<Edited<Answer>>(playlistId, async (tx, playlist) => {
    const scene = await look<Found>(tx, plan.find, playlistId, userId, nonce)
    authorise(playlist, userId, scene.memberRole, plan.right)
    if (scene.earlier !== null) return { answer: answerAgain<Edited<Answer>>(scene.earlier, hash) }
    checkRevision(plan.input, playlist.revision)
    const { change, answer } = await plan.decide(tx, playlist, { ...scene, userId })
    const revision = playlist.revision + (change === null ? 0 : 1)
    const told = { alreadyApplied: false, ...answer, revision }
    const memory = nonce === null ? null : keepAnswer({ playlistId, userId, text: nonce, hash }, told)
    if (change !== null) {
      const recorded = await record(tx, playlist, change, { actorId: userId, at: scene.at, nonce, memory })
      return { answer: told, ...recorded }
    }
    if (memory !== null) await tx.$executeRaw(memory)
    return { answer: told }
  })
}

/**
 * A statement of its own, after the lock: one that waits for a lock sees everything but the locked row as it was before the
 * wait, and would miss what the edit before it did.
 */
async function look<Found>(
  tx: Prisma.TransactionClient,
  find: Prisma.Sql,
  playlistId: string,
  userId: string,
  nonce: string | null,
): Promise<Found & Scene> {
  const [scene] = await tx.$queryRaw<(Found & Scene)[]>`
    SELECT clock_timestamp() AS at,
           (SELECT role FROM collaborator WHERE playlist_id = ${playlistId} AND user_id = ${userId}) AS "memberRole",
           ${earlierAnswer(playlistId, userId, nonce)} AS earlier,
           ${find}`
  if (scene === undefined) throw new Error('A query without a table has one row')
  return scene
}

/** What one may not see is missing; what one sees but may not edit is forbidden. */
function authorise(
  playlist: PlaylistRow,
  userId: string,
  memberRole: MemberRole | null,
  right: 'OWNER' | 'EDITOR',
): void {
  if (!canSee(playlist, userId, memberRole)) throw playlistMissing()
  const role = roleOf(playlist, userId, memberRole)
  if (role === 'OWNER' || role === right) return
  const message =
    right === 'OWNER' ? 'Only its owner may do this to a playlist' : 'You may not edit this playlist'
  throw new Refusal('FORBIDDEN', message, ['playlistId'])
}

/** A base revision that is no longer the list's is rebased, unless the client asked for a conflict. */
function checkRevision({ baseRevision, requireRevision }: EditInput, revision: number): void {
  if (requireRevision !== true) return
  if (baseRevision == null)
    throw new Refusal('BAD_USER_INPUT', 'requireRevision needs a baseRevision', ['baseRevision'])
  if (baseRevision !== revision)
    throw new Refusal('CONFLICT', `The playlist is at revision ${revision}`, ['baseRevision'])
}
