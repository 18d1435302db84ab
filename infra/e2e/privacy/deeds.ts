import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { newId } from '#shared/id.ts'
import { type ApiClient, type Json, list } from '../../testing/client.ts'
import { makePng } from '../contract/png.ts'
import { createSharedList } from '../playlists/people.ts'
import { type Person, refresh, signInAgain } from './person.ts'

/** Who and what there is beside the person. */
export interface World {
  friend: ApiClient
  admin: ApiClient
  artistId: string
  albumId: string
  /** Of these the first has audio, as has the episode. */
  trackIds: string[]
  episodeId: string
}

const SETTINGS = `mutation ($input: UserSettingsUpdateInput!) {
  userSettingsUpdate(input: $input) { user { settings { sharesPlays } } userErrors { code } }
}`
const COVER = `mutation ($input: PlaylistCoverUploadInput!) {
  playlistCoverUpload(input: $input) { upload { url } userErrors { code } }
}`
const FOLDER = `mutation ($input: PlaylistFolderCreateInput!) {
  playlistFolderCreate(input: $input) { folder { id } userErrors { code } }
}`
const PUT =
  'mutation ($input: PlaylistFolderPutInput!) { playlistFolderPut(input: $input) { userErrors { code } } }'
const SAVE_FOR_LATER = 'mutation { privacyExport { job { id } userErrors { code } } }'

