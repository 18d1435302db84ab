import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readConfig } from '#shared/config.ts'
import { exerciseGraphiql } from '../../gateway/graphiql/exercise.ts'

const PICTURES = fileURLToPath(new URL('../pictures/', import.meta.url))
const settings = readConfig(
  z.object({
    CHROMIUM: z.string().default('/usr/bin/chromium'),
    /** Set to any value to renew the pictures of the README from this run. */
    UPDATE_PICTURES: z.string().optional(),
  }),
)

/** What a developer does first, in a real browser: signs in, searches, watches a playlist live, presses play. */
export function testBrowser(address: () => string): void {
  const hasBrowser = existsSync(settings.CHROMIUM)

  test.skipIf(!hasBrowser)(
    'GraphiQL signs in, searches, shows live edits and plays, from our own files alone (needs Chromium)',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'cadenza-pictures-'))
      const pictures = await exerciseGraphiql(address(), {
        screenshotFolder: folder,
        executablePath: settings.CHROMIUM,
      })
      expect(pictures.length).toBeGreaterThan(3)
      if (settings.UPDATE_PICTURES !== undefined) {
        await mkdir(PICTURES, { recursive: true })
        for (const scheme of ['light', 'dark']) {
          const name = `graphiql-player-${scheme}.png`
          await copyFile(join(folder, name), join(PICTURES, name))
        }
      }
      await rm(folder, { recursive: true, force: true })
    },
    180_000,
  )
}
