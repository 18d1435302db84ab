import { Refusal } from '#shared/errors.ts'
import { derivedId, newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import { publish } from '#shared/outbox.ts'
import { playlistChanged } from '../events.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { DetailField, Details } from '../models.ts'
import { type Edited, type EditTools, edit } from './edit.ts'
import { PATIENCE } from './lock.ts'
import { hashOf, readNonce } from './nonce.ts'
import { type DetailsInput, readDetails, readName } from './text.ts'

export interface CreateInput extends DetailsInput {
  name: string
  nonce?: string | null | undefined
}

/** What may change of a list, by the name it has in the log. */
export const FIELDS: readonly [DetailField, keyof Details][] = [
  ['NAME', 'name'],
  ['DESCRIPTION', 'description'],
  ['VISIBILITY', 'visibility'],
  ['COLLABORATIVE', 'collaborative'],
  ['COVER', 'coverId'],
]

/** The list a creation makes, at revision 1. `at` null is now. */
export interface NewPlaylist extends Details {
  id: string
  ownerId: string
  requestHash: string | null
}

/**
 * A new list of one's own, private unless said otherwise. Its id follows from person and nonce, so that the same nonce makes
 * the same list: once, however many ask at once.
 */
export async function createPlaylist(
  { db }: EditTools,
  identity: Identity,
  input: CreateInput,
): Promise<{ playlistId: string }> {
  const { userId } = requireUser(identity)
  const before: Details = {
    name: readName(input.name),
    description: null,
    visibility: 'PRIVATE',
    collaborative: false,
    coverId: null,
  }
  const details = readDetails(input, before)
  const nonce = readNonce(input.nonce)
  const id = nonce === null ? newId('playlist') : derivedId('playlist', `${userId}:${nonce}`)
  const { coverId: _none, ...content } = details
  const requestHash = nonce === null ? null : hashOf(content)
  const isNew = await db.$transaction(
    (tx) => insertPlaylist(tx, { ...details, id, ownerId: userId, requestHash }, nonce),
    PATIENCE,
  )
  if (!isNew) {
    const made = await db.playlist.findUniqueOrThrow({ where: { id } })
    if (made.requestHash !== requestHash)
      throw new Refusal('NONCE_REUSED', 'This nonce has made another playlist', ['nonce'])
    if (made.deletedAt !== null)
      throw new Refusal('NOT_FOUND', 'The playlist that this nonce made has been deleted', ['nonce'])
  }
  return { playlistId: id }
}

/** Writes a list with its first revision and its event; false when its id is taken. */
export async function insertPlaylist(
  tx: Prisma.TransactionClient,
  playlist: NewPlaylist,
  nonce: string | null,
): Promise<boolean> {
  const { id, ownerId, name, description, visibility, collaborative, requestHash } = playlist
  const fields = FIELDS.map(([field]) => field).filter((field) => field !== 'COVER')
  const ops = JSON.stringify([{ kind: 'DetailsChanged', fields }])
  const details = JSON.stringify({ name, description, visibility, collaborative, coverId: null })
  const count = await tx.$executeRaw`
    WITH made AS (
      INSERT INTO playlist (id, owner_id, name, description, visibility, collaborative, revision, request_hash)
      VALUES (${id}, ${ownerId}, ${name}, ${description}, ${visibility}, ${collaborative}, 1, ${requestHash})
      ON CONFLICT DO NOTHING RETURNING created_at
    )
    INSERT INTO playlist_op (playlist_id, revision, kind, actor_id, at, nonce, ops, details)
    SELECT ${id}, 1, 'CREATE', ${ownerId}, created_at, ${nonce}::text, ${ops}::text::jsonb, ${details}::text::jsonb FROM made`
  if (count === 0) return false
  await publish(tx, [playlistChanged({ ...playlist, revision: 1 }, false)])
  return true
}

export interface UpdateInput extends DetailsInput {
  playlistId: string
  baseRevision?: number | null | undefined
  nonce?: string | null | undefined
}

/**
 * Changes details; what is left out stays, and what stays the same makes no revision. With a `baseRevision`, a field that
 * somebody else has changed since then is a CONFLICT that names both values; without one the later edit wins.
 */
export async function updatePlaylist(
  tools: EditTools,
  identity: Identity,
  input: UpdateInput,
): Promise<Edited<{ playlistId: string }>> {
  const { playlistId } = input
  const { name, description, visibility, collaborative } = input
  const edited = await edit<{ base: Details | null }, object>(tools, identity, {
    input: { ...input, requireRevision: false },
    right: 'OWNER',
    content: ['UPDATE', { name, description, visibility, collaborative }],
    find: Prisma.sql`
      (SELECT details FROM playlist_op
        WHERE playlist_id = ${playlistId} AND revision = ${input.baseRevision ?? null}::int) AS base`,

    async decide(_tx, playlist, { base }) {
      const details = readDetails(input, playlist)
      const changed = FIELDS.filter(([, key]) => details[key] !== playlist[key])
      const isStale = input.baseRevision != null && input.baseRevision < playlist.revision
      for (const [, key] of isStale ? changed : [])
        if (base === null || base[key] !== playlist[key]) throw detailConflict(key, details, playlist)
      if (changed.length === 0) return { change: null, answer: {} }
      const fields = changed.map(([field]) => field)
      return { change: { kind: 'UPDATE', ops: [{ kind: 'DetailsChanged', fields }], details }, answer: {} }
    },
  })
  return { ...edited, playlistId }
}

/** Somebody else has changed a field since: both values are named. */
export function detailConflict(key: keyof Details, mine: Details, theirs: Details): Refusal {
  const said = (value: unknown): string => JSON.stringify(value).slice(0, 210)
  const message = `Meanwhile ${key} is ${said(theirs[key])}; yours was ${said(mine[key])}`
  return new Refusal('CONFLICT', message, [key])
}

/** Takes a list away from everybody. Its last revision says so; rows stay, but for its pictures. */
export async function deletePlaylist(
  tools: EditTools,
  identity: Identity,
  playlistId: string,
): Promise<{ deletedId: string }> {
  await edit<object, object>(tools, identity, {
    input: { playlistId },
    right: 'OWNER',
    content: ['DELETE'],
    find: Prisma.sql`NULL AS nothing`,
    decide: async () => ({
      change: {
        kind: 'DELETE',
        ops: [],
        items: [Prisma.sql`DELETE FROM cover WHERE playlist_id = ${playlistId}`],
      },
      answer: {},
    }),
  })
  return { deletedId: playlistId }
}
