import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { ann } from '../testing/edits.ts'
import { createTestRoom, type TestRoom } from '../testing/playlists-room.ts'
import { createOfferClearing } from './clearing.ts'

const DAY = 86_400_000

let playlists: TestRoom

beforeAll(async () => {
  playlists = await createTestRoom()
})
afterAll(() => playlists[Symbol.asyncDispose]())

test('invitations are forgotten 30 days after they ended, uploads when their time is over', async () => {
  const { db } = playlists
  const { id: playlistId } = await playlists.create(ann, [])
  const ago = (days: number): Date => new Date(Date.now() - days * DAY)
  const invite = (tokenHash: string, expiresAt: Date, revokedAt: Date | null = null) => ({
    tokenHash,
    playlistId,
    role: 'VIEWER',
    createdBy: ann.userId,
    expiresAt,
    revokedAt,
  })
  await db.invite.createMany({
    data: [
      invite('open', ago(-1)),
      invite('over', ago(29.9)),
      invite('long over', ago(30.1)),
      invite('revoked', ago(-1), ago(29.9)),
      invite('long revoked', ago(-1), ago(30.1)),
    ],
  })
  const ticket = { playlistId, userId: ann.userId }
  await db.coverTicket.createMany({
    data: [
      { ...ticket, tokenHash: 'open', expiresAt: ago(-0.001) },
      { ...ticket, tokenHash: 'over', expiresAt: ago(0.001) },
    ],
  })

  expect(await createOfferClearing(db, createLogger('test', 'silent')).run()).toBe(3)

  const invites = await db.invite.findMany({ orderBy: { tokenHash: 'asc' } })
  expect(invites.map((row) => row.tokenHash)).toEqual(['open', 'over', 'revoked'])
  expect((await db.coverTicket.findMany()).map((row) => row.tokenHash)).toEqual(['open'])
})
