import { createHash, randomBytes } from 'node:crypto'
import { Refusal } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import { anonymous, type Identity, requireUser } from '#shared/identity.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { CoverRow, Details } from '../models.ts'
import { type EditTools, edit } from './edit.ts'
import { readPicture } from './picture.ts'
import type { Change } from './record.ts'

export const MAX_COVER_BYTES = 512 * 1024
const UPLOAD_MS = 15 * 60_000
/** How many pictures of one list are kept for an undo, beside the one that is shown. */
const KEPT = 10

export interface CoverUpload {
  url: string
  expiresAt: Date
  maxBytes: number
}

/** A picture as it is served. */
export interface CoverFile {
  mediaType: string
  bytes: Uint8Array
}

/** Pictures that people chose for their lists. Details are the owner's alone to change, and so is this one. */
export interface CoverService {
  requestUpload(identity: Identity, input: { playlistId: string }): Promise<{ upload: CoverUpload }>
  /** The picture behind a request becomes the cover, once; null when it is no picture, a Refusal when there is no such request. */
  accept(token: string, bytes: Buffer): Promise<{ cover: CoverRow; revision: number } | null>
  remove(
    identity: Identity,
    input: { playlistId: string; nonce?: string | null | undefined },
  ): Promise<{ playlistId: string }>
  find(id: string): Promise<CoverFile | null>
  urlOf(id: string): string
}

export function createCoverService(tools: EditTools, publicUrl: string): CoverService {
  const { db } = tools
  return {
    async requestUpload(identity, { playlistId }) {
      const { userId } = requireUser(identity)
      const token = randomBytes(32).toString('base64url')
      const { expiresAt } = await edit<object, { expiresAt: Date }>(tools, identity, {
        input: { playlistId },
        right: 'OWNER',
        content: ['UPLOAD'],
        find: Prisma.sql`NULL AS nothing`,
        async decide(tx, _playlist, { at }) {
          const expiresAt = new Date(at.getTime() + UPLOAD_MS)
          await tx.coverTicket.create({ data: { tokenHash: hashOf(token), playlistId, userId, expiresAt } })
          return { change: null, answer: { expiresAt } }
        },
      })
      return { upload: { url: `${publicUrl}/covers/upload/${token}`, expiresAt, maxBytes: MAX_COVER_BYTES } }
    },

    async accept(token, bytes) {
      const tokenHash = hashOf(token)
      const ticket = await db.coverTicket.findUnique({ where: { tokenHash } })
      if (ticket === null || ticket.expiresAt <= new Date()) throw ticketMissing()
      const picture = readPicture(bytes)
      if (picture === null) return null
      const { playlistId, userId } = ticket
      const { mediaType, width, height } = picture
      const id = newId('cover')
      const { revision } = await edit<object, object>(
        tools,
        { ...anonymous(null), userId },
        {
          input: { playlistId },
          right: 'OWNER',
          content: ['COVER', id],
          find: Prisma.sql`NULL AS nothing`,
          async decide(tx, playlist) {
            const { count } = await tx.coverTicket.deleteMany({ where: { tokenHash } })
            if (count === 0) throw ticketMissing()
            await tx.cover.create({
              data: { id, playlistId, mediaType, width, height, bytes: new Uint8Array(picture.bytes) },
            })
            await forgetOldest(tx, playlistId)
            return { change: coverChange({ ...playlist, coverId: id }), answer: {} }
          },
        },
      )
      return { cover: { id, width, height }, revision }
    },

    async remove(identity, { playlistId, nonce }) {
      await edit<object, object>(tools, identity, {
        input: { playlistId, nonce },
        right: 'OWNER',
        content: ['COVER', null],
        find: Prisma.sql`NULL AS nothing`,
        decide: async (_tx, playlist) => ({
          change: playlist.coverId === null ? null : coverChange({ ...playlist, coverId: null }),
          answer: {},
        }),
      })
      return { playlistId }
    },

    find: (id) => db.cover.findUnique({ where: { id }, select: { mediaType: true, bytes: true } }),
    urlOf: (id) => `${publicUrl}/covers/${id}`,
  }
}

function coverChange(details: Details): Change {
  return { kind: 'UPDATE', ops: [{ kind: 'DetailsChanged', fields: ['COVER'] }], details }
}

/** Before one more is replaced. */
async function forgetOldest(tx: Prisma.TransactionClient, playlistId: string): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM cover WHERE id IN (
      SELECT id FROM cover WHERE playlist_id = ${playlistId} AND replaced_at_revision IS NOT NULL
       ORDER BY replaced_at_revision DESC OFFSET ${KEPT - 1})`
}

export async function findCovers(db: PrismaClient, ids: readonly string[]): Promise<CoverRow[]> {
  return db.cover.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, width: true, height: true },
  })
}

/** How far into a list its mosaic is looked for. */
const LOOKED_AT = 50
const TILES = 4

/** The albums of the first tracks of each list, each once, in the order they come. */
export function findMosaics(
  db: PrismaClient,
  playlistIds: readonly string[],
): Promise<{ playlistId: string; albumId: string }[]> {
  return db.$queryRaw<{ playlistId: string; albumId: string }[]>`
    SELECT asked.id AS "playlistId", tile.album_id AS "albumId"
      FROM unnest(${playlistIds}::text[]) AS asked(id)
     CROSS JOIN LATERAL (
           SELECT album_id, min(rank) AS first FROM (
                  SELECT track_id, rank FROM playlist_item
                   WHERE playlist_id = asked.id AND removed_at_revision IS NULL ORDER BY rank LIMIT ${LOOKED_AT}) AS item
             JOIN track ON track.id = item.track_id AND NOT track.is_removed AND album_id IS NOT NULL
            GROUP BY album_id ORDER BY first LIMIT ${TILES}) AS tile
     ORDER BY asked.id, tile.first`
}

function ticketMissing(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such upload, or it is over')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
