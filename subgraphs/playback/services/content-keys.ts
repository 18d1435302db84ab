import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { KEY_BYTES, type SealedFile, unwrapKey, type WrappedKey, wrapKey } from './content-key.ts'
import type { KeyRing } from './key-ring.ts'
import type { Quality } from './quality.ts'

/** The keys that sealed files are encrypted with: made at first use, wrapped in the database, plain in memory alone. */
export interface ContentKeys {
  /** 16 bytes, the same for ever. */
  find(file: SealedFile): Promise<Buffer>
  /** Wraps with the active key whatever another one wraps, so that the other may leave the ring. Returns how many it were. */
  rewrap(): Promise<number>
}

const BATCH = 500

export function createContentKeys(db: PrismaClient, ring: () => KeyRing): ContentKeys {
  const known = new LRUCache<string, Buffer>({ max: 2_000 })

  /** Of two that make the key at once the first to write has made it, and both read that. */
  async function read(file: SealedFile): Promise<Buffer> {
    const where = { assetId_quality: file }
    const row = await db.contentKey.findUnique({ where })
    if (row !== null) return unwrapKey(row, file, ring())
    const made = { ...file, ...rowOf(wrapKey(randomBytes(KEY_BYTES), file, ring())) }
    await db.contentKey.createMany({ data: [made], skipDuplicates: true })
    return unwrapKey(await db.contentKey.findUniqueOrThrow({ where }), file, ring())
  }

  return {
    async find({ assetId, quality }) {
      const name = `${assetId}/${quality}`
      const key = known.get(name) ?? (await read({ assetId, quality }))
      known.set(name, key)
      return key
    },
    async rewrap() {
      const { active, keys } = ring()
      const kek = { in: [...keys.keys()].filter((one) => one !== active) }
      let count = 0
      for (;;) {
        const rows = await db.contentKey.findMany({ where: { kek }, take: BATCH })
        for (const { assetId, quality, ...row } of rows) {
          const file = { assetId, quality: quality as Quality }
          const data = rowOf(wrapKey(unwrapKey(row, file, ring()), file, ring()))
          await db.contentKey.updateMany({ where: { ...file, kek: row.kek }, data })
        }
        count += rows.length
        if (rows.length < BATCH) return count
      }
    },
  }
}

function rowOf({ kek, wrapped }: WrappedKey): { kek: string; wrapped: Uint8Array<ArrayBuffer> } {
  return { kek, wrapped: Uint8Array.from(wrapped) }
}
