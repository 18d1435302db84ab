import { Refusal } from '#shared/errors.ts'
import { newId } from '#shared/id.ts'
import { type Identity, requireUser } from '#shared/identity.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { FolderRow } from '../models.ts'
import type { EditTools } from './edit.ts'
import { findWrong, requireIds } from './ids.ts'
import { lockLibrary } from './library-lock.ts'
import { PATIENCE } from './lock.ts'
import { findVisible } from './playlists.ts'
import { readName } from './text.ts'

const MOST_FOLDERS = 500
const DEEPEST = 8

export interface FolderUpdateInput {
  folderId: string
  name?: string | null | undefined
  parentId?: string | null | undefined
}

/** A person's own tree of lists. Each verb holds the person's library, so that no two make a circle. */
export interface FolderService {
  create(
    identity: Identity,
    input: { name: string; parentId?: string | null | undefined },
  ): Promise<FolderKey>
  update(identity: Identity, input: FolderUpdateInput): Promise<FolderKey>
  delete(identity: Identity, input: { folderId: string }): Promise<{ deletedId: string }>
  put(
    identity: Identity,
    input: { folderId?: string | null | undefined; playlistIds: readonly string[] },
  ): Promise<FolderKey>
}

interface FolderKey {
  folderId: string | null
}

export function createFolderService({ db }: Pick<EditTools, 'db'>): FolderService {
  /** Works on the tree as it is, with nobody else working on it. */
  const inTree = <Answer>(
    identity: Identity,
    work: (tx: Prisma.TransactionClient, tree: Tree, userId: string) => Promise<Answer>,
  ): Promise<Answer> => {
    const { userId } = requireUser(identity)
    return db.$transaction(async (tx) => {
      await lockLibrary(tx, userId)
      return work(tx, treeOf(await findFolders(tx, [userId])), userId)
    }, PATIENCE)
  }

  return {
    create: (identity, input) =>
      inTree(identity, async (tx, tree, userId) => {
        const name = readName(input.name)
        if (tree.size >= MOST_FOLDERS)
          throw new Refusal('LIMIT_REACHED', `A person has at most ${MOST_FOLDERS} folders`)
        const parent = input.parentId == null ? null : folderOf(tree, input.parentId, 'parentId')
        requireDepth(depthOf(tree, parent) + 1)
        const id = newId('folder')
        await tx.folder.create({ data: { id, ownerId: userId, name, parentId: parent?.id ?? null } })
        return { folderId: id }
      }),

    update: (identity, input) =>
      inTree(identity, async (tx, tree) => {
        const folder = folderOf(tree, input.folderId, 'folderId')
        const name = input.name == null ? folder.name : readName(input.name)
        const parentId = input.parentId === undefined ? folder.parentId : input.parentId
        const parent = parentId === null ? null : folderOf(tree, parentId, 'parentId')
        if (pathTo(tree, parent).includes(folder))
          throw new Refusal('BAD_USER_INPUT', 'A folder cannot be within itself', ['parentId'])
        requireDepth(depthOf(tree, parent) + heightOf(tree, folder))
        await tx.folder.update({ where: { id: folder.id }, data: { name, parentId } })
        return { folderId: folder.id }
      }),

    delete: (identity, input) =>
      inTree(identity, async (tx, tree) => {
        const { id, parentId } = folderOf(tree, input.folderId, 'folderId')
        await tx.folder.updateMany({ where: { parentId: id }, data: { parentId } })
        if (parentId === null) await tx.filedPlaylist.deleteMany({ where: { folderId: id } })
        else await tx.filedPlaylist.updateMany({ where: { folderId: id }, data: { folderId: parentId } })
        await tx.folder.delete({ where: { id } })
        return { deletedId: id }
      }),

    put: (identity, input) =>
      inTree(identity, async (tx, tree, userId) => {
        const playlistIds = [...new Set(requireIds(input.playlistIds, 'playlistIds'))]
        const folder = input.folderId == null ? null : folderOf(tree, input.folderId, 'folderId')
        const visible = new Set((await findVisible(tx, userId, playlistIds)).map((playlist) => playlist.id))
        const unseen = findWrong(input.playlistIds, 'playlistIds', (id) => !visible.has(id))
        if (unseen !== null) throw new Refusal('NOT_FOUND', 'There is no such playlist', unseen.path)
        await tx.filedPlaylist.deleteMany({ where: { userId, playlistId: { in: playlistIds } } })
        if (folder !== null)
          await tx.filedPlaylist.createMany({
            data: playlistIds.map((playlistId) => ({ userId, playlistId, folderId: folder.id })),
          })
        return { folderId: folder?.id ?? null }
      }),
  }
}

/** The whole trees of some people, parents before what is in them. */
export async function findFolders(
  db: Prisma.TransactionClient,
  ownerIds: readonly string[],
): Promise<FolderRow[]> {
  const rows = await db.folder.findMany({
    where: { ownerId: { in: [...ownerIds] } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  const tree = treeOf(rows)
  return rows.toSorted((one, other) => depthOf(tree, one) - depthOf(tree, other))
}

/** Folders of `ids` that are this person's: to anybody else they are as good as missing. */
export function findOwnFolders(
  db: PrismaClient,
  userId: string,
  ids: readonly string[],
): Promise<FolderRow[]> {
  return db.folder.findMany({ where: { ownerId: userId, id: { in: [...ids] } } })
}

type Tree = ReadonlyMap<string, FolderRow>

function treeOf(folders: readonly FolderRow[]): Tree {
  return new Map(folders.map((folder) => [folder.id, folder]))
}

function folderOf(tree: Tree, id: string, field: string): FolderRow {
  const folder = tree.get(id)
  if (folder === undefined) throw new Refusal('NOT_FOUND', 'There is no such folder', [field])
  return folder
}

/** From a folder up to the top; nothing above the top. */
function pathTo(tree: Tree, folder: FolderRow | null): FolderRow[] {
  if (folder === null) return []
  const parent = folder.parentId === null ? null : (tree.get(folder.parentId) ?? null)
  return [folder, ...pathTo(tree, parent)]
}

function depthOf(tree: Tree, folder: FolderRow | null): number {
  return pathTo(tree, folder).length
}

/** Levels of folders from this one down, itself included. */
function heightOf(tree: Tree, folder: FolderRow): number {
  const within = [...tree.values()].filter((other) => pathTo(tree, other).includes(folder))
  return Math.max(...within.map((other) => depthOf(tree, other))) - depthOf(tree, folder) + 1
}

function requireDepth(depth: number): void {
  if (depth > DEEPEST)
    throw new Refusal('LIMIT_REACHED', `At most ${DEEPEST} folders are within one another`, ['parentId'])
}
