import { createHash } from 'node:crypto'
import { Refusal } from '#shared/errors.ts'
import { isIdOf } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { HintTopic } from '#shared/topics.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { MemberRole, PlaylistRow } from '../models.ts'
import { canSee, roleOf } from './access.ts'
import type { History } from './history.ts'
import { type Change, record } from './record.ts'
import { isPlainText } from './text.ts'
import type { Turns } from './turns.ts'

/** The part that all edits of a list have in common. */
export interface EditInput {
  playlistId: string
  baseRevision?: number | null | undefined
  requireRevision?: boolean | null | undefined
  nonce?: string | null | undefined
}

/** One kind of edit: what it may find, and what it makes of it. */
export interface EditPlan<Found, Answer extends object> {
  input: EditInput
  /** Owners may do everything; editors what concerns the items. */
  right: 'OWNER' | 'EDITOR'
  /** What makes a second request with the same nonce the same request. */
  content: object
  /** Columns, as SQL, of what the decision needs to know of the list as it is now. */
  find: Prisma.Sql
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
  turns: Turns
  history: History
}

interface Scene {
  at: Date
  memberRole: MemberRole | null
  earlier: { hash: string; answer: object } | null
}

export type Edited<Answer> = Answer & { revision: number; alreadyApplied: boolean }

/**
 * One edit as one transaction: lock the list, look, decide, write, in six round trips. Throws Refusal; then nothing changed.
 * A nonce this person has used on this list brings the first answer with `alreadyApplied`, and edits nothing.
 */
export async function edit<Found, Answer extends object>(
  { db, topic, turns, history }: EditTools,
  identity: Identity,
  plan: EditPlan<Found, Answer>,
): Promise<Edited<Answer>> {
  const { userId } = requireUser(identity)
  const { playlistId } = plan.input
  const nonce = readNonce(plan.input.nonce)
  const hash = hashOf(plan.content)
  if (!isIdOf('playlist', playlistId)) throw playlistMissing()

  const work = async (tx: Prisma.TransactionClient): Promise<{ isNew: boolean; answer: Edited<Answer> }> => {
    const playlist = await lockPlaylist(tx, playlistId)
    const scene = await look<Found>(tx, plan.find, playlistId, userId, nonce)
    authorise(playlist, userId, scene.memberRole, plan.right)
    if (scene.earlier !== null) return { isNew: false, answer: answerAgain(scene.earlier, hash) }
    checkRevision(plan.input, playlist.revision)
    const { change, answer } = await plan.decide(tx, playlist, { ...scene, userId })
    const revision = playlist.revision + (change === null ? 0 : 1)
    const told = { alreadyApplied: false, ...answer, revision }
    const memory =
      nonce === null ? null : memorise({ playlistId, userId, nonce, revision, hash, answer: told })
    if (change !== null) await record(tx, playlist, change, { actorId: userId, at: scene.at, nonce, memory })
    else if (memory !== null) await tx.$executeRaw(memory)
    return { isNew: change !== null, answer: told }
  }

  const { isNew, answer } = await turns.take(playlistId, () =>
    db.$transaction(work, { maxWait: 10_000, timeout: 15_000 }),
  )
  if (isNew) {
    topic.say(playlistId, String(answer.revision))
    history.grew(playlistId, answer.revision)
  }
  return answer
}

/** The list's row, locked until the transaction ends: always its first statement, or the order of its events is not its own. */
export async function lockPlaylist(tx: Prisma.TransactionClient, playlistId: string): Promise<PlaylistRow> {
  const [row] = await tx.$queryRaw<PlaylistRow[]>`
    SELECT id, owner_id AS "ownerId", name, description, visibility, collaborative, revision,
           item_count AS "itemCount", follower_count AS "followerCount", rank_epoch AS "rankEpoch"
      FROM playlist WHERE id = ${playlistId} AND deleted_at IS NULL FOR UPDATE`
  if (row === undefined) throw playlistMissing()
  return row
}

/**
 * A statement of its own: one that waits for a lock sees everything but the locked row as it was before the wait, and would
 * miss what the edit before it did.
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
           (SELECT jsonb_build_object('hash', request_hash, 'answer', answer) FROM playlist_answer
             WHERE playlist_id = ${playlistId} AND actor_id = ${userId} AND nonce = ${nonce}::text) AS earlier,
           ${find}`
  if (scene === undefined) throw new Error('A query without a table has one row')
  return scene
}

/** What one may not see is missing; what one sees but may not edit is forbidden. */
export function authorise(
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

export function playlistMissing(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such playlist', ['playlistId'])
}

const MAX_NONCE = 100

export function readNonce(nonce: string | null | undefined): string | null {
  if (nonce == null) return null
  if (nonce === '' || nonce.length > MAX_NONCE || !isPlainText(nonce))
    throw new Refusal('BAD_USER_INPUT', `A nonce has 1 to ${MAX_NONCE} characters`, ['nonce'])
  return nonce
}

export function hashOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url')
}

function answerAgain<Answer extends object>(
  earlier: { hash: string; answer: object },
  hash: string,
): Edited<Answer> {
  if (earlier.hash !== hash)
    throw new Refusal('NONCE_REUSED', 'This nonce has been used for another edit', ['nonce'])
  return { ...(earlier.answer as Edited<Answer>), alreadyApplied: true }
}

/** A base revision that is no longer the list's is rebased, unless the client asked for a conflict. */
function checkRevision({ baseRevision, requireRevision }: EditInput, revision: number): void {
  if (requireRevision !== true) return
  if (baseRevision == null)
    throw new Refusal('BAD_USER_INPUT', 'requireRevision needs a baseRevision', ['baseRevision'])
  if (baseRevision !== revision)
    throw new Refusal('CONFLICT', `The playlist is at revision ${revision}`, ['baseRevision'])
}

interface Memory {
  playlistId: string
  userId: string
  nonce: string
  revision: number
  hash: string
  answer: object
}

function memorise(memory: Memory): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO playlist_answer (playlist_id, actor_id, nonce, revision, request_hash, answer)
    VALUES (${memory.playlistId}, ${memory.userId}, ${memory.nonce}, ${memory.revision}, ${memory.hash},
            ${JSON.stringify(memory.answer)}::text::jsonb)`
}
