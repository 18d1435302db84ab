import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exerciseGraphiql } from '../../gateway/graphiql/exercise.ts'
import { hasChromium, keepPicture, openBrowser } from '../testing/browser.ts'

/** What a developer does first, in a real browser: signs in, searches, watches a playlist live, presses play. */
export function testBrowser(address: () => string): void {
  test.skipIf(!hasChromium)(
    'GraphiQL signs in, searches, shows live edits and plays, from our own files alone (needs Chromium)',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'cadenza-pictures-'))
      await using browser = await openBrowser()
      const pictures = await exerciseGraphiql(browser, address(), folder)

      expect(pictures.length).toBeGreaterThan(3)
      for (const name of ['graphiql-player-light.png', 'graphiql-player-dark.png'])
        await keepPicture(name, await readFile(join(folder, name)))
      await rm(folder, { recursive: true, force: true })
    },
    180_000,
  )
}
