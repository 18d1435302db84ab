import type { Logger } from 'pino'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { type ContentKeys, createContentKeys } from '../services/content-keys.ts'
import { firstKeyRing, type KeyRing, parseKeyRing } from '../services/key-ring.ts'
import { parseStreamHosts, type StreamHost } from '../services/stream-hosts.ts'
import { openSecretFile } from './secret-file.ts'

/** What streams are signed with, what their keys are wrapped with, and where they are served, as the files of the installation say. */
export interface StreamSecrets {
  ring(): KeyRing
  hosts(): readonly StreamHost[]
  contentKeys: ContentKeys
  start(): void
  stop(): Promise<void>
}

/**
 * `stream-keys.json` and `content-keys.json` are rings of one or two keys, made on first use: add the second; half a minute later make
 * it the active one; drop the first when nothing of it is left. `stream-hosts.json` is the list of hosts, empty at first.
 */
export async function openStreamSecrets(
  home: string,
  db: PrismaClient,
  logger: Logger,
): Promise<StreamSecrets> {
  const ringFile = { home, first: firstKeyRing, parse: parseKeyRing, logger }
  const streamKeys = await openSecretFile({ ...ringFile, name: 'stream-keys.json' })
  const wrappingKeys = await openSecretFile({
    ...ringFile,
    name: 'content-keys.json',
    onChange: async () => {
      logger.info({ keys: await contentKeys.rewrap() }, 'content keys wrapped anew')
    },
  })
  const contentKeys = createContentKeys(db, wrappingKeys.current)
  const streamHosts = await openSecretFile({
    home,
    name: 'stream-hosts.json',
    first: () => '[]\n',
    parse: parseStreamHosts,
    logger,
  })
  const files = [streamKeys, wrappingKeys, streamHosts]

  return {
    ring: streamKeys.current,
    hosts: streamHosts.current,
    contentKeys,
    start() {
      for (const file of files) file.start()
    },
    async stop() {
      await Promise.all(files.map((file) => file.stop()))
    },
  }
}