/** What a person may do here that leaves something, by name. Each can be done after any other. */
export const DEEDS: Readonly<Record<string, (person: Person, world: World) => Promise<void>>> = {
  async signsInOnAnotherDevice(person) {
    await signInAgain(person)
    await refresh(person)
  },

  async follows(person, { friend, artistId }) {
    await done(person, 'Follow', { id: friend.userId })
    await done(person, 'Follow', { id: artistId })
    await done(friend, 'Follow', { id: person.userId })
  },

  async makesLists(person, { friend, trackIds }) {
    const name = `Songs of ${person.word}`
    const input = { name, description: `All by ${person.word}`, visibility: 'PUBLIC', collaborative: true }
    const playlistId = await createList(person, input)
    await createList(person, { name: `Another of ${person.word}` })
    const itemIds = await addItems(person, playlistId, trackIds)
    const move = { playlistId, itemIds: itemIds.slice(0, 1), position: { end: true } }
    await done(person, 'PlaylistMoveItems', { input: move })
    await done(person, 'PlaylistRemoveItems', { input: { playlistId, itemIds: itemIds.slice(1, 2) } })
    await done(person, 'PlaylistUndo', { playlistId, revision: 4 })
    await done(person, 'PlaylistUpdate', { input: { playlistId, name: `Tunes of ${person.word}` } })
    await joinAndAdd(friend, person, playlistId, trackIds)
    await done(friend, 'PlaylistFollow', { id: playlistId })
    const { upload } = await done(person, COVER, { input: { playlistId } })
    const { status } = await fetch(String(upload?.['url']), {
      method: 'PUT',
      body: new Uint8Array(makePng(100)),
    })
    expect(status).toBeLessThan(300)
  },

  async makesAndDeletesAList(person, { trackIds }) {
    const playlistId = await createList(person, { name: `Gone of ${person.word}`, visibility: 'PUBLIC' })
    await addItems(person, playlistId, trackIds)
    await done(person, 'PlaylistDelete', { id: playlistId })
  },

  async worksOnListsOfOthers(person, { friend, trackIds }) {
    const playlistId = await createSharedList([friend, person], 'PUBLIC')
    const itemIds = await addItems(person, playlistId, trackIds)
    await addItems(friend, playlistId, trackIds)
    const move = { playlistId, itemIds: itemIds.slice(0, 1), position: { end: true }, nonce: randomUUID() }
    await done(person, 'PlaylistMoveItems', { input: move })
    await done(friend, 'PlaylistRemoveItems', { input: { playlistId, itemIds: itemIds.slice(1) } })
    await done(friend, 'PlaylistUndo', { playlistId, revision: 5 })
  },

  async leavesAList(person, { friend, trackIds }) {
    const playlistId = await createSharedList([friend, person])
    await addItems(person, playlistId, trackIds)
    await done(person, 'PlaylistCollaboratorRemove', { playlistId, userId: person.userId })
  },

  async keepsThings(person, { friend, trackIds, albumId }) {
    const playlistId = await createList(friend, { name: 'For everybody', visibility: 'PUBLIC' })
    await done(person, 'PlaylistFollow', { id: playlistId })
    await done(person, 'Save', { ids: [...trackIds, albumId] })
    const { folder } = await done(person, FOLDER, { input: { name: `Folder of ${person.word}` } })
    await done(person, PUT, { input: { folderId: folder?.['id'], playlistIds: [playlistId] } })
  },

  async plays(person, { trackIds, episodeId }) {
    const { deviceId } = person
    for (const what of [{ trackId: trackIds[0] }, { episodeId }]) {
      const input = { ...what, deviceId, networkKbps: 8_000 }
      const started = (await person.data('PlaybackStart', { input }))['playbackStart'] as Json
      expect(started).toMatchObject({ __typename: 'StreamManifest' })
      const event = { playbackId: started['playbackId'], at: new Date().toISOString() }
      const events = [
        { ...event, eventId: newId('event'), kind: 'START', positionMs: 0 },
        { ...event, eventId: newId('event'), kind: 'PAUSE', positionMs: 20_000 },
      ]
      expect((await person.data('PlaybackReport', { events }))['playbackReport']).toMatchObject({
        accepted: 2,
      })
    }
    await done(person, 'PlayerControl', { input: { play: { ids: trackIds } } })
  },

  async listensOffline(person, { admin, trackIds }) {
    await done(admin, 'UserTierChange', { userId: person.userId, tier: 'PREMIUM' })
    const { deviceId } = person
    const add = { deviceId, ids: trackIds, quality: 'HIGH' }
    await expect
      .poll(async () => (await person.data('OfflineAdd', { input: add }))['offlineAdd']?.['userErrors'], {
        timeout: 30_000,
      })
      .toEqual([])
    await person.data('OfflineLicenceRenew', { deviceId })
    const now = Date.now()
    const at = (seconds: number): string => new Date(now + seconds * 1_000).toISOString()
    const play = (trackId: string, ago: number) => ({
      playId: newId('play'),
      trackId,
      events: [
        { eventId: newId('event'), kind: 'START', positionMs: 0, at: at(-ago) },
        { eventId: newId('event'), kind: 'PAUSE', positionMs: 40_000, at: at(40 - ago) },
      ],
    })
    const plays = trackIds.map((id, index) => play(id, 600 + 100 * index))
    const report = { deviceId, sentAt: at(0), plays }
    const { offlineReport } = await person.data('OfflineReport', { input: report })
    expect(offlineReport).toMatchObject({ accepted: 2 * plays.length, rejected: [] })
  },

  async sharesWhatItPlays(person) {
    await done(person, SETTINGS, { input: { sharesPlays: true } })
  },

  async listensTogether(person, { friend }) {
    const { session } = await done(person, 'ListeningSessionCreate')
    await done(friend, 'ListeningSessionJoin', { sessionId: session?.['id'] })
  },

  async exports(person) {
    await done(person, SAVE_FOR_LATER)
  },
}

/** The payload of a mutation that nothing is wrong with. */
async function done(
  who: ApiClient,
  operation: string,
  variables: Record<string, unknown> = {},
): Promise<Json> {
  const [payload] = Object.values(await who.data(operation, variables)) as [Json]
  expect(payload['userErrors'], operation).toEqual([])
  return payload
}

async function createList(who: ApiClient, input: Record<string, unknown>): Promise<string> {
  const { playlist } = await done(who, 'PlaylistCreate', { input: { ...input, nonce: randomUUID() } })
  return String(playlist?.['id'])
}

async function addItems(who: ApiClient, playlistId: string, trackIds: readonly string[]): Promise<string[]> {
  const input = { playlistId, trackIds, nonce: randomUUID() }
  return list((await done(who, 'PlaylistAddItems', { input }))['items']).map((item) => String(item['id']))
}

async function joinAndAdd(
  who: ApiClient,
  owner: ApiClient,
  playlistId: string,
  trackIds: readonly string[],
): Promise<void> {
  const { invite } = await done(owner, 'PlaylistInvite', { id: playlistId })
  await done(who, 'PlaylistJoin', { token: invite?.['token'] })
  await addItems(who, playlistId, trackIds)
}
