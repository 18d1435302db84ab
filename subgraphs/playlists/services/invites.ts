import { createHash, randomBytes } from 'node:crypto'
import { Refusal } from '#shared/errors.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { memberChanged } from '../events.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { MemberRole, PlaylistRole } from '../models.ts'
import { type EditTools, edit } from './edit.ts'
import { lockPlaylist, PATIENCE } from './lock.ts'

export interface InviteInput {
  playlistId: string
  role: PlaylistRole
  expiresInHours: number
}

export interface Invite {
  token: string
  expiresAt: Date
}

const MAX_HOURS = 720
const MAX_MEMBERS = 500

/**
 * A token that makes whoever joins with it a member, until it expires. Only its hash is kept. Inviting an editor makes the
 * list collaborative, if it is not: an editor who may not edit is none.
 */
export async function createInvite(
  tools: EditTools,
  identity: Identity,
  { playlistId, role, expiresInHours }: InviteInput,
): Promise<{ invite: Invite }> {
  const { userId } = requireUser(identity)
  if (role === 'OWNER') throw new Refusal('BAD_USER_INPUT', 'A playlist keeps its owner', ['role'])
  if (expiresInHours < 1 || expiresInHours > MAX_HOURS)
    throw new Refusal('BAD_USER_INPUT', `An invitation lasts 1 to ${MAX_HOURS} hours`, ['expiresInHours'])
  const token = `inv_${randomBytes(32).toString('base64url')}`
  const { expiresAt } = await edit<object, { expiresAt: Date }>(tools, identity, {
    input: { playlistId },
    right: 'OWNER',
    content: ['INVITE', role, expiresInHours],
    find: Prisma.sql`NULL AS nothing`,

    async decide(tx, playlist, { at }) {
      const expiresAt = new Date(at.getTime() + expiresInHours * 3_600_000)
      await tx.invite.create({
        data: {
          tokenHash: hashOfToken(token),
          playlistId,
          role,
          createdBy: userId,
          createdAt: at,
          expiresAt,
        },
      })
      const answer = { expiresAt }
      if (role !== 'EDITOR' || playlist.collaborative) return { change: null, answer }
      const ops = [{ kind: 'DetailsChanged' as const, fields: ['COLLABORATIVE' as const] }]
      return { change: { kind: 'UPDATE', ops, details: { ...playlist, collaborative: true } }, answer }
    },
  })
  return { invite: { token, expiresAt } }
}

/** Takes up an invitation. Again and again is the same as once, and nobody's role gets lower by it. */
export async function joinPlaylist(
  { db, topic }: EditTools,
  identity: Identity,
  token: string,
): Promise<{ playlistId: string }> {
  const { userId } = requireUser(identity)
  const tokenHash = hashOfToken(token)
  const found = await db.invite.findUnique({ where: { tokenHash }, select: { playlistId: true } })
  if (found === null) throw inviteMissing()
  const { playlistId } = found
  await db.$transaction(async (tx) => {
    const playlist = await lockPlaylist(tx, playlistId)
    // Looked at with the list held: whoever revokes it holds that too.
    const [invite] = await tx.$queryRaw<{ role: MemberRole; isOver: boolean }[]>`
      SELECT role, revoked_at IS NOT NULL OR expires_at <= clock_timestamp() AS "isOver"
        FROM invite WHERE token_hash = ${tokenHash}`
    if (playlist === null || invite === undefined) throw inviteMissing()
    if (invite.isOver) throw new Refusal('TOKEN_EXPIRED', 'This invitation is over', ['token'])
    if (playlist.ownerId !== userId) await admit(tx, playlistId, userId, invite.role)
  }, PATIENCE)
  topic.say(playlistId, 'joined')
  return { playlistId }
}

async function admit(
  tx: Prisma.TransactionClient,
  playlistId: string,
  userId: string,
  role: MemberRole,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO collaborator (playlist_id, user_id, role) VALUES (${playlistId}, ${userId}, ${role})
    ON CONFLICT (playlist_id, user_id) DO UPDATE SET role = 'EDITOR' WHERE excluded.role = 'EDITOR'`
  const members = await tx.collaborator.count({ where: { playlistId } })
  if (members > MAX_MEMBERS)
    throw new Refusal('LIMIT_REACHED', `A playlist has at most ${MAX_MEMBERS} members`, ['token'])
  await publish(tx, [memberChanged(playlistId, userId, true)])
}

export interface RevokeInput {
  playlistId: string
  token?: string | null | undefined
}

/** Nobody joins with it any more: with one invitation, or with any that the list has given out so far. */
export async function revokeInvites(
  tools: EditTools,
  identity: Identity,
  { playlistId, token }: RevokeInput,
): Promise<{ playlistId: string }> {
  const tokenHash = token == null ? null : hashOfToken(token)
  await edit<{ isKnown: boolean }, object>(tools, identity, {
    input: { playlistId },
    right: 'OWNER',
    content: ['REVOKE', tokenHash],
    find: Prisma.sql`
      EXISTS (SELECT FROM invite WHERE playlist_id = ${playlistId} AND token_hash = ${tokenHash}::text) AS "isKnown"`,

    async decide(tx, _playlist, { at, isKnown }) {
      if (tokenHash !== null && !isKnown) throw inviteMissing()
      await tx.invite.updateMany({
        where: { playlistId, revokedAt: null, ...(tokenHash !== null && { tokenHash }) },
        data: { revokedAt: at },
      })
      return { change: null, answer: {} }
    },
  })
  return { playlistId }
}

function inviteMissing(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such invitation', ['token'])
}

function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
